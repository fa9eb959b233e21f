import type { Comparison, Filter } from '../../search/filter.ts';
import { after, nullsLast, type OrderTerm, orderBy, type Position } from '../../search/keyset.ts';
import { compareColumn, conjuncts, join, type Sql, sql, whereOf } from '../../search/where.ts';
import type { Dialect } from '../../storage/dialect.ts';

/**
 * How a search over the runs of ONE experiment in ONE lifecycle stage becomes SQL. Everything here is pure: text in,
 * text out. The driving table is chosen here and never left to the planner:
 *  - a rare equality (`driver`) is followed from its index, and the few rows are sorted; otherwise
 *  - the index of the first order key is walked, testing every other condition by primary key, until the page is full.
 */
export interface RunQuestion {
  readonly dialect: Dialect;
  readonly filter: Filter | undefined;
  readonly order: readonly OrderKey[];
  /** The ids of keys that occur in filter and order; a key that was never logged is missing. */
  readonly keyIds: ReadonlyMap<string, number>;
}

/** An order key as `parseOrderBy` gives it. */
export interface OrderKey {
  readonly entity: string;
  readonly key: string;
  readonly ascending: boolean;
}

const columns: Record<string, string> = { run_name: 'name' };
const columnOf = (key: string) => `r.${columns[key] ?? key}`;
/** Stands for the id of a key that was never logged. */
export const neverLogged = -1;

const statusText =
  "case r.status when 1 then 'RUNNING' when 2 then 'SCHEDULED' when 3 then 'FINISHED' when 4 then 'FAILED' else 'KILLED' end";

const tables: Record<string, string> = { metric: 'latest_metrics', param: 'params', tag: 'tags' };

/** The condition that one comparison puts on a run `r`, whose number is in `runNo` too. */
export function compareRun({ dialect, keyIds }: RunQuestion, comparison: Comparison, runNo = 'r.run_no'): Sql {
  const { entity, key, comparator } = comparison;
  switch (entity) {
    case 'attribute':
      return compareColumn(dialect, key === 'status' ? statusText : columnOf(key), comparison);
    case 'dataset':
      return compareDataset(dialect, comparison, runNo);
    default: {
      const keyId = keyIds.get(key) ?? neverLogged;
      const row = `select 1 from ${tables[entity]} x where x.run_no = ${runNo} and x.key_id = ?`;
      if (comparator === 'IS NULL') return sql(`not exists (${row})`, keyId);
      if (comparator === 'IS NOT NULL') return sql(dialect.tested(`exists (${row})`), keyId);
      const value =
        entity === 'metric' ? compareMetric(dialect, 'x', comparison) : compareColumn(dialect, 'x.value', comparison);
      return sql(dialect.tested(`exists (${row} and ${value.text})`), keyId, ...value.params);
    }
  }
}

/** A NaN is unequal to everything and neither smaller nor larger than anything. */
function compareMetric(dialect: Dialect, alias: string, comparison: Comparison): Sql {
  const value = compareColumn(dialect, `${alias}.value`, comparison);
  return comparison.comparator === '!='
    ? sql(`(${alias}.is_nan = 1 or ${value.text})`, ...value.params)
    : sql(`${alias}.is_nan = 0 and ${value.text}`, ...value.params);
}

function compareDataset(dialect: Dialect, comparison: Comparison, runNo: string): Sql {
  const input = 'select 1 from run_datasets rd join datasets d on d.dataset_no = rd.dataset_no';
  if (comparison.key === 'context') {
    const value = compareColumn(dialect, 't.value', comparison);
    return sql(
      `exists (select 1 from run_dataset_tags t where t.run_no = ${runNo} and t.key = 'mlflow.data.context' and ${value.text})`,
      ...value.params,
    );
  }
  const value = compareColumn(dialect, `d.${comparison.key}`, comparison);
  return sql(`exists (${input} where rd.run_no = ${runNo} and ${value.text})`, ...value.params);
}

