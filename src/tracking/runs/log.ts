import { type AppError, invalid, notFound, shown } from '../../errors.ts';
import { checkKey, fieldAt, limits, truncate } from '../../names.ts';
import type { Keys } from '../../storage/keys.ts';
import type { Storage, Tx } from '../../storage/storage.ts';
import { type KeyValue, withValue } from '../experiments/wire.ts';
import type { RecordModelMetrics } from '../logged-models/store.ts';
import { storedValue } from '../metrics/latest-metric.ts';
import { insertPoints } from '../metrics/store.ts';
import { pythonJson } from '../python-json.ts';
import type { RunDocuments } from './documents.ts';
import type { SearchIndex } from './search-index.ts';
import * as store from './store.ts';
import type { LogBatch, WireMetric } from './wire.ts';

export const runNameTag = 'mlflow.runName';
const modelHistoryTag = 'mlflow.log-model.history';

export interface LogDeps {
  readonly storage: Storage;
  readonly keys: Keys;
  readonly documents: RunDocuments;
  readonly index: SearchIndex;
  readonly recordModelMetrics: RecordModelMetrics;
}

export type LogService = ReturnType<typeof logService>;

/** A run that may be written to: RESOURCE_DOES_NOT_EXIST when there is none, INVALID_PARAMETER_VALUE when deleted. */
export function* lockActiveRun(storage: Pick<Storage, 'dialect'>, runId: string): Tx<store.RunKey> {
  const found = yield* store.lockRun(storage.dialect, runId);
  if (found?.deleted !== 0) throw noActiveRun(runId, found !== undefined);
  return found;
}

/** Why there is no active run of this id: it is deleted, or there is none at all. */
export const noActiveRun = (runId: string, deleted: boolean): AppError =>
  deleted
    ? invalid(`The run ${runId} must be in the 'active' state: it is deleted; restore it first.`)
    : notFound(`Run with id=${runId} not found.`);

/** Everything that is logged to a run: metrics, params and tags, one by one and in batches. */
export function logService({ storage, keys, documents, index, recordModelMetrics }: LogDeps) {
  function checkMetric(metric: WireMetric, list?: string, index = 0): void {
    checkKey('metric', metric.key, list, index);
    if (metric.timestamp < 0)
      throw invalid(
        `Invalid value ${metric.timestamp} for parameter '${fieldAt(list, index, 'timestamp')}': expected milliseconds since 1970.`,
      );
  }

  function* writeMetrics(run: store.RunKey, runId: string, metrics: readonly WireMetric[]): Tx<void> {
    const points = [];
    for (const metric of metrics) {
      const { value, isNan } = storedValue(metric.value);
      const keyId = yield* keys.idOf(metric.key);
      points.push({ keyId, step: metric.step ?? 0, ts: metric.timestamp, value, isNan });
    }
    yield* insertPoints(storage.dialect, index, run, points);
    const ofModels = metrics.filter((metric) => metric.modelId !== undefined && metric.modelId !== '');
    if (ofModels.length > 0) yield* recordModelMetrics(runId, ofModels);
  }

  function* writeParams(run: store.RunKey, runId: string, params: readonly KeyValue[]): Tx<void> {
    const keyed: store.Keyed[] = [];
    for (const { key, value } of params) keyed.push([yield* keys.idOf(key), truncate(value, limits.paramValue)]);
    const inserted = yield* store.insertParams(index, run, keyed);
    if (inserted === keyed.length) return;
    const stored = yield* store.paramValues(run.run_no);
    keyed.forEach(([keyId, value], i) => {
      const old = stored.get(keyId);
      if (old !== value)
        throw invalid(
          `Changing param values is not allowed. Param with key=${shown(params[i]!.key)} was already logged with value=${shown(old)} for run ID=${shown(runId)}. Attempted logging new value ${shown(value)}.`,
        );
    });
  }

  function* writeTags(run: store.RunKey, tags: readonly KeyValue[]): Tx<void> {
    // An empty name would leave the run without one; MLflow ignores it too.
    const named = tags.filter(({ key, value }) => key !== runNameTag || value !== '');
    const last = new Map(named.map(({ key, value }) => [key, value]));
    const keyed: store.Keyed[] = [];
    for (const [key, value] of last)
      keyed.push([yield* keys.idOf(key), key === modelHistoryTag ? value : truncate(value, limits.runTagValue)]);
    yield* store.upsertTags(index, run, keyed);
    const name = last.get(runNameTag);
    if (name !== undefined) yield* store.renameRun(run.run_no, name);
  }

  return {
    /** Logs one metric value. Repeating the call changes nothing. */
    async logMetric(runId: string, metric: WireMetric): Promise<void> {
      checkMetric(metric);
      await storage.write(function* () {
        const run = yield* lockActiveRun(storage, runId);
        yield* writeMetrics(run, runId, [metric]);
        yield* documents.forget(run.run_no);
      });
    },

    /** Logs a param, once and for all: INVALID_PARAMETER_VALUE when it has another value already. */
    async logParam(runId: string, param: KeyValue): Promise<void> {
      checkKey('param', param.key);
      await storage.write(function* () {
        const run = yield* lockActiveRun(storage, runId);
        yield* writeParams(run, runId, [param]);
        yield* documents.forget(run.run_no);
      });
    },

    /** Sets a tag; `mlflow.runName` renames the run. */
    async setTag(runId: string, tag: KeyValue): Promise<void> {
      checkKey('tag', tag.key);
      await storage.write(function* () {
        const run = yield* lockActiveRun(storage, runId);
        yield* writeTags(run, [tag]);
        yield* documents.forget(run.run_no);
      });
    },

    /** Deletes a tag; RESOURCE_DOES_NOT_EXIST when the run has no such tag. */
    async deleteTag(runId: string, key: string): Promise<void> {
      await storage.write(function* () {
        const run = yield* lockActiveRun(storage, runId);
        const keyId = yield* keys.find(key);
        if (keyId === undefined || !(yield* store.deleteTag(run.run_no, keyId)))
          throw notFound(`No tag with name: ${shown(key)} in run with id ${shown(runId)}.`);
        yield* documents.forget(run.run_no);
      });
    },

    /**
     * Logs metrics, params and tags together: all of them or, on any error, none. INVALID_PARAMETER_VALUE beyond 1,000
     * metrics, 100 params, 100 tags or 1,000 in all, for a param named twice, and for a param with another value already.
     */
    async logBatch(batch: LogBatch): Promise<void> {
      checkRunId(batch.runId);
      const params = batch.params.map(withValue);
      const tags = batch.tags.map(withValue);
      for (const [i, metric] of batch.metrics.entries()) checkMetric(metric, 'metrics', i);
      for (const [i, { key }] of params.entries()) checkKey('param', key, 'params', i);
      for (const [i, { key }] of tags.entries()) checkKey('tag', key, 'tags', i);
      checkCount('metrics', batch.metrics.length, limits.batchMetrics);
      checkCount('params', params.length, limits.batchParams);
      checkCount('tags', tags.length, limits.batchTags);
      checkCount('metrics, params and tags', batch.metrics.length + params.length + tags.length, limits.batchTotal);
      const names = new Set<string>();
      for (const { key } of params) {
        if (names.has(key))
          throw invalid(`Duplicate parameter key ${shown(key)} in the batch: a param is logged once.`);
        names.add(key);
      }
      await storage.write(function* () {
        const run = yield* lockActiveRun(storage, batch.runId);
        yield* writeParams(run, batch.runId, params);
        yield* writeMetrics(run, batch.runId, batch.metrics);
        yield* writeTags(run, tags);
        yield* documents.forget(run.run_no);
      });
    },

    /**
     * Notes a model that a 2.x client logged: its description joins the list in the tag `mlflow.log-model.history`.
     * INVALID_PARAMETER_VALUE when `modelJson` is not the JSON of an MLmodel.
     */
    async logModel(runId: string, modelJson: string): Promise<void> {
      const entry = modelHistoryEntry(modelJson);
      await storage.write(function* () {
        const run = yield* lockActiveRun(storage, runId);
        const keyId = yield* keys.idOf(modelHistoryTag);
        const before = yield* store.findTag(run.run_no, keyId);
        yield* store.upsertTags(index, run, [[keyId, pythonJson([...modelHistory(before), entry])]]);
        yield* documents.forget(run.run_no);
      });
    },
  };
}

