import { invalid } from '../../errors.ts';
import { decodePageToken, encodePageToken } from '../../http/page-token.ts';
import { type Comparison, parseFilter } from '../../search/filter.ts';
import { loggedModelGrammar } from '../../search/grammar.ts';
import { after, canEnd, nullsLast, type OrderTerm, orderBy } from '../../search/keyset.ts';
import { parseOrderField } from '../../search/order-by.ts';
import { compareColumn, join, type Sql, sql, whereOf } from '../../search/where.ts';
import type { Dialect } from '../../storage/dialect.ts';
import { all, type Storage } from '../../storage/storage.ts';
import { parseExperimentId } from '../experiments/service.ts';
import * as store from './store.ts';
import { type LoggedModel, modelStatusNumbers, type SearchModels } from './wire.ts';

const defaultPage = 50;
const maxPage = 50_000;

type DatasetFilter = SearchModels['datasets'][number];
type Page = { models: LoggedModel[]; nextPageToken: string | undefined };

const columns: Record<string, string> = {
  experiment_id: 'exp_id',
  artifact_location: 'artifact_uri',
  creation_timestamp: 'creation_time',
  last_updated_timestamp: 'last_updated_time',
};
const integers = new Set(['experiment_id', 'status', 'creation_timestamp', 'last_updated_timestamp']);
const columnOf = (key: string) => `m.${columns[key] ?? key}`;

/**
 * One page of the active logged models of some experiments. A metric in the filter means any of the model's points, in
 * `datasets` if such are given; a data set without digest is matched by name. INVALID_PARAMETER_VALUE for a bad filter,
 * order or token.
 */
export async function searchModels(storage: Storage, input: SearchModels): Promise<Page> {
  const { dialect } = storage;
  const asked = input.maxResults === 0 ? 100 : (input.maxResults ?? defaultPage);
  if (asked < 0) throw invalid(`Invalid value ${asked} for parameter 'max_results': expected at least 1.`);
  const limit = Math.min(asked, maxPage);
  const experiments = input.experimentIds.map(parseExperimentId);
  const filter = parseFilter(input.filter, loggedModelGrammar);
  const question = ['logged-models', input.experimentIds, input.filter, input.datasets, input.orderBy];

  const selected: Sql[] = [];
  const terms: OrderTerm[] = [];
  input.orderBy.forEach((order, i) => {
    const key = parseOrderField(order.fieldName, loggedModelGrammar);
    const name = `o${i}`;
    selected.push(
      key.entity === 'metric'
        ? latestMetric(
            key.key,
            order.datasetName === undefined ? [] : [{ ...order, datasetName: order.datasetName }],
            name,
          )
        : sql(`${columnOf(key.key)} as ${name}`),
    );
    terms.push(nullsLast(`q.${name}`), {
      expression: `q.${name}`,
      ascending: order.ascending ?? true,
      holds: key.entity === 'metric' ? 'real' : integers.has(key.key) ? 'integer' : 'text',
    });
  });
  terms.push(
    { expression: 'q.creation_time', ascending: false, holds: 'integer' },
    { expression: 'q.model_id', ascending: true, holds: 'text' },
  );
  const position = decodePageToken(input.pageToken, question, (end) => canEnd(terms, end));

  const where = join(
    [
      sql(dialect.isAnyOf('m.exp_id', experiments), dialect.list(experiments)),
      sql('m.deleted = 0'),
      whereOf(filter, (comparison) => compare(dialect, comparison, input.datasets)),
      ...(input.datasets.length > 0 ? [anyMetricOn(input.datasets)] : []),
    ],
    'and',
  );
  const beyond = position === undefined ? sql('1 = 1') : after(terms, position);
  const list = ['m.*', ...selected.map((piece) => piece.text)].join(', ');
  const ends = terms.map((term, i) => `${term.expression} as t${i}`).join(', ');
  const text = `select q.*, ${ends} from (select ${list} from logged_models m where ${where.text}) q
    where ${beyond.text} order by ${orderBy(terms)} limit ?`;
  const params = [...selected.flatMap((piece) => piece.params), ...where.params, ...beyond.params, limit + 1];

  const body = function* () {
    const rows = yield* all<store.ModelRow & Record<string, string | number | null>>(text, params);
    const page = rows.slice(0, limit);
    const last = page.at(-1);
    const more = rows.length > limit && last !== undefined;
    const end = terms.map((_, i) => last?.[`t${i}`] ?? null);
    return {
      models: yield* store.withData(dialect, page),
      nextPageToken: more ? encodePageToken(end, question) : undefined,
    };
  };
  // Every model of the experiments may have to be looked at.
  return storage.read(body, { long: true });
}

function onDatasets(datasets: readonly DatasetFilter[]): Sql {
  if (datasets.length === 0) return sql('1 = 1');
  return join(
    datasets.map(({ datasetName, datasetDigest }) =>
      datasetDigest === undefined
        ? sql('x.dataset_name = ?', datasetName)
        : sql('(x.dataset_name = ? and x.dataset_digest = ?)', datasetName, datasetDigest),
    ),
    'or',
  );
}

function anyMetricOn(datasets: readonly DatasetFilter[]): Sql {
  const on = onDatasets(datasets);
  return sql(
    `exists (select 1 from logged_model_metrics x where x.model_no = m.model_no and ${on.text})`,
    ...on.params,
  );
}

function latestMetric(key: string, datasets: readonly DatasetFilter[], name: string): Sql {
  const on = onDatasets(datasets);
  return sql(
    `(select case when x.is_nan = 1 then null else x.value end from logged_model_metrics x
      where x.model_no = m.model_no and x.key = ? and ${on.text} order by x.ts desc, x.step desc limit 1) as ${name}`,
    key,
    ...on.params,
  );
}

function compare(dialect: Dialect, comparison: Comparison, datasets: readonly DatasetFilter[]): Sql {
  const { entity, key } = comparison;
  switch (entity) {
    case 'attribute':
      return compareColumn(dialect, columnOf(key), key === 'status' ? byStatusNumber(comparison) : comparison);
    case 'metric': {
      const on = onDatasets(datasets);
      const value = compareColumn(dialect, 'x.value', comparison);
      const holds =
        comparison.comparator === '!=' ? `(x.is_nan = 1 or ${value.text})` : `x.is_nan = 0 and ${value.text}`;
      return sql(
        `exists (select 1 from logged_model_metrics x where x.model_no = m.model_no and x.key = ? and ${holds} and ${on.text})`,
        key,
        ...value.params,
        ...on.params,
      );
    }
    default: {
      const value = compareColumn(dialect, 'x.value', comparison);
      const table = entity === 'param' ? 'logged_model_params' : 'logged_model_tags';
      return sql(
        `exists (select 1 from ${table} x where x.model_no = m.model_no and x.key = ? and ${value.text})`,
        key,
        ...value.params,
      );
    }
  }
}

function byStatusNumber(comparison: Comparison): Comparison {
  const number = (name: unknown) => modelStatusNumbers[name as keyof typeof modelStatusNumbers] ?? -1;
  const { value } = comparison;
  return { ...comparison, value: Array.isArray(value) ? value.map(number) : number(value) };
}
