import type { FastifyBaseLogger } from 'fastify';
import type { ArtifactStore, LocalArtifactStore } from '../../artifacts/service.ts';
import { notFound, shown } from '../../errors.ts';
import type { JobsService } from '../../jobs/service.ts';
import type { RegistryPieces } from '../../registry/service.ts';
import type { Storage } from '../../storage/storage.ts';
import type { Tracking } from '../../tracking/service.ts';
import { comparisonsService } from '../comparisons/service.ts';
import type { HoldoutsService } from '../holdouts/service.ts';
import type { Evaluation, NamedModel, Subject, SubjectToEvaluate } from './evaluation.ts';
import { measure } from './measure.ts';
import { evaluationQueue } from './queue.ts';
import { runRecord } from './run-record.ts';
import { settling } from './settling.ts';
import type { EvaluationFilter } from './store.ts';
import { defaultLimits, evaluationWaves, type WaveLimits } from './wave.ts';

export interface EvaluationsOptions {
  /** The model that a caller names, with the digest of its files. */
  readonly modelNamed: (named: NamedModel) => Promise<SubjectToEvaluate>;
  readonly findVersion: RegistryPieces['findVersion'];
  readonly storage: Storage;
  readonly clock: () => number;
  readonly logger: Pick<FastifyBaseLogger, 'warn' | 'error'>;
  readonly jobs: JobsService;
  readonly tracking: Pick<Tracking, 'experiments' | 'runs' | 'log'>;
  readonly holdouts: Pick<HoldoutsService, 'findHoldoutVersion'>;
  /** Where models lie: the artifacts that clients store. */
  readonly models: ArtifactStore;
  readonly systemStore: LocalArtifactStore;
  /** The Python that has mlflow. */
  readonly python: string;
  readonly limits?: Partial<WaveLimits>;
}

export interface ListedEvaluations extends Omit<EvaluationFilter, 'subjects'> {
  readonly model?: Exclude<NamedModel, { runId: string }> | undefined;
}

export interface PostedEvaluation {
  readonly model: NamedModel;
  readonly holdout: { readonly name: string; readonly version: number };
  /** Finite figures by name. */
  readonly metrics: ReadonlyMap<string, number>;
  readonly actor: string;
}

export type EvaluationsService = ReturnType<typeof evaluationsService>;

/** Evaluations: what models score on holdouts, made once and kept. */
export function evaluationsService(options: EvaluationsOptions) {
  const { storage, clock, logger, jobs, python, holdouts } = options;
  const queue = evaluationQueue({ storage, clock, onPending: () => waves.kick() });
  const { settled, onSettled, announce, endWaits } = settling(queue.countUnsettled, !storage.exclusive);
  const record = runRecord({ tracking: options.tracking, clock, logger });
  const waves = evaluationWaves({
    queue,
    jobs,
    python,
    limits: { ...defaultLimits, ...options.limits },
    record,
    measure: (claimed, worker) => measure(claimed, worker, options),
    onSettled: announce,
    logger,
  });

  const comparisons = comparisonsService({ ...options, getEvaluation: queue.getEvaluation });

  /** A version, and the logged model that it was made from. */
  async function subjectsOf(model: Exclude<NamedModel, { runId: string }>): Promise<Subject[]> {
    if ('modelId' in model) return [{ kind: 'model', modelId: model.modelId }];
    const { name, version } = model;
    const row = await storage.read(() => options.findVersion(name, version));
    if (row === undefined) throw notFound(`There is no version ${version} of the registered model ${shown(name)}.`);
    const { versionNo, modelId } = row;
    return [{ kind: 'version', versionNo }, ...(modelId === null ? [] : [{ kind: 'model', modelId } as const])];
  }

  jobs.onLost(waves.forsake);

  return {
    findEvaluations: queue.findEvaluations,
    get: queue.get,
    request: queue.request,
    retry: queue.retry,

    /** Newest first. RESOURCE_DOES_NOT_EXIST where an unknown version is named. */
    async list({ model, ...filter }: ListedEvaluations): Promise<Evaluation[]> {
      const subjects = model === undefined ? undefined : await subjectsOf(model);
      return queue.list({ ...filter, subjects });
    },

    /**
     * Takes in what a model scored elsewhere, with who says so. RESOURCE_DOES_NOT_EXIST for a model, run or holdout that
     * is not there, INVALID_PARAMETER_VALUE for a run without a model of its own.
     */
    async post({ model, holdout: { name, version }, metrics, actor }: PostedEvaluation): Promise<Evaluation> {
      const holdout = await storage.read(() => holdouts.findHoldoutVersion(name, version));
      if (holdout === undefined) throw notFound(`There is no holdout ${shown(`${name}@${version}`)}.`);
      const { evaluation, isNew } = await queue.post(await options.modelNamed(model), holdout, metrics, actor);
      if (isNew) announce(evaluation);
      if (evaluation.runId !== null) return evaluation;
      const runId = await record.begin(evaluation);
      if (runId === undefined) return evaluation;
      await record.end(evaluation, runId, evaluation);
      await queue.setRun(evaluation.evaluationNo, runId);
      return { ...evaluation, runId };
    },

    settled,
    onSettled,
    endWaits,

    findComparisons: comparisons.findComparisons,
    compare: comparisons.compare,

    /** Goes on with what an earlier server left, once the jobs room has settled what became of its jobs. */
    async open(): Promise<void> {
      await queue.requeueWithoutPython();
      waves.forsake(await jobs.ended(await queue.jobsUnderWay()));
    },

    /** Ends what is under way, which waits for the next server, and resolves when it has ended. */
    async close(): Promise<void> {
      endWaits();
      await waves.close();
      await comparisons.close();
    },
  };
}
