import { randomBytes } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import path from 'node:path';
import type { FastifyBaseLogger } from 'fastify';
import { AppError, notFound, shown } from '../errors.ts';
import { nextId } from '../storage/ids.ts';
import type { Storage, Tx } from '../storage/storage.ts';
import type { Job, JobSpec } from './job.ts';
import { endLeftBehind } from './left-behind.ts';
import { readLog } from './log-file.ts';
import { processTable, thisHost } from './process-table.ts';
import { logFileOf, runJob, type StartedJob, workFolderOf } from './running-job.ts';
import { slots } from './slots.ts';
import * as store from './store.ts';

export { type Job, type JobSpec, type JobStatus, jobStatuses, type Stop } from './job.ts';
export type { JobProcess, StartedJob } from './running-job.ts';

export interface JobsOptions {
  readonly storage: Storage;
  readonly clock: () => number;
  /** Where jobs keep their logs and temporary folders. */
  readonly folder: string;
  readonly logger: Pick<FastifyBaseLogger, 'warn' | 'error'>;
  /** How many jobs run at once; as many as there are processors by default. */
  readonly maxRunning?: number;
}

export type JobsService = ReturnType<typeof jobsService>;

const beatMs = 2_000;
/** A server that was not heard of for so long has ended: its jobs are lost. */
const silentMs = 30_000;

/** Jobs: processes of their own, with limits, whose log is kept and of which nothing is left behind. */
export function jobsService({ storage, clock, folder, logger, maxRunning }: JobsOptions) {
  const serverId = randomBytes(8).toString('hex');
  const host = thisHost();
  const free = slots(maxRunning ?? availableParallelism());
  const running = new Map<string, StartedJob>();
  const lostListeners = new Set<(jobIds: readonly string[]) => void>();
  const folderOf = (jobId: string) => path.join(folder, jobId);
  let beating: NodeJS.Timeout | undefined;
  const closing = new AbortController();

  function* getJob(jobId: string): Tx<Job> {
    const job = yield* store.findJob(jobId);
    if (job === undefined) throw notFound(`There is no job ${shown(jobId)}.`);
    return job;
  }

  /** Keeps our jobs ours, hears who was cancelled by another server, and takes over from servers that ended. */
  async function beat(): Promise<void> {
    const before = [...running.values()];
    const ours = new Map(
      (await storage.write(() => store.beat(serverId, clock()))).map(({ job_id, cancelled_by }) => [
        job_id,
        cancelled_by,
      ]),
    );
    for (const job of before) {
      const by = ours.get(job.jobId);
      if (by === undefined) job.stop({ status: 'lost', message: 'Another server took this one for ended.' });
      else if (by !== null) job.stop({ status: 'cancelled', message: `Cancelled by ${by}.` });
    }
    if (!storage.exclusive) await lose(clock() - silentMs);
  }

  async function lose(before: number): Promise<void> {
    const lost = await storage.write(() => store.loseJobs(storage.dialect, serverId, before, clock()));
    for (const job of lost) {
      if (job.host !== host) continue;
      if (job.pid !== null)
        await endLeftBehind({ jobId: job.jobId, pid: job.pid, startedAt: job.pidStart }, processTable);
      await rm(workFolderOf(folderOf(job.jobId)), { recursive: true, force: true });
    }
    if (lost.length === 0) return;
    const jobIds = lost.map(({ jobId }) => jobId);
    logger.warn({ jobIds }, 'jobs of a server that ended are lost');
    for (const listener of lostListeners) listener(jobIds);
  }

  return {
    /** Called with jobs of servers that ended, after the commit that says so. */
    onLost(listener: (jobIds: readonly string[]) => void): void {
      lostListeners.add(listener);
    },

    /** Settles what an earlier server left: its jobs are lost, and what still runs of them is ended. */
    async open(): Promise<void> {
      await lose(storage.exclusive ? Number.MAX_SAFE_INTEGER : clock() - silentMs);
      beating = setInterval(() => {
        beat().catch((error) => logger.error({ err: error }, 'the jobs of this server could not be kept alive'));
      }, beatMs);
      beating.unref();
    },

    /** Writes a job down as queued and starts it as soon as fewer than the allowed number run. */
    async start(spec: JobSpec): Promise<StartedJob> {
      if (closing.signal.aborted)
        throw new AppError('TEMPORARILY_UNAVAILABLE', 'The server is closing and starts no more jobs.');
      const now = clock();
      const job = await storage.write(function* () {
        const queued: Job = {
          jobNo: yield* nextId('job'),
          jobId: `j-${randomBytes(8).toString('hex')}`,
          kind: spec.kind,
          label: spec.label,
          command: spec.command,
          status: 'queued',
          message: null,
          actor: spec.actor,
          serverId,
          host,
          pid: null,
          pidStart: null,
          timeLimitMs: spec.timeLimitMs ?? null,
          memoryLimitBytes: spec.memoryLimitBytes,
          peakMemoryBytes: 0,
          creationTime: now,
          startTime: null,
          endTime: null,
          heartbeatTime: now,
          exitCode: null,
          signal: null,
        };
        yield* store.insertJob(queued);
        return queued;
      });
      const notWritten = (error: unknown) =>
        logger.error({ err: error, jobId: job.jobId }, 'the end of a job could not be written down');
      const started = runJob(job, spec, folderOf(job.jobId), {
        storage,
        clock,
        table: processTable,
        slots: free,
        closing: closing.signal,
        notWritten,
      });
      running.set(job.jobId, started);
      started.ended.catch(notWritten).finally(() => running.delete(job.jobId));
      return started;
    },

    /** RESOURCE_DOES_NOT_EXIST when there is none. */
    get: (jobId: string): Promise<Job> => storage.read(() => getJob(jobId)),

    /** Those of these jobs that have ended, or that nobody knows. */
    ended: (jobIds: readonly string[]): Promise<string[]> =>
      storage.read(function* () {
        const underWay = new Set(yield* store.underWayAmong(storage.dialect, jobIds));
        return jobIds.filter((jobId) => !underWay.has(jobId));
      }),

    /** Newest first. */
    list: (filter: store.JobFilter): Promise<Job[]> => storage.read(() => store.listJobs(filter)),

    /** The last `bytes` of what it wrote. RESOURCE_DOES_NOT_EXIST when there is no such job. */
    async log(jobId: string, bytes: number): Promise<{ text: string; truncated: boolean }> {
      const job = await storage.read(() => getJob(jobId));
      return readLog(logFileOf(folderOf(job.jobId)), bytes);
    },

    /** Asks for its end, which comes within seconds. RESOURCE_CONFLICT when it has ended. */
    async cancel(jobId: string, by: string): Promise<Job> {
      const job = await storage.write(function* () {
        const found = yield* getJob(jobId);
        if (!(yield* store.markCancelled(jobId, by)))
          throw new AppError('RESOURCE_CONFLICT', `The job ${jobId} has ended already: it is ${found.status}.`);
        return found;
      });
      const ours = running.get(jobId);
      ours?.stop({ status: 'cancelled', message: `Cancelled by ${by}.` });
      return ours === undefined ? job : await ours.ended;
    },

    /** Ends the jobs of this server and resolves when they are gone. */
    async close(): Promise<void> {
      closing.abort();
      clearInterval(beating);
      const ending = [...running.values()];
      for (const job of ending) job.stop({ status: 'cancelled', message: 'The server was stopped.' });
      await Promise.allSettled(ending.map((job) => job.ended));
    },
  };
}