/** The order as terms over `r` and one joined row `o0`, `o1`, … per metric, param or tag key. */
export function orderTerms(question: RunQuestion): { terms: OrderTerm[]; joins: Sql } {
  const terms: OrderTerm[] = [];
  const joins: Sql[] = [];
  question.order.forEach(({ entity, key, ascending }, i) => {
    if (entity === 'attribute') {
      const expression = key === 'status' ? statusText : columnOf(key);
      if (key === 'end_time') terms.push(nullsLast(expression));
      terms.push({ expression, ascending, holds: key.endsWith('_time') ? 'integer' : 'text' });
      return;
    }
    const alias = `o${i}`;
    joins.push(
      sql(
        `left join ${tables[entity]} ${alias} on ${alias}.run_no = r.run_no and ${alias}.key_id = ?`,
        question.keyIds.get(key) ?? neverLogged,
      ),
    );
    // A value, then NaN, then missing, in both directions.
    const rank =
      entity === 'metric' ? `coalesce(${alias}.is_nan, 2)` : `case when ${alias}.run_no is null then 1 else 0 end`;
    terms.push(
      { expression: rank, ascending: true, holds: 'integer' },
      { expression: `${alias}.value`, ascending, holds: entity === 'metric' ? 'real' : 'text' },
    );
  });
  const attributes = new Set(question.order.flatMap(({ entity, key }) => (entity === 'attribute' ? [key] : [])));
  if (!attributes.has('start_time')) terms.push({ expression: 'r.start_time', ascending: false, holds: 'integer' });
  if (!attributes.has('run_id')) terms.push({ expression: 'r.run_id', ascending: true, holds: 'text' });
  return { terms, joins: { text: joins.map((j) => j.text).join(' '), params: joins.flatMap((j) => j.params) } };
}

/** A table whose index leads straight to the few runs that an AND-ed comparison admits. */
export interface Driver {
  readonly table: string;
  /** Over the alias `d`, to be completed with the experiment. */
  readonly where: Sql;
}

/**
 * The comparisons that could drive the search, to be probed for how many rows they admit. Not one on the metric that the
 * order begins with: `walks` goes through just its rows, in order and only until the page is full.
 */
export function possibleDrivers({ dialect, filter, order, keyIds }: RunQuestion): Driver[] {
  return conjuncts(filter).flatMap((term): Driver[] => {
    if (term.kind !== 'compare') return [];
    const { entity, key, comparator, value } = term;
    if (entity === 'metric' && comparator !== '!=') {
      if (order[0]?.entity === 'metric' && order[0].key === key) return [];
      const bound = compareColumn(dialect, 'd.value', term);
      return [
        {
          table: 'latest_metrics',
          where: sql(
            `d.key_id = ? and d.is_nan = 0 and ${bound.text}`,
            keyIds.get(key) ?? neverLogged,
            ...bound.params,
          ),
        },
      ];
    }
    if ((entity === 'param' || entity === 'tag') && comparator === '=') {
      const indexed = `${dialect.indexable('d.value')} = ${dialect.indexable('?')}`;
      return [
        {
          table: tables[entity]!,
          where: sql(`d.key_id = ? and ${indexed} and d.value = ?`, keyIds.get(key) ?? neverLogged, value, value),
        },
      ];
    }
    return [];
  });
}

/** True when the filter names the runs themselves, so that nothing has to be walked. */
export function namesRuns(filter: Filter | undefined): Comparison | undefined {
  return conjuncts(filter).find(
    (term): term is Comparison =>
      term.kind === 'compare' &&
      term.entity === 'attribute' &&
      term.key === 'run_id' &&
      (term.comparator === '=' || term.comparator === 'IN'),
  );
}

export interface Part {
  readonly expId: number;
  readonly deleted: 0 | 1;
}

function selectList(terms: readonly OrderTerm[]): string {
  return ['r.run_no', ...terms.map((term) => term.expression)].join(', ');
}

function finish(
  question: RunQuestion,
  from: Sql,
  where: readonly Sql[],
  position: Position | undefined,
  limit: number,
): Sql {
  const { terms, joins } = orderTerms(question);
  const beyond = position === undefined ? [] : [after(terms, position)];
  const condition = join([...where, ...beyond], 'and');
  return {
    text: `select ${selectList(terms)} from ${from.text} ${joins.text} where ${condition.text} order by ${orderBy(terms)} limit ?`,
    params: [...from.params, ...joins.params, ...condition.params, limit],
  };
}