const runIdShape = /^[A-Za-z0-9][\w-]{0,255}$/;

/** INVALID_PARAMETER_VALUE unless it looks like a run id. */
export function checkRunId(runId: string): void {
  if (!runIdShape.test(runId))
    throw invalid(`Invalid run ID ${shown(runId)}: expected letters, digits, underscores and dashes, at most 256.`);
}

function checkCount(what: string, count: number, limit: number): void {
  if (count > limit) throw invalid(`A batch holds at most ${limit} ${what}, got ${count}. Send several batches.`);
}

/** The list in the tag; a client that has put something else there starts a new one. */
function modelHistory(tag: string | undefined): unknown[] {
  try {
    const history: unknown = JSON.parse(tag ?? '[]');
    return Array.isArray(history) ? history : [];
  } catch {
    return [];
  }
}

const modelFields = ['artifact_path', 'flavors', 'utc_time_created', 'run_id'];

function modelHistoryEntry(modelJson: string): Record<string, unknown> {
  let model: unknown;
  try {
    model = JSON.parse(modelJson);
  } catch {
    throw invalid(`Malformed model info. \n ${shown(modelJson)} \n is not valid JSON.`);
  }
  const fields = typeof model === 'object' && model !== null ? (model as Record<string, unknown>) : {};
  const missing = modelFields.filter((field) => !(field in fields));
  if (missing.length > 0) throw invalid(`Model json is missing mandatory fields: ${missing.join(', ')}.`);
  const flavors = fields['flavors'];
  if (typeof flavors !== 'object' || flavors === null)
    throw invalid(`Invalid value ${shown(flavors)} for 'flavors' in parameter 'model_json': expected an object.`);
  const withoutConfig = Object.fromEntries(
    Object.entries(flavors).map(([name, flavor]) => {
      if (typeof flavor !== 'object' || flavor === null) return [name, flavor];
      const { config: _config, ...rest } = flavor as Record<string, unknown>;
      return [name, rest];
    }),
  );
  return {
    run_id: fields['run_id'],
    artifact_path: fields['artifact_path'],
    utc_time_created: fields['utc_time_created'],
    model_uuid: fields['model_uuid'] ?? null,
    flavors: withoutConfig,
  };
}
