import { randomUUID } from 'node:crypto';
import { invalid, notFound, shown } from '../../errors.ts';
import { checkLength, limits, randomName } from '../../names.ts';
import { nextId } from '../../storage/ids.ts';
import type { Storage, Tx } from '../../storage/storage.ts';
import { within } from '../artifact-location.ts';
import { getActiveExperimentRow, parseExperimentId } from '../experiments/service.ts';
import { type KeyValue, withValue } from '../experiments/wire.ts';
import type { MayDelete } from '../may-delete.ts';
import { pythonJson } from '../python-json.ts';
import { searchModels } from './search.ts';
import * as store from './store.ts';
import { type CreateModel, type LoggedModel, type ModelStatus, modelStatusNumbers, type SearchModels } from './wire.ts';

const versionsTag = 'mlflow.modelVersions';
const forbiddenInNames = /[/:.%"']/;

export type LoggedModelsService = ReturnType<typeof loggedModelsService>;

/** The row of an active logged model; RESOURCE_DOES_NOT_EXIST when there is none. */
export function* getModelRow(modelId: string, allowDeleted = false): Tx<store.ModelRow> {
  const row = yield* store.findModel(modelId);
  if (row === undefined || (row.deleted === 1 && !allowDeleted))
    throw notFound(`Logged model with ID '${modelId}' not found.`);
  return row;
}

/**
 * Adds a model version to the list in the tag `mlflow.modelVersions` of the logged model it was made from.
 * Part of the registry's transaction.
 */
export function* noteModelVersion(modelId: string, name: string, version: number): Tx<void> {
  const { model_no } = yield* getModelRow(modelId);
  const before = yield* store.findModelTag(model_no, versionsTag);
  const versions = [...listIn(before), { name, version }];
  yield* store.upsertModelTags(model_no, [{ key: versionsTag, value: pythonJson(versions) }]);
}

/** The list in a tag; a client that has put something else there starts a new one. */
function listIn(tag: string | undefined): unknown[] {
  try {
    const list: unknown = JSON.parse(tag ?? '[]');
    return Array.isArray(list) ? list : [];
  } catch {
    return [];
  }
}

export interface LoggedModelsDeps {
  readonly storage: Storage;
  readonly clock: () => number;
  readonly mayDelete: MayDelete;
}

/** Logged models: models as runs (or nobody) made them, before anyone registers them. */
export function loggedModelsService({ storage, clock, mayDelete }: LoggedModelsDeps) {
  const { dialect } = storage;

  function* present(row: store.ModelRow): Tx<LoggedModel> {
    return (yield* store.withData(dialect, [row]))[0]!;
  }

  function checkPairs(what: string, pairs: readonly KeyValue[]): void {
    for (const [i, { key }] of pairs.entries())
      checkLength(`Parameter '${what}[${i}].key'`, key, limits.loggedModelKey);
  }

  function* writeParams(modelNo: number, params: readonly KeyValue[]): Tx<void> {
    if ((yield* store.insertModelParams(modelNo, params)) === params.length) return;
    const stored = new Map((yield* store.listModelParams(modelNo)).map(({ key, value }) => [key, value]));
    for (const { key, value } of params)
      if (stored.get(key) !== value)
        throw invalid(
          `Param ${shown(key)} of the logged model has the value ${shown(stored.get(key))}: params are logged once.`,
        );
  }

  return {
    /** Creates a pending logged model in an active experiment. Names need not be unique. */
    async create(input: CreateModel): Promise<LoggedModel> {
      const experimentId = parseExperimentId(input.experimentId);
      const name = input.name || randomName();
      if (forbiddenInNames.test(name))
        throw invalid(`Invalid model name ${shown(name)}: expected a name with none of / : . % " '`);
      checkLength("Parameter 'name'", name, limits.loggedModelName);
      const params = input.params.map(withValue);
      const tags = input.tags.map(withValue);
      checkPairs('params', params);
      checkPairs('tags', tags);
      const modelId = `m-${randomUUID().replaceAll('-', '')}`;
      return storage.write(function* () {
        const experiment = yield* getActiveExperimentRow(experimentId);
        const now = clock();
        const row: store.ModelRow = {
          model_no: yield* nextId('logged_model'),
          model_id: modelId,
          exp_id: experiment.exp_id,
          name,
          model_type: input.modelType ?? '',
          source_run_id: input.sourceRunId ?? '',
          status: modelStatusNumbers.LOGGED_MODEL_PENDING,
          status_message: null,
          artifact_uri: within(experiment.artifact_location, `models/${modelId}/artifacts`),
          creation_time: now,
          last_updated_time: now,
          deleted: 0,
        };
        yield* store.insertModel(row);
        yield* writeParams(row.model_no, params);
        yield* store.upsertModelTags(row.model_no, tags);
        return yield* present(row);
      });
    },

    /** RESOURCE_DOES_NOT_EXIST when there is none, or it is deleted and `allowDeleted` is not given. */
    async get(modelId: string, allowDeleted = false): Promise<LoggedModel> {
      return storage.read(function* () {
        return yield* present(yield* getModelRow(modelId, allowDeleted));
      });
    },

    /** Where the artifacts of a logged model are. RESOURCE_DOES_NOT_EXIST when there is no such model. */
    async artifactUri(modelId: string): Promise<string> {
      return storage.read(function* () {
        return (yield* getModelRow(modelId)).artifact_uri;
      });
    },

    /** Sets the status; any may follow any. */
    async setStatus(modelId: string, status: ModelStatus): Promise<LoggedModel> {
      return storage.write(function* () {
        const row = yield* getModelRow(modelId);
        yield* store.setModelStatus(row.model_no, modelStatusNumbers[status], clock());
        return yield* present(yield* getModelRow(modelId));
      });
    },

    /** Marks a logged model deleted; its artifacts stay. Once more changes nothing. Refused while an environment needs it. */
    async delete(modelId: string): Promise<void> {
      await storage.write(function* () {
        const row = yield* getModelRow(modelId, true);
        if (row.deleted === 1) return;
        yield* mayDelete({ runIds: [], modelIds: [modelId] });
        yield* store.setModelDeleted(row.model_no, clock());
      });
    },

    /** Adds params; INVALID_PARAMETER_VALUE when one is there already with another value. */
    async logParams(modelId: string, params: readonly KeyValue[]): Promise<void> {
      checkPairs('params', params);
      await storage.write(function* () {
        yield* writeParams((yield* getModelRow(modelId)).model_no, params);
      });
    },

    async setTags(modelId: string, tags: readonly KeyValue[]): Promise<void> {
      checkPairs('tags', tags);
      await storage.write(function* () {
        yield* store.upsertModelTags((yield* getModelRow(modelId)).model_no, tags);
      });
    },

    /** RESOURCE_DOES_NOT_EXIST when the model has no such tag. */
    async deleteTag(modelId: string, key: string): Promise<void> {
      await storage.write(function* () {
        const row = yield* getModelRow(modelId);
        if (!(yield* store.deleteModelTag(row.model_no, key)))
          throw notFound(`Logged model '${modelId}' has no tag ${shown(key)}.`);
      });
    },

    search: (input: SearchModels) => searchModels(storage, input),
  };
}
