import { execFile } from 'node:child_process';
import path from 'node:path';
import type { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { pino } from 'pino';
import { type LocalArtifactStore, localArtifactStore, modelDigest } from '../../src/artifacts/service.ts';
import { notFound } from '../../src/errors.ts';
import {
  type EvaluationService,
  evaluationService,
  type HoldoutVersion,
  type SubjectToEvaluate,
} from '../../src/evaluation/service.ts';
import { type JobsService, jobsService } from '../../src/jobs/service.ts';
import { registryPieces } from '../../src/registry/service.ts';
import { openStorage } from '../../src/storage/open.ts';
import type { Storage } from '../../src/storage/storage.ts';
import { type Tracking, trackingService } from '../../src/tracking/service.ts';
import type { Place } from './stores.ts';

export type Limits = NonNullable<Parameters<typeof evaluationService>[0]['limits']>;

export interface EvaluationRoom {
  readonly storage: Storage;
  readonly tracking: Tracking;
  readonly jobs: JobsService;
  readonly models: LocalArtifactStore;
  readonly systemStore: LocalArtifactStore;
  readonly evaluation: EvaluationService;
  close(): Promise<void>;
}

/** The evaluation room with the rooms that it needs; it alone sees the storage as `seen` makes it. */
export async function openEvaluations(
  { dataDir, store }: Omit<Place, 'remove'>,
  python: string,
  limits: Limits,
  seen: (storage: Storage) => Storage = (storage) => storage,
): Promise<EvaluationRoom> {
  const logger = pino({ level: 'silent' });
  const clock = Date.now;
  const storage = await openStorage({ url: store, dataDir, durability: 'normal' }, clock);
  const tracking = trackingService({
    storage,
    clock,
    artifactRoot: 'mlflow-artifacts:/',
    mayDelete: function* () {},
  });
  const jobs = jobsService({ storage, clock, folder: path.join(dataDir, 'jobs'), logger });
  const models = await localArtifactStore({ root: path.join(dataDir, 'artifacts') });
  const systemStore = await localArtifactStore({ root: path.join(dataDir, 'system') });
  const evaluation = evaluationService({
    ...{ storage: seen(storage), clock, logger, jobs, tracking, models, systemStore, limits, python },
    findVersion: registryPieces.findVersion,
    modelNamed: async () => {
      throw notFound('There is no such model.');
    },
  });
  await jobs.open();
  await evaluation.evaluations.open();
  return {
    ...{ storage, tracking, jobs, models, systemStore, evaluation },
    async close() {
      await evaluation.evaluations.close();
      await jobs.close();
      await storage.close();
    },
  };
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
