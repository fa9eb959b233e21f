import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, openSync, readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

/** A server under measure. */
export interface Server {
  /** `cellar-sqlite`, `mlflow-postgres`, … */
  readonly name: string;
  readonly product: 'cellar' | 'mlflow' | 'fasttrackml' | 'canned';
  readonly store: 'sqlite' | 'postgres';
  /** What was run, without the paths of this machine. */
  readonly command: string;
  readonly url: string;
  /** Starts the process and returns the seconds from there to the first answer. Its data outlive it. */
  start(): Promise<number>;
  stop(): Promise<void>;
  /** The processes whose trees are all of the server, its database included. */
  roots(): number[];
  /** Writes runs or models straight into the database, where writing them through the API would take too long. */
  readonly fill?: (what: 'runs' | 'models', first: number, last: number, experiment: string) => Promise<void>;
}

export interface Program {
  readonly name: string;
  readonly product: Server['product'];
  readonly store: Server['store'];
  readonly command: string;
  /** Program and arguments for a port. */
  readonly argv: (port: number) => readonly [string, ...string[]];
  readonly environment?: NodeJS.ProcessEnv;
  /** Working directory and log; made if missing. */
  readonly folder: string;
  /** Another process that belongs to the server, its database. */
  readonly databasePid?: number | undefined;
  readonly fill?: Server['fill'];
}

const startPatienceMs = 180_000;
const stopPatienceMs = 15_000;
const askEveryMs = 5;

const running = new Set<ChildProcess>();
process.once('exit', () => {
  for (const child of running) signalGroup(child, 'SIGKILL');
});

/** A server as a process group of its own on a free port; healthy is a 200 from `/health`. */
export async function serverOf(program: Program): Promise<Server> {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  mkdirSync(program.folder, { recursive: true });
  const logFile = path.join(program.folder, 'server.log');
  let child: ChildProcess | undefined;

  async function start(): Promise<number> {
    const [command, ...args] = program.argv(port);
    const log = openSync(logFile, 'a');
    const began = performance.now();
    child = spawn(command, args, {
      cwd: program.folder,
      env: { ...process.env, ...program.environment },
      stdio: ['ignore', log, log],
      detached: true,
    });
    running.add(child);
    await healthy(child, began);
    return (performance.now() - began) / 1000;
  }

  async function healthy(started: ChildProcess, began: number): Promise<void> {
    let failure: Error | undefined;
    started.once('error', (error) => {
      failure = error;
    });
    for (;;) {
      const answer = await fetch(`${url}/health`).catch(() => undefined);
      if (answer?.ok) return;
      const dead = failure !== undefined || started.exitCode !== null;
      if (dead || performance.now() - began > startPatienceMs)
        throw new Error(`${program.name} did not start: ${readFileSync(logFile, 'utf8').slice(-1500)}`, {
          cause: failure,
        });
      await delay(askEveryMs);
    }
  }

  async function stop(): Promise<void> {
    const stopping = child;
    child = undefined;
    if (stopping === undefined || stopping.exitCode !== null) return;
    const gone = new Promise((resolve) => stopping.once('exit', resolve));
    signalGroup(stopping, 'SIGTERM');
    await Promise.race([gone, delay(stopPatienceMs, undefined, { ref: false })]);
    // Also what the first process leaves behind.
    signalGroup(stopping, 'SIGKILL');
    await gone;
    running.delete(stopping);
  }

  const { name, product, store, command, databasePid, fill } = program;
  return {
    name,
    product,
    store,
    command,
    url,
    start,
    stop,
    roots: () => [child?.pid, databasePid].filter((pid): pid is number => pid !== undefined),
    ...(fill !== undefined && { fill }),
  };
}

function signalGroup(child: ChildProcess, signal: 'SIGTERM' | 'SIGKILL'): void {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address();
      probe.close(() =>
        address !== null && typeof address === 'object' ? resolve(address.port) : reject(new Error('no port')),
      );
    });
  });
}
