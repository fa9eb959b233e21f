import type { FastifyBaseLogger } from 'fastify';
import type { ArtifactStore, LocalArtifactStore } from '../../artifacts/service.ts';
import type { JobsService } from '../../jobs/service.ts';
import type { Storage } from '../../storage/storage.ts';
import type { Tracking } from '../../tracking/service.ts';
import { comparisonsService } from '../comparisons/service.ts';
import type { HoldoutsService } from '../holdouts/service.ts';
import { measure } from './measure.ts';
import { evaluationQueue } from './queue.ts';
import { runRecord } from './run-record.ts';
import { settling } from './settling.ts';
import { defaultLimits, evaluationWaves, type WaveLimits } from './wave.ts';

export interface EvaluationsOptions {
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

export type EvaluationsService = ReturnType<typeof evaluationsService>;

/** Evaluations: what models score on holdouts, made once and kept. */
export function evaluationsService(options: EvaluationsOptions) {
  const { storage, clock, logger, jobs, python } = options;
  const queue = evaluationQueue({ storage, clock, onPending: () => waves.kick() });
  const { settled, onSettled, announce, endWaits } = settling(queue.countUnsettled, !storage.exclusive);
  const waves = evaluationWaves({
    queue,
    jobs,
    python,
    limits: { ...defaultLimits, ...options.limits },
    record: runRecord({ tracking: options.tracking, clock, logger }),
    measure: (claimed, worker) => measure(claimed, worker, options),
    onSettled: announce,
    logger,
  });

  const comparisons = comparisonsService({ ...options, getEvaluation: queue.getEvaluation });

  async function requeue(jobIds: readonly string[]): Promise<void> {
    await queue.requeueLost(jobIds);
    waves.kick();
  }
  jobs.onLost((jobIds) => {
    requeue(jobIds).catch((error) => logger.error({ err: error }, 'lost evaluations could not be queued again'));
  });

  return {
    findEvaluations: queue.findEvaluations,
    getEvaluation: queue.getEvaluation,
    request: queue.request,
    retry: queue.retry,
    list: queue.list,
    settled,
    onSettled,
    endWaits,

    findComparisons: comparisons.findComparisons,
    compare: comparisons.compare,

    /** Goes on with what an earlier server left, once the jobs room has settled what became of its jobs. */
    async open(): Promise<void> {
      await requeue(await jobs.ended(await queue.jobsUnderWay()));
    },

    /** Ends what is under way, which waits for the next server, and resolves when it has ended. */
    async close(): Promise<void> {
      endWaits();
      await waves.close();
      await comparisons.close();
    },
  };
}
