import { notFound } from '../../errors.ts';
import { groupBy } from '../../group-by.ts';
import type { Dialect } from '../../storage/dialect.ts';
import { all, get, type Insert, insertRows, run, type Tx } from '../../storage/storage.ts';
import type { KeyValue } from '../experiments/wire.ts';
import { storedValue } from '../metrics/latest-metric.ts';
import type { WireMetric } from '../runs/wire.ts';
import type { LoggedModel, ModelMetric } from './wire.ts';

export interface ModelRow {
  readonly model_no: number;
  readonly model_id: string;
  readonly exp_id: number;
  readonly name: string;
  readonly model_type: string;
  readonly source_run_id: string;
  readonly status: number;
  readonly status_message: string | null;
  readonly artifact_uri: string;
  readonly creation_time: number;
  readonly last_updated_time: number;
  readonly deleted: number;
}

export const modelColumns =
  'model_no, model_id, exp_id, name, model_type, source_run_id, status, status_message, artifact_uri, creation_time, last_updated_time, deleted';

export function* findModel(modelId: string): Tx<ModelRow | undefined> {
  return yield* get<ModelRow>(`select ${modelColumns} from logged_models where model_id = ?`, [modelId]);
}

export function* insertModel(row: ModelRow): Tx<void> {
  yield* run(`insert into logged_models(${modelColumns}) values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`, [
    row.model_no,
    row.model_id,
    row.exp_id,
    row.name,
    row.model_type,
    row.source_run_id,
    row.status,
    row.status_message,
    row.artifact_uri,
    row.creation_time,
    row.last_updated_time,
    row.deleted,
  ]);
}

export function* setModelStatus(modelNo: number, status: number, now: number): Tx<void> {
  yield* run('update logged_models set status = ?, last_updated_time = ? where model_no = ?', [status, now, modelNo]);
}

export function* setModelDeleted(modelNo: number, now: number): Tx<void> {
  yield* run('update logged_models set deleted = 1, last_updated_time = ? where model_no = ?', [now, modelNo]);
}

const pair = { model_no: 'bigint', key: 'text', value: 'text' } as const;
const paramRows: Insert = { table: 'logged_model_params', columns: pair, onConflict: 'on conflict do nothing' };
const tagRows: Insert = {
  table: 'logged_model_tags',
  columns: pair,
  onConflict: 'on conflict (model_no, key) do update set value = excluded.value',
};

/** Inserts params that are not there yet and returns how many were new. */
export function* insertModelParams(modelNo: number, params: readonly KeyValue[]): Tx<number> {
  return yield* insertRows(
    paramRows,
    params.map(({ key, value }) => [modelNo, key, value]),
  );
}

export function* listModelParams(modelNo: number): Tx<KeyValue[]> {
  return yield* all<KeyValue>('select key, value from logged_model_params where model_no = ? order by key', [modelNo]);
}

export function* upsertModelTags(modelNo: number, tags: readonly KeyValue[]): Tx<void> {
  const last = new Map(tags.map(({ key, value }) => [key, value]));
  yield* insertRows(
    tagRows,
    [...last].map(([key, value]) => [modelNo, key, value]),
  );
}

export function* findModelTag(modelNo: number, key: string): Tx<string | undefined> {
  const row = yield* get<KeyValue>('select value from logged_model_tags where model_no = ? and key = ?', [
    modelNo,
    key,
  ]);
  return row?.value;
}

/** False when there was no such tag. */
export function* deleteModelTag(modelNo: number, key: string): Tx<boolean> {
  return (yield* run('delete from logged_model_tags where model_no = ? and key = ?', [modelNo, key])) > 0;
}

export type RecordModelMetrics = typeof recordModelMetrics;

const metricRows: Insert = {
  table: 'logged_model_metrics',
  columns: {
    model_no: 'bigint',
    key: 'text',
    ts: 'bigint',
    step: 'bigint',
    run_id: 'text',
    value: 'double precision',
    is_nan: 'bigint',
    dataset_name: 'text',
    dataset_digest: 'text',
  },
  onConflict: 'on conflict do nothing',
};

/**
 * Adds run metrics to the logged models that they name, deleted ones too, as MLflow does. Identical points collapse.
 * RESOURCE_DOES_NOT_EXIST for a model that is not there.
 */
export function* recordModelMetrics(runId: string, metrics: readonly WireMetric[]): Tx<void> {
  const numbers = new Map<string, number>();
  const rows = [];
  for (const metric of metrics) {
    const modelId = metric.modelId!;
    if (!numbers.has(modelId)) {
      const found = yield* get<ModelRow>('select model_no from logged_models where model_id = ?', [modelId]);
      if (found === undefined) throw notFound(`Logged model with ID '${modelId}' not found.`);
      numbers.set(modelId, found.model_no);
    }
    const { value, isNan } = storedValue(metric.value);
    const modelNo = numbers.get(modelId)!;
    const dataset = [metric.datasetName ?? null, metric.datasetDigest ?? null];
    rows.push([modelNo, metric.key, metric.timestamp, metric.step ?? 0, runId, value, isNan, ...dataset]);
  }
  yield* insertRows(metricRows, rows);
}

interface MetricRow {
  readonly model_no: number;
  readonly key: string;
  readonly ts: number;
  readonly step: number;
  readonly run_id: string;
  readonly value: number;
  readonly is_nan: number;
  readonly dataset_name: string | null;
  readonly dataset_digest: string | null;
}

/** Completes rows with params, tags and metrics, in the order given. */
export function* withData(dialect: Dialect, rows: readonly ModelRow[]): Tx<LoggedModel[]> {
  if (rows.length === 0) return [];
  const numbers = rows.map((row) => row.model_no);
  const list = [dialect.list(numbers)];
  const where = `where ${dialect.isAnyOf('model_no', numbers)} order by model_no, key`;
  type PairRow = KeyValue & { model_no: number };
  const params = yield* all<PairRow>(`select model_no, key, value from logged_model_params ${where}`, list);
  const tags = yield* all<PairRow>(`select model_no, key, value from logged_model_tags ${where}`, list);
  const metrics = yield* all<MetricRow>(`select * from logged_model_metrics ${where}, ts, step, run_id`, list);
  const modelOf = (row: { model_no: number }) => row.model_no;
  const paramsOf = groupBy(params, modelOf);
  const tagsOf = groupBy(tags, modelOf);
  const metricsOf = groupBy(metrics, modelOf);
  const plain = ({ key, value }: KeyValue): KeyValue => ({ key, value });
  return rows.map((row) => ({
    modelId: row.model_id,
    experimentId: row.exp_id,
    name: row.name,
    modelType: row.model_type,
    sourceRunId: row.source_run_id,
    status: row.status,
    statusMessage: row.status_message,
    artifactUri: row.artifact_uri,
    creationTime: row.creation_time,
    lastUpdatedTime: row.last_updated_time,
    params: (paramsOf.get(row.model_no) ?? []).map(plain),
    tags: (tagsOf.get(row.model_no) ?? []).map(plain),
    metrics: (metricsOf.get(row.model_no) ?? []).map(presentedMetric),
  }));
}

const presentedMetric = (row: MetricRow): ModelMetric => ({
  key: row.key,
  value: row.is_nan === 1 ? Number.NaN : row.value,
  timestamp: row.ts,
  step: row.step,
  runId: row.run_id,
  datasetName: row.dataset_name,
  datasetDigest: row.dataset_digest,
});
