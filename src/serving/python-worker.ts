import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import type { Socket } from 'node:net';
import path from 'node:path';
import { AppError } from '../errors.ts';
import { pythonPackage } from '../python-package.ts';
import { ExecutorEnded } from './executor.ts';
import { encodeFrame, type Frame, readFrames } from './frames.ts';
import type { WorkerLog } from './worker-log.ts';

export interface WorkerOptions {
  /** The program to start. */
  readonly python: string;
  /** Where the worker's own temporary folder is made. */
  readonly workFolder: string;
  readonly log: WorkerLog;
  readonly startMs: number;
}

/** A Python process of `cellar_worker.serve`: one question at a time, over a socket that both ends inherit. */
export interface PythonWorker {
  readonly pid: number;
  readonly mlflowVersion: string;
  /**
   * Asks, and waits for the answer. Rejects with ExecutorEnded when the process is gone, with an AppError that carries
   * the worker's own words when it refuses, and with status 504 after `limitMs`, when it is killed.
   */
  ask(header: object, parts?: readonly Uint8Array[], limitMs?: number): Promise<Frame>;
  memoryBytes(): number | undefined;
  readonly ended: Promise<string>;
  kill(): void;
}

/** Python itself cannot be used: no fault of the model. */
export class PythonUnavailable extends Error {
  override readonly name = 'PythonUnavailable';
}

/** What a worker may see of the server's environment: no secret is among it. */
const passedOn = ['PATH', 'LANG', 'LC_ALL', 'TZ', 'LD_LIBRARY_PATH', 'OMP_NUM_THREADS', 'CUDA_VISIBLE_DEVICES'];

export function workerEnvironment(folder: string): NodeJS.ProcessEnv {
  const environment: NodeJS.ProcessEnv = {
    HOME: folder,
    TMPDIR: folder,
    PYTHONPATH: pythonPackage,
    PYTHONDONTWRITEBYTECODE: '1',
    PYTHONUNBUFFERED: '1',
    PYTHONUTF8: '1',
  };
  for (const name of passedOn) if (process.env[name] !== undefined) environment[name] = process.env[name];
  return environment;
}

/** Starts a worker; resolves when it has imported mlflow. Throws PythonUnavailable with what to install. */
export async function startPythonWorker({ python, workFolder, log, startMs }: WorkerOptions): Promise<PythonWorker> {
  mkdirSync(workFolder, { recursive: true, mode: 0o700 });
  const folder = mkdtempSync(path.join(workFolder, 'worker-'));
  const args = ['-m', 'cellar_worker.serve', '3', String(process.pid)];
  const child = spawn(python, args, {
    cwd: folder,
    env: workerEnvironment(folder),
    // A group of its own: whatever the model starts ends with it.
    detached: true,
    stdio: ['pipe', 'pipe', 'pipe', 'pipe'],
  });
  const ended = endOf(child, folder, log);
  // Where the system has no descriptors left there are no pipes either, and the reason comes on the next tick.
  if (child.stdin === undefined) throw unavailable(python, await ended, log);
  child.stdin!.on('error', () => undefined);
  log.follow(child.stdout!);
  log.follow(child.stderr!);
  const socket = child.stdio[3] as Socket;
  const kill = () => killGroup(child);
  const conversation = converse(socket, ended, (what) => {
    log.write(`The worker is ended: where an answer belongs it wrote ${what}.\n`);
    kill();
  });
  const first = conversation.next();
  const timer = setTimeout(kill, startMs);
  try {
    const { header } = await first;
    if (header['ready'] !== true) throw new PythonUnavailable(String(header['message']));
    return {
      pid: child.pid!,
      mlflowVersion: String(header['mlflow']),
      ask: (question, parts, limitMs) => conversation.ask(question, parts, limitMs, kill),
      memoryBytes: conversation.memoryBytes,
      ended,
      kill,
    };
  } catch (error) {
    kill();
    if (error instanceof PythonUnavailable) throw error;
    throw unavailable(python, (error as Error).message, log);
  } finally {
    clearTimeout(timer);
  }
}

function unavailable(python: string, why: string, log: WorkerLog): PythonUnavailable {
  const said = log.tail();
  return new PythonUnavailable(`Python (${python}) does not start: ${why}${said === '' ? '' : `\n${said}`}`);
}

function endOf(child: ChildProcess, folder: string, log: WorkerLog): Promise<string> {
  return new Promise((resolve) => {
    const end = (reason: string) => {
      resolve(reason);
      try {
        // What the model started may still run when the worker itself is gone.
        killGroup(child);
        if (existsSync(folder)) rmSync(folder, { recursive: true, force: true });
      } catch (error) {
        // A model may have left what nobody can remove. The next start of the server tries again.
        log.write(`After a worker: ${(error as Error).message}\n`);
      }
    };
    child.once('error', (error) => end(error.message));
    child.once('exit', (code, signal) =>
      end(signal === null ? `it ended with code ${code}` : `it was ended by ${signal}`),
    );
  });
}

function killGroup(child: ChildProcess): void {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, 'SIGKILL');
  } catch (error) {
    if ((error as { code?: string }).code !== 'ESRCH') throw error;
  }
}

/** Questions and answers. `onNonsense` is called with what the process wrote in place of an answer, and must end it. */
function converse(socket: Socket, ended: Promise<string>, onNonsense: (what: string) => void) {
  let gone: ExecutorEnded | undefined;
  let waiting: { resolve: (frame: Frame) => void; reject: (error: Error) => void } | undefined;
  let memory: number | undefined;
  socket.on('error', () => undefined);
  const leave = (reason: string) => {
    gone ??= new ExecutorEnded(`The model's process is gone: ${reason}.`);
    waiting?.reject(gone);
    waiting = undefined;
    socket.destroy();
  };
  readFrames(
    socket,
    (frame) => {
      const bytes = frame.header['memoryBytes'];
      if (typeof bytes === 'number') memory = bytes;
      const asked = waiting;
      waiting = undefined;
      asked?.resolve(frame);
    },
    (what) => {
      onNonsense(what);
      leave(`it wrote ${what} where an answer belongs`);
    },
  );
  ended.then(leave);
  const next = () =>
    new Promise<Frame>((resolve, reject) => {
      if (gone !== undefined) reject(gone);
      else waiting = { resolve, reject };
    });

  return {
    next,
    memoryBytes: () => memory,
    async ask(header: object, parts: readonly Uint8Array[] = [], limitMs?: number, kill?: () => void): Promise<Frame> {
      const answer = next();
      let late = false;
      const timer =
        limitMs === undefined
          ? undefined
          : setTimeout(() => {
              late = true;
              kill?.();
            }, limitMs);
      if (gone === undefined) {
        socket.cork();
        for (const piece of encodeFrame(header, parts)) socket.write(piece);
        socket.uncork();
      }
      try {
        const frame = await answer;
        if (frame.header['ok'] !== true) throw refusal(frame.header['error']);
        return frame;
      } catch (error) {
        throw late ? tooLong(limitMs!) : error;
      } finally {
        clearTimeout(timer);
      }
    },
  };
}

/** The worker's word on what is wrong with a request or a model. */
export function refusal(error: unknown): AppError {
  const { message } = error as { message?: unknown };
  return new AppError('BAD_REQUEST', String(message));
}

const tooLong = (limitMs: number) =>
  new AppError('TEMPORARILY_UNAVAILABLE', `The model did not answer within ${limitMs} ms.`, { status: 504 });
