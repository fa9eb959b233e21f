import { decodePageToken } from '../http/page-token.ts';
import type { Comparison, Filter } from '../search/filter.ts';
import { after, canEnd, type OrderTerm } from '../search/keyset.ts';
import type { OrderKey } from '../search/order-by.ts';
import { takePromptClause } from '../search/prompt-clause.ts';
import { compareColumn, conjuncts, join, type Sql, sql, whereOf } from '../search/where.ts';
import type { Dialect } from '../storage/dialect.ts';

/** What the two searches of the registry differ in. */
interface Entity {
  readonly columns: ReadonlyMap<string, string>;
  /** Where the tags are, and what ties them to a row. */
  readonly tags: string;
  /** The order where none is asked for, and what makes any order total. */
  readonly defaultOrder: readonly OrderKey[];
  readonly tieBreak: readonly OrderKey[];
}

const item = (key: string, ascending: boolean): OrderKey => ({ entity: 'attribute', key, ascending });

export const registeredModels: Entity = {
  columns: new Map([
    ['name', 'm.name'],
    ['last_updated_timestamp', 'm.last_updated_time'],
  ]),
  tags: 'registered_model_tags t where t.rm_no = m.rm_no',
  defaultOrder: [],
  tieBreak: [item('name', true)],
};

export const modelVersions: Entity = {
  columns: new Map([
    ['name', 'm.name'],
    ['run_id', 'v.run_id'],
    ['source_path', 'v.source'],
    ['version_number', 'v.version'],
    ['creation_timestamp', 'v.creation_time'],
    ['last_updated_timestamp', 'v.last_updated_time'],
  ]),
  tags: 'model_version_tags t where t.version_no = v.version_no',
  defaultOrder: [item('last_updated_timestamp', false)],
  tieBreak: [item('name', true), item('version_number', false)],
};

const promptTag: Comparison = {
  kind: 'compare',
  entity: 'tag',
  key: 'mlflow.prompt.is_prompt',
  comparator: '=',
  value: 'true',
};

/** The where-clause of a parsed filter. Prompts, which share the tables, are shown only to a filter that asks for them. */
export function registryWhere(dialect: Dialect, entity: Entity, filter: Filter | undefined): Sql {
  const { prompts, rest } = takePromptClause(filter);
  const compare = (comparison: Comparison): Sql => {
    if (comparison.entity === 'tag') return compareTag(dialect, entity, comparison);
    return compareColumn(dialect, columnOf(entity, comparison.key), comparison);
  };
  const isPrompt = compareTag(dialect, entity, promptTag);
  return join([whereOf(rest, compare), prompts ? isPrompt : sql(`not ${isPrompt.text}`, ...isPrompt.params)], 'and');
}

/** Whether a filter by itself leaves only a few rows, those of a few models or runs. */
export const isNarrow = (filter: Filter | undefined): boolean =>
  conjuncts(filter).some(
    (term) =>
      term.kind === 'compare' &&
      (term.key === 'name' || term.key === 'run_id') &&
      term.entity === 'attribute' &&
      (term.comparator === '=' || term.comparator === 'IN'),
  );

/** Also `!=` speaks only of rows that carry the tag. */
function compareTag(dialect: Dialect, entity: Entity, comparison: Comparison): Sql {
  const value = compareColumn(dialect, 't.value', comparison);
  return sql(`exists (select 1 from ${entity.tags} and t.key = ? and ${value.text})`, comparison.key, ...value.params);
}

function columnOf(entity: Entity, key: string): string {
  const column = entity.columns.get(key);
  if (column === undefined) throw new Error(`The grammar admits the attribute '${key}', which has no column.`);
  return column;
}

export interface RegistryOrder {
  readonly terms: readonly OrderTerm[];
  /** The attribute behind each term. */
  readonly keys: readonly string[];
}

/** The total order that `items` ask for. */
export function registryOrder(entity: Entity, items: readonly OrderKey[]): RegistryOrder {
  const terms = new Map<string, { term: OrderTerm; key: string }>();
  for (const { key, ascending } of [...(items.length === 0 ? entity.defaultOrder : items), ...entity.tieBreak]) {
    const expression = columnOf(entity, key);
    if (!terms.has(expression))
      terms.set(expression, { term: { expression, ascending, holds: key === 'name' ? 'text' : 'integer' }, key });
  }
  const all = [...terms.values()];
  return { terms: all.map(({ term }) => term), keys: all.map(({ key }) => key) };
}

/**
 * Narrows `where` to what comes after the page that gave out `token`. Throws INVALID_PARAMETER_VALUE for a token of
 * another question or a made-up one.
 */
export function pageAfter(where: Sql, order: RegistryOrder, token: string | undefined, question: unknown): Sql {
  const position = decodePageToken(token, question, (end) => canEnd(order.terms, end));
  if (position === undefined) return where;
  return join([where, after(order.terms, position)], 'and');
}
