import { totalmem } from 'node:os';
import type { FastifyBaseLogger } from 'fastify';
import { chore } from '../../chore.ts';
import type { Job, JobsService, StartedJob } from '../../jobs/service.ts';
import type { Evaluation, EvaluationError } from './evaluation.ts';
import type { EvaluationResult } from './progress-store.ts';
import type { ClaimedEvaluation, Queue } from './queue.ts';
import type { RunRecord } from './run-record.ts';
import { NoPython, speakWith, type Worker, WorkerEnded, workerCommand, workerEnvironment } from './worker.ts';

export interface WaveLimits {
  /** How long one evaluation may take. */
  readonly timeMs: number;
  /** How much memory the worker and all that it starts may hold. */
  readonly memoryBytes: number;
  /** How long Python may take to import mlflow. */
  readonly readyMs: number;
  /** How long a worker stays warm with nothing to do. */
  readonly idleMs: number;
}

export const defaultLimits: WaveLimits = {
  timeMs: 15 * 60_000,
  memoryBytes: Math.max(1024 ** 3, Math.floor(totalmem() / 2)),
  readyMs: 3 * 60_000,
  idleMs: 5_000,
};

export interface WaveOptions {
  readonly queue: Queue;
  readonly jobs: Pick<JobsService, 'start' | 'log'>;
  /** The program that runs `cellar_worker`. */
  readonly python: string;
  readonly limits: WaveLimits;
  readonly record: RunRecord;
  /** Scores one model; rejects with WorkerEnded when the worker is gone. */
  readonly measure: (claimed: ClaimedEvaluation, worker: Worker) => Promise<EvaluationResult | EvaluationError>;
  /** Told after the commit of every evaluation that ends. */
  readonly onSettled: (evaluation: Evaluation) => void;
  readonly logger: Pick<FastifyBaseLogger, 'warn' | 'error'>;
}

/** How long a worker that speaks no more may take to end. */
const endingMs = 2_000;
/** Bytes of a dead worker's log that its evaluation's error repeats. */
const lastWordsBytes = 2_000;

/**
 * Empties the queue of evaluations, one at a time, with one warm worker. A worker that dies takes the evaluation that it
 * was at with it and no other: the next one gets a new worker.
 */
