import { type ChildProcess, spawn } from 'node:child_process';
import type { Readable, Writable } from 'node:stream';
import type { Exit } from './job.ts';
import { endLeftBehind, signal } from './left-behind.ts';
import type { LogFile } from './log-file.ts';
import type { ProcessTable } from './process-table.ts';

/** How long a process that is asked to end may take before it is made to. */
const graceMs = 5_000;
const lastOutputMs = 2_000;

export interface Launch {
  readonly jobId: string;
  readonly command: readonly [program: string, ...args: string[]];
  readonly environment: Readonly<Record<string, string>>;
  readonly cwd: string;
  readonly streams: 'logged' | 'piped';
  readonly log: LogFile;
}

export interface LaunchedProcess {
  readonly pid: number;
  readonly startedAt: string | null;
  /** Null where they are not piped. */
  readonly stdin: Writable | null;
  readonly stdout: Readable | null;
  /** Resolves when it has ended, all that it started is gone, and its output is in the log. */
  readonly ended: Promise<Exit>;
  /** Asks the whole group to end, and makes it after some seconds, or `now`. */
  stop(now: boolean): void;
  /** Bytes that the group holds in memory. */
  memory(): Promise<number>;
}

/**
 * Starts a process that leads a group and a session of its own, so that it can be ended with all that it starts.
 * Rejects when the program cannot be started.
 */
export async function launchProcess(launch: Launch, table: ProcessTable): Promise<LaunchedProcess> {
  const { jobId, streams, log } = launch;
  const [program, ...args] = launch.command;
  const child = spawn(program, args, {
    cwd: launch.cwd,
    env: launch.environment,
    detached: true,
    shell: false,
    stdio: [streams === 'piped' ? 'pipe' : 'ignore', 'pipe', 'pipe'],
  });
  const exited = exitOf(child);
  const spawned = new Promise<void>((resolve, reject) => child.once('spawn', resolve).once('error', reject));
  // Where the system has no more files to give, there are no pipes either.
  if (child.pid === undefined) await spawned;
  toLog(child.stderr!, log);
  if (streams === 'logged') toLog(child.stdout!, log);
  // Whoever writes to a process that has ended learns it from `ended`.
  child.stdin?.on('error', () => undefined);
  await spawned;
  const pid = child.pid!;
  // It runs: where the table cannot be read it goes without, and is known by its group and its environment.
  const entries = await table.list().catch(() => []);
  const startedAt = entries.find((entry) => entry.pid === pid)?.startedAt ?? null;

  let grace: NodeJS.Timeout | undefined;
  const ended = exited.then(async (exit) => {
    clearTimeout(grace);
    await endLeftBehind({ jobId, pid, startedAt }, table);
    await outputOf(child, streams);
    return exit;
  });
  return {
    pid,
    startedAt,
    stdin: child.stdin,
    stdout: streams === 'piped' ? child.stdout : null,
    ended,
    stop(now) {
      const gone = () => child.exitCode !== null || child.signalCode !== null;
      if (gone()) return;
      if (now) return signal(-pid, 'SIGKILL');
      signal(-pid, 'SIGTERM');
      grace ??= setTimeout(() => {
        if (!gone()) signal(-pid, 'SIGKILL');
      }, graceMs);
    },
    async memory() {
      const members = (await table.list()).filter(({ group }) => group === pid);
      const sizes = await Promise.all(members.map((member) => table.memoryOf(member.pid)));
      return sizes.reduce((sum, size) => sum + size, 0);
    },
  };
}

/** A job that writes faster than the disk waits for it: what it wrote is never held in memory. */
function toLog(pipe: Readable, log: LogFile): void {
  pipe.on('data', (chunk: Buffer) => {
    pipe.pause();
    log.write(chunk).then(() => pipe.resume());
  });
}

const exitOf = (child: ChildProcess): Promise<Exit> =>
  new Promise((resolve) => child.once('exit', (code, signalName) => resolve({ code, signal: signalName })));

/** Everybody who could write is gone, so what is in the pipes is all that comes; one that hid from us is not waited for. */
async function outputOf(child: ChildProcess, streams: Launch['streams']): Promise<void> {
  const pipes = streams === 'piped' ? [child.stderr!] : [child.stderr!, child.stdout!];
  await Promise.all(
    pipes.map((pipe) => {
      if (pipe.closed) return undefined;
      const giveUp = setTimeout(() => pipe.destroy(), lastOutputMs);
      return new Promise<void>((resolve) => pipe.once('close', resolve)).finally(() => clearTimeout(giveUp));
    }),
  );
}
