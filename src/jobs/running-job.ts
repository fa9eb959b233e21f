import { mkdir, rm } from 'node:fs/promises';
import path from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { setTimeout as pause } from 'node:timers/promises';
import { AppError } from '../errors.ts';
import type { Storage } from '../storage/storage.ts';
import { jobEnvironment } from './environment.ts';
import { type Exit, endOf, type Job, type JobSpec, mebibytes, type Stop } from './job.ts';
import { openLog } from './log-file.ts';
import { type LaunchedProcess, launchProcess } from './process.ts';
import type { ProcessTable } from './process-table.ts';
import type { Slots } from './slots.ts';
import * as store from './store.ts';

/** How often the memory of a job is looked at. */
const memoryEveryMs = 250;
/** Between two tries to write down how a job ended: the first, each further one is twice as long, up to the longest. */
const firstRetryMs = 500;
const longestRetryMs = 30_000;

export interface StartedJob {
  readonly jobId: string;
  /** Its own folder, removed when it ends. */
  readonly folder: string;
  /** The process, once it runs. Rejects when the job ends without one. */
  readonly process: Promise<JobProcess>;
  /** The job at its end, once that is written down. Never rejects for what the process does, but when the server closes. */
  readonly ended: Promise<Job>;
  /** Ends it with this outcome; the first reason counts. */
  stop(stop: Stop): void;
}

export interface JobProcess {
  readonly stdin: Writable | null;
  readonly stdout: Readable | null;
}

export interface RunnerOptions {
  readonly storage: Storage;
  readonly clock: () => number;
  readonly table: ProcessTable;
  readonly slots: Slots;
  /** Aborted when the server closes: what cannot be written down then stays so. */
  readonly closing: AbortSignal;
  /** Told of every try to write down the end of a job that failed. */
  readonly notWritten: (error: unknown) => void;
}

export const logFileOf = (jobFolder: string) => path.join(jobFolder, 'log');
export const workFolderOf = (jobFolder: string) => path.join(jobFolder, 'work');

/** Runs a job that is written down as queued: waits for its turn, starts it, watches it, writes down how it ended. */
export function runJob(job: Job, spec: JobSpec, jobFolder: string, options: RunnerOptions): StartedJob {
  const { storage, clock, table, slots, closing, notWritten } = options;
  const folder = workFolderOf(jobFolder);
  const stopping = new AbortController();
  let stopped: Stop | undefined;
  let launched: LaunchedProcess | undefined;
  let peakMemoryBytes = 0;
  let hasStarted: (child: JobProcess) => void;
  let hasNotStarted: (why: AppError) => void;
  const started = new Promise<JobProcess>((resolve, reject) => {
    hasStarted = resolve;
    hasNotStarted = reject;
  });
  // Whoever does not ask for the process learns of its fate from `ended`.
  started.catch(() => undefined);

  function stop(reason: Stop): void {
    if (stopped !== undefined) return;
    stopped = reason;
    stopping.abort();
    launched?.stop(reason.status === 'out_of_memory' || reason.status === 'lost');
  }

  async function launch(): Promise<LaunchedProcess> {
    const { jobId } = job;
    await mkdir(folder, { recursive: true, mode: 0o700 });
    const environment = jobEnvironment(process.env, { jobId, folder, added: spec.environment ?? {} });
    const log = openLog(logFileOf(jobFolder));
    const { command, streams, cwd = folder } = spec;
    const child = await launchProcess({ jobId, command, environment, cwd, streams, log }, table);
    return { ...child, ended: child.ended.finally(log.close) };
  }

  function watch(child: LaunchedProcess): () => void {
    const { timeLimitMs, memoryLimitBytes } = spec;
    const timer =
      timeLimitMs === undefined
        ? undefined
        : setTimeout(
            () => stop({ status: 'timed_out', message: `It ran longer than its limit of ${timeLimitMs / 1000} s.` }),
            timeLimitMs,
          );
    const check = (bytes: number) => {
      peakMemoryBytes = Math.max(peakMemoryBytes, bytes);
      if (bytes > memoryLimitBytes)
        stop({
          status: 'out_of_memory',
          message: `It held ${mebibytes(bytes)} of memory, its limit is ${mebibytes(memoryLimitBytes)}.`,
        });
    };
    let looking = false;
    const memory = setInterval(() => {
      if (looking) return;
      looking = true;
      // What cannot be seen now, such as for want of open files, is looked at the next time.
      child
        .memory()
        .then(check)
        .catch(() => undefined)
        .finally(() => {
          looking = false;
        });
    }, memoryEveryMs);
    return () => {
      clearTimeout(timer);
      clearInterval(memory);
    };
  }

  async function play(): Promise<{ exit: Exit; failure: string | undefined }> {
    const release = await slots.take(stopping.signal);
    const notRun: Exit = { code: null, signal: null };
    if (release === undefined) return { exit: notRun, failure: undefined };
    try {
      try {
        launched = await launch();
      } catch (error) {
        return { exit: notRun, failure: cannotStart(spec.command[0], error) };
      }
      if (stopped !== undefined) launched.stop(true);
      const { pid, startedAt } = launched;
      const unwatch = watch(launched);
      try {
        await storage.write(() => store.setRunning(job.jobId, pid, startedAt, clock()));
        hasStarted({ stdin: launched.stdin, stdout: launched.stdout });
      } catch (error) {
        stop({ status: 'lost', message: `The server could not write down that it runs: ${(error as Error).message}` });
      }
      try {
        return { exit: await launched.ended, failure: undefined };
      } finally {
        unwatch();
      }
    } finally {
      release();
    }
  }

  async function end(): Promise<Job> {
    const { exit, failure } = await play();
    const { status, message } =
      failure === undefined ? endOf(exit, stopped) : { status: 'failed' as const, message: failure };
    hasNotStarted(new AppError('RESOURCE_CONFLICT', message ?? `The job ${job.jobId} ended before it ran.`));
    // A folder that stays costs space; its job has ended all the same.
    await rm(folder, { recursive: true, force: true, maxRetries: 3 }).catch(() => undefined);
    return writeDown({ status, message, exitCode: exit.code, signal: exit.signal, peakMemoryBytes }, clock());
  }

  /** Goes on while the database is away: a job that is over must not look as if it ran. */
  async function writeDown(ended: store.JobEnd, now: number): Promise<Job> {
    for (let retryMs = firstRetryMs; ; retryMs = Math.min(2 * retryMs, longestRetryMs))
      try {
        return await storage.write(function* () {
          yield* store.setEnded(job.jobId, ended, now);
          return (yield* store.findJob(job.jobId)) ?? { ...job, ...ended };
        });
      } catch (error) {
        if (closing.aborted) throw error;
        notWritten(error);
        await pause(retryMs, undefined, { signal: closing, ref: false }).catch(() => undefined);
      }
  }

  return { jobId: job.jobId, folder, process: started, ended: end(), stop };
}

function cannotStart(program: string, error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  if (code === 'ENOENT') return `There is no program '${program}'.`;
  if (code === 'EACCES') return `'${program}' may not be executed.`;
  return `'${program}' cannot be started: ${message}.`;
}
