import { afterAll, beforeAll } from 'vitest';
import { AppError } from '../../src/errors.ts';
import type { Lookups, SourceModel, SourceRun } from '../../src/registry/lookups.ts';
import { type Registry, registryService, ungoverned } from '../../src/registry/service.ts';
import { type AllowedSources, defaultAllowedSources } from '../../src/registry/source.ts';
import { openStorage } from '../../src/storage/open.ts';
import { get, run, type Storage, type Tx } from '../../src/storage/storage.ts';
import { type Engine, makePlace, type Place } from './stores.ts';

/** A registry on a database of its own, with a clock that only the test moves. */
export interface TestRegistry extends Registry {
  readonly storage: Storage;
  readonly place: Place;
  now: number;
  /** The same database with other sources allowed. */
  allowing(sources: AllowedSources): Registry;
  aRun(run: SourceRun): Promise<void>;
  aLoggedModel(model: SourceModel): Promise<void>;
  /** What versions the registry has noted on a logged model. */
  notedOn(modelId: string): Promise<string | undefined>;
}

export function withRegistry(engine: Engine): TestRegistry {
  const self = { now: 1_700_000_000_000 } as { -readonly [K in keyof TestRegistry]: TestRegistry[K] };
  beforeAll(async () => {
    self.place = await makePlace(engine);
    self.storage = await openStorage(
      { url: self.place.store, dataDir: self.place.dataDir, durability: 'normal' },
      () => self.now,
    );
    self.allowing = (allowedSources) =>
      registryService({ storage: self.storage, clock: () => self.now, lookups, allowedSources, governor: ungoverned });
    Object.assign(self, self.allowing(defaultAllowedSources));
  });
  afterAll(async () => {
    await self.storage?.close();
    await self.place?.remove();
  });
  self.aRun = ({ runId, artifactUri }) =>
    self.storage.write(function* () {
      yield* run(
        `insert into runs(run_no, run_id, exp_id, name, user_id, status, start_time, artifact_uri)
         values ((select count(*) + 1 from runs), ?, 1, 'a run', '', 3, 0, ?)`,
        [runId, artifactUri],
      );
    });
  self.aLoggedModel = ({ modelId, artifactUri, sourceRunId }) =>
    self.storage.write(function* () {
      yield* run(
        `insert into logged_models(model_no, model_id, exp_id, name, model_type, source_run_id, status, artifact_uri,
           creation_time, last_updated_time)
         values ((select count(*) + 1 from logged_models), ?, 1, 'a model', '', ?, 2, ?, 0, 0)`,
        [modelId, sourceRunId, artifactUri],
      );
    });
  self.notedOn = (modelId) =>
    self.storage.read(function* () {
      const sql = `select t.value from logged_model_tags t join logged_models l on l.model_no = t.model_no
        where l.model_id = ? and t.key = 'mlflow.modelVersions'`;
      return (yield* get<{ value: string }>(sql, [modelId]))?.value;
    });
  return self;
}

/** Tracking's side, as plain SQL on its tables. */
const lookups: Lookups = {
  run: (runId) =>
    get<SourceRun>('select run_id as "runId", artifact_uri as "artifactUri" from runs where run_id = ?', [runId]),
  loggedModel: (modelId) =>
    get<SourceModel>(
      `select model_id as "modelId", artifact_uri as "artifactUri", source_run_id as "sourceRunId"
       from logged_models where model_id = ? and deleted = 0`,
      [modelId],
    ),
  *addModelVersionToLoggedModel(modelId, name, version): Tx<void> {
    yield* run(
      `insert into logged_model_tags(model_no, key, value)
       select model_no, 'mlflow.modelVersions', ? from logged_models where model_id = ?
       on conflict (model_no, key) do update set value = logged_model_tags.value || ',' || excluded.value`,
      [`${name}/${version}`, modelId],
    );
  },
};

/** The code of the AppError that a promise is rejected with; 'none' when it is fulfilled. */
export async function codeOf(promise: Promise<unknown>): Promise<string> {
  try {
    await promise;
  } catch (error) {
    if (error instanceof AppError) return error.code;
    throw error;
  }
  return 'none';
}

/** What a version is created from when the test does not care. */
export const aSource = {
  source: 's3://bucket/model',
  runId: undefined,
  modelId: undefined,
  runLink: undefined,
  description: undefined,
  tags: [],
  ownHost: undefined,
};