const inPart = ({ expId, deleted }: Part) => sql('r.exp_id = ? and r.deleted = ?', expId, deleted);

/** Follows `driver` and sorts what it finds. */
export function driven(
  question: RunQuestion,
  part: Part,
  driver: Driver,
  position: Position | undefined,
  limit: number,
): Sql {
  const rest = whereOf(question.filter, (comparison) => compareRun(question, comparison, 'd.run_no'));
  const { dialect } = question;
  const from = sql(`${driver.table} d ${dialect.forcedJoin} runs r on r.run_no = d.run_no`);
  const where = [
    sql(`d.indexed = 1 and d.exp_id = ? and ${driver.where.text}`, part.expId, ...driver.where.params),
    inPart(part),
    sql(dialect.charged('d.run_no')),
    rest,
  ];
  return finish(question, from, where, position, limit);
}

/**
 * Goes through the runs themselves, in order where they are asked for by start time. With `among` a run is first looked up
 * in the set of those that this condition admits, which is made once: many times cheaper than testing the filter on it.
 */
export function walkedThrough(
  question: RunQuestion,
  part: Part,
  among: Driver | undefined,
  position: Position | undefined,
  limit: number,
): Sql {
  const rest = whereOf(question.filter, (comparison) => compareRun(question, comparison));
  const where = [inPart(part), ...looks(question, part, 'r.run_no', among), rest];
  return finish(question, sql('runs r'), where, position, limit);
}

/** What a walk asks of every run before anything else. */
function looks({ dialect }: RunQuestion, part: Part, runNo: string, among: Driver | undefined): Sql[] {
  if (among === undefined) return [sql(dialect.charged(runNo))];
  const { table, where } = among;
  // The sign keeps the engine from following the set instead.
  const member = `+${runNo} in (select d.run_no from ${table} d where d.indexed = 1 and d.exp_id = ? and ${where.text})`;
  return [sql(dialect.charged(runNo, 'some')), sql(member, part.expId, ...where.params)];
}

/**
 * The equalities on params and tags, asked of their search index: there all runs with one value lie on a few pages, while
 * the rows of runs that follow one another in the order of a metric lie all over the table.
 */
function probes(question: RunQuestion, part: Part, runNo: string): Sql[] {
  const { dialect } = question;
  return possibleDrivers(question).flatMap(({ table, where }) => {
    const through = dialect.through(`${table}_search`);
    if (table === tables['metric'] || through === undefined) return [];
    const row = `select 1 from ${table} d ${through} where d.indexed = 1 and d.exp_id = ? and ${where.text}`;
    return [sql(dialect.tested(`exists (${row} and d.run_no = ${runNo})`), part.expId, ...where.params)];
  });
}

/** As `walkedThrough`, from the run behind the first `skip` ones: for a reader who jumps into the middle. */
export function skipping(question: RunQuestion, part: Part, skip: number, limit: number): Sql {
  const { text, params } = walkedThrough(question, part, undefined, undefined, limit);
  return sql(`${text} offset ?`, ...params, skip);
}

/** How many runs the filter admits, as `n`. */
export function counted(question: RunQuestion, part: Part): Sql {
  const where = admitted(question, part);
  return sql(`select count(*) as n from runs r where ${where.text}`, ...where.params);
}

/** The condition on a run `r` that it is in the part and that the filter admits it. */
export function admitted(question: RunQuestion, part: Part): Sql {
  return join([inPart(part), whereOf(question.filter, (comparison) => compareRun(question, comparison))], 'and');
}

/**
 * Walks the index of the first order key when that is a metric. Its values, its NaNs and the runs without it are
 * separate stretches, walked one after the other until the page is full; `undefined` when there is no such index.
 * `among` is as in `walkedThrough`.
 */
