import { execFile } from 'node:child_process';
import path from 'node:path';
import type { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { pino } from 'pino';
import { afterAll, beforeAll } from 'vitest';
import { type LocalArtifactStore, localArtifactStore, modelDigest } from '../../src/artifacts/service.ts';
import type { HoldoutVersion, SubjectToEvaluate } from '../../src/evaluation/service.ts';
import { type EvaluationService, evaluationService } from '../../src/evaluation/service.ts';
import { type JobsService, jobsService } from '../../src/jobs/service.ts';
import { openStorage } from '../../src/storage/open.ts';
import type { Storage } from '../../src/storage/storage.ts';
import { type Tracking, trackingService } from '../../src/tracking/service.ts';
import { type Engine, makePlace, type Place } from './stores.ts';

type Limits = NonNullable<Parameters<typeof evaluationService>[0]['limits']>;

export interface EvaluationRoom {
  readonly place: Place;
  readonly storage: Storage;
  readonly tracking: Tracking;
  readonly jobs: JobsService;
  readonly models: LocalArtifactStore;
  readonly systemStore: LocalArtifactStore;
  readonly evaluation: EvaluationService;
}

/** The evaluation room with the rooms that it needs, on a database and in a folder of its own. */
export function withEvaluations(engine: Engine, python: () => Promise<string>, limits: Limits = {}): EvaluationRoom {
  const self = {} as { -readonly [K in keyof EvaluationRoom]: EvaluationRoom[K] };
  beforeAll(async () => {
    self.place = await makePlace(engine);
    const { dataDir, store } = self.place;
    const logger = pino({ level: 'silent' });
    const clock = Date.now;
    self.storage = await openStorage({ url: store, dataDir, durability: 'normal' }, clock);
    self.tracking = trackingService({
      storage: self.storage,
      clock,
      artifactRoot: 'mlflow-artifacts:/',
      mayDelete: function* () {},
    });
    self.jobs = jobsService({ storage: self.storage, clock, folder: path.join(dataDir, 'jobs'), logger });
    self.models = await localArtifactStore({ root: path.join(dataDir, 'artifacts') });
    self.systemStore = await localArtifactStore({ root: path.join(dataDir, 'system') });
    self.evaluation = evaluationService({ ...self, clock, logger, python: await python(), limits });
    await self.jobs.open();
    await self.evaluation.evaluations.open();
  });
  afterAll(async () => {
    await self.evaluation?.evaluations.close();
    await self.jobs?.close();
    await self.storage?.close();
    await self.place?.remove();
  });
  return self;
}

/** Uploads rows as a holdout. */
export async function aHoldout(
  { evaluation, storage }: EvaluationRoom,
  name: string,
  target: string,
  body: Readable,
  format: 'csv' | 'parquet',
): Promise<HoldoutVersion> {
  const { holdouts } = evaluation;
  const asked = { target, format, task: undefined, types: undefined, actor: 'ana' };
  const { version } = await holdouts.put(name, body, { ...asked, types: [] });
  return (await storage.read(() => holdouts.findHoldoutVersion(name, version)))!;
}

const sampleModels = fileURLToPath(new URL('../../python/tests/sample_models.py', import.meta.url));

/** Makes the sample models of the Python worker's own tests in a folder. */
export async function makeSampleModels(python: string, folder: string, names: readonly string[]): Promise<void> {
  const env = { ...process.env, PYTHONDONTWRITEBYTECODE: '1' };
  await promisify(execFile)(python, [sampleModels, folder, ...names], { env });
}

/** A logged model of this name, whose files lie in that folder of the store. */
export async function aSubject({ models }: EvaluationRoom, name: string, folder = name): Promise<SubjectToEvaluate> {
  const { digest } = await modelDigest(models, folder);
  return {
    subject: { kind: 'model', modelId: `m-${name}` },
    label: name,
    location: `mlflow-artifacts:/${folder}`,
    digest,
    sourceRunId: null,
  };
}