export function evaluationWaves(options: WaveOptions) {
  const { queue, jobs, python, limits, record, logger } = options;
  let current: StartedJob | undefined;
  /** Jobs that ended while it could not be written down what became of their evaluations. */
  const forsaken = new Set<string>();
  let wake: () => void = () => undefined;
  let closing = false;

  const waves = chore({
    act: async () => {
      await takeBack();
      while (!closing && (await queue.hasPending())) await withWorker();
      return true;
    },
    failed: (err) => logger.error({ err }, 'evaluations came to a halt'),
  });

  function kick(): void {
    if (closing) return;
    wake();
    waves.ask();
  }

  async function takeBack(): Promise<void> {
    const jobIds = [...forsaken];
    await queue.requeueLost(jobIds);
    for (const jobId of jobIds) forsaken.delete(jobId);
  }

  /** One worker's life: from its start until it has nothing to do, or dies. */
  async function withWorker(): Promise<void> {
    const job = await jobs.start({
      kind: 'evaluate',
      label: 'models on holdouts',
      command: workerCommand(python),
      environment: workerEnvironment,
      streams: 'piped',
      memoryLimitBytes: limits.memoryBytes,
      actor: 'cellar',
    });
    current = job;
    let isOver = false;
    job.ended.then(
      () => {
        isOver = true;
        wake();
      },
      () => undefined,
    );
    if (closing) job.stop(stopped);
    try {
      const worker = await ready(job);
      if (worker === undefined) return;
      while (!isOver && (await serve(job, worker)));
      worker.dismiss();
    } catch (error) {
      forsaken.add(job.jobId);
      job.stop(abandoned);
      throw error;
    } finally {
      await job.ended.finally(() => {
        current = undefined;
      });
    }
  }

  /** The worker, once it is ready; without one, whatever waits has failed and says why. */
  async function ready(job: StartedJob): Promise<Worker | undefined> {
    const limit = () =>
      job.stop({ status: 'timed_out', message: `It was not ready within ${seconds(limits.readyMs)}.` });
    let timer: NodeJS.Timeout | undefined;
    job.process.then(
      () => {
        timer = setTimeout(limit, limits.readyMs);
      },
      () => undefined,
    );
    try {
      return await speakWith(job);
    } catch (error) {
      if (!(error instanceof NoPython || error instanceof WorkerEnded)) throw error;
      const ended = await endOf(job, error);
      if (closing || ended.status === 'lost') return undefined;
      const message =
        error instanceof NoPython
          ? error.message
          : `${python} did not get ready to evaluate. ${ended.message ?? ''}${await lastWords(job)}`;
      for (let claimed = await queue.claim(job.jobId); claimed !== undefined; claimed = await queue.claim(job.jobId))
        await settle(claimed.evaluation, job.jobId, { type: 'no_python', message });
      return undefined;
    } finally {
      clearTimeout(timer);
    }
  }

  /** Has the worker make the next evaluation, or waits for one. False when this worker should not be asked again. */
  async function serve(job: StartedJob, worker: Worker): Promise<boolean> {
    if (closing) return false;
    const claimed = await queue.claim(job.jobId);
    if (claimed === undefined) return pendingWithin(limits.idleMs);
    const { evaluation } = claimed;
    const runId = await record.begin(evaluation);
    if (runId !== undefined && runId !== evaluation.runId) await queue.setRun(evaluation.evaluationNo, runId);
    const timer = setTimeout(
      () => job.stop({ status: 'timed_out', message: `It took longer than its limit of ${seconds(limits.timeMs)}.` }),
      limits.timeMs,
    );
    try {
      await settle(evaluation, job.jobId, await options.measure(claimed, worker), runId);
      return true;
    } catch (error) {
      if (error instanceof WorkerEnded) {
        clearTimeout(timer);
        await buried(evaluation, job, error, runId);
        return false;
      }
      logger.error(
        { err: error, evaluationId: evaluation.evaluationId },
        'an evaluation failed for want of the server',
      );
      await settle(evaluation, job.jobId, { type: 'internal', message: (error as Error).message }, runId);
      return true;
    } finally {
      clearTimeout(timer);
    }
  }

  /** Settles the evaluation that a worker was at when it ended; one that the server itself has ended waits again. */
  async function buried(evaluation: Evaluation, job: StartedJob, error: WorkerEnded, runId?: string): Promise<void> {
    const ended = await endOf(job, error);
    if (closing) await queue.release(evaluation, job.jobId);
    else if (ended.status !== 'lost')
      await settle(evaluation, job.jobId, errorOf(ended, error, await lastWords(job)), runId);
  }

  /** The end of a worker that is no use any more. One that has ended says itself how; one that still runs is ended. */
  async function endOf(job: StartedJob, error: NoPython | WorkerEnded): Promise<Job> {
    const timer = setTimeout(() => job.stop({ status: 'cancelled', message: error.message }), endingMs);
    try {
      return await job.ended;
    } finally {
      clearTimeout(timer);
    }
  }

  async function settle(
    evaluation: Evaluation,
    jobId: string,
    end: EvaluationResult | EvaluationError,
    runId?: string,
  ): Promise<void> {
    // The run first: what is interrupted between the two is made again, and its run written once more.
    if (runId !== undefined) await record.end(evaluation, runId, end);
    const settled = await queue.settle(evaluation, jobId, end);
    if (settled !== undefined) options.onSettled(settled);
  }

  async function lastWords(job: StartedJob): Promise<string> {
    const { text } = await jobs.log(job.jobId, lastWordsBytes);
    return text.trim() === '' ? '' : ` The last it wrote:\n${text.trim()}`;
  }

  function pendingWithin(ms: number): Promise<boolean> {
    return new Promise((resolve) => {
      const timer = setTimeout(() => end(false), ms);
      const end = (isPending: boolean) => {
        clearTimeout(timer);
        wake = () => undefined;
        resolve(isPending);
      };
      wake = () => end(true);
    });
  }

  return {
    /** Something waits to be evaluated. */
    kick,

    /** What runs in these jobs, which have ended, waits again. */
    forsake(jobIds: readonly string[]): void {
      for (const jobId of jobIds) forsaken.add(jobId);
      kick();
    },

    /** Ends the worker; what it was at waits again. */
    async close(): Promise<void> {
      closing = true;
      waves.close();
      wake();
      current?.stop(stopped);
      await waves.idle();
    },
  };
}

const abandoned = { status: 'cancelled', message: 'The server could not go on with it.' } as const;
const stopped = { status: 'cancelled', message: 'The server was stopped.' } as const;
const seconds = (ms: number) => `${ms / 1000} s`;

/** What became of an evaluation whose worker ended. */
function errorOf(job: Job, error: WorkerEnded, lastWords: string): EvaluationError {
  const message = job.message ?? error.message;
  switch (job.status) {
    case 'timed_out':
    case 'out_of_memory':
      return { type: job.status, message };
    case 'cancelled':
      // Ours, when it broke the protocol.
      return { type: message === error.message ? 'crashed' : 'cancelled', message };
    default:
      return { type: 'crashed', message: `The worker ended while it evaluated this model. ${message}${lastWords}` };
  }
}