export function walks(
  question: RunQuestion,
  part: Part,
  among: Driver | undefined,
  position: Position | undefined,
): ((limit: number) => Sql)[] | undefined {
  const [first] = question.order;
  const keyId = first === undefined ? undefined : question.keyIds.get(first.key);
  if (first?.entity !== 'metric' || keyId === undefined) return undefined;

  const { dialect } = question;
  const { terms, joins } = orderTerms(question);
  const [firstJoinKey, ...otherJoinParams] = joins.params;
  const firstJoin = 'left join latest_metrics o0 on o0.run_no = r.run_no and o0.key_id = ?';
  const otherJoins = joins.text.slice(firstJoin.length);
  const onKey = (comparison: Comparison) => comparison.entity === 'metric' && comparison.key === first.key;
  const required = conjuncts(question.filter);
  const bounds = required.filter((term): term is Comparison => term.kind === 'compare' && onKey(term));
  const rest = required.filter((term) => !(term.kind === 'compare' && onKey(term)));
  const restWhere = (runNo: string) =>
    join(
      rest.map((term) => whereOf(term, (comparison) => compareRun(question, comparison, runNo))),
      'and',
    );
  const rank = position?.[0] ?? 0;
  const stretch = (isNan: 0 | 1) => (limit: number) => {
    const from = sql(
      `latest_metrics o0 ${dialect.forcedJoin} runs r on r.run_no = o0.run_no ${otherJoins}`,
      ...otherJoinParams,
    );
    // The rank is the same all along the stretch, so the position begins with the value.
    const inside = rank === isNan && position !== undefined ? [after(terms.slice(1), position.slice(1))] : [];
    const where = join(
      [
        sql('o0.indexed = 1 and o0.exp_id = ? and o0.key_id = ? and o0.is_nan = ?', part.expId, firstJoinKey, isNan),
        ...looks(question, part, 'o0.run_no', among),
        ...(among === undefined ? probes(question, part, 'o0.run_no') : []),
        ...bounds.map((bound) => compareMetric(dialect, 'o0', bound)),
        sql('r.deleted = ?', part.deleted),
        restWhere('o0.run_no'),
        ...inside,
      ],
      'and',
    );
    return {
      text: `select ${selectList(terms)} from ${from.text} where ${where.text} order by ${orderBy(terms.slice(1))} limit ?`,
      params: [...from.params, ...where.params, limit],
    };
  };
  const missing = (limit: number) => {
    const without = sql(
      'not exists (select 1 from latest_metrics n where n.run_no = r.run_no and n.key_id = ? and n.indexed = 1)',
      keyId,
    );
    const inside = rank === 2 && position !== undefined ? [after(terms.slice(2), position.slice(2))] : [];
    const where = join(
      [inPart(part), ...looks(question, part, 'r.run_no', among), without, restWhere('r.run_no'), ...inside],
      'and',
    );
    return {
      // A value that came in after the index was asked for is missing in both stretches, so here it does not count.
      text: `select ${selectList(terms)} from runs r ${firstJoin} and o0.indexed = 1 ${otherJoins} where ${where.text} order by ${orderBy(terms.slice(2))} limit ?`,
      params: [...joins.params, ...where.params, limit],
    };
  };
  const all = [stretch(0), ...(bounds.every((bound) => bound.comparator === '!=') ? [stretch(1)] : [])];
  if (bounds.length === 0) all.push(missing);
  return all.slice(Math.min(Number(rank), all.length));
}

/** Whether a walk finds the runs in the order that is asked for, and so may end with a full page. */
export const walksInOrder = ({ order, keyIds }: RunQuestion) =>
  followsStartTime(order) || (order[0]?.entity === 'metric' && keyIds.has(order[0].key));

/** Whether the question is answered from the search indexes and not from the tables alone. */
export const asksIndexes = (question: RunQuestion) =>
  namesRuns(question.filter) === undefined &&
  (question.order[0]?.entity === 'metric' || possibleDrivers(question).length > 0);

/** True when the order needs no sort beyond the index on start time. */
export const followsStartTime = (order: readonly OrderKey[]) =>
  order.length === 0 || (order[0]!.entity === 'attribute' && order[0]!.key === 'start_time');
