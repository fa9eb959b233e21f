import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { unprivileged } from './unprivileged.ts';

export interface Running {
  readonly url: string;
  stop(): Promise<void>;
}

const startPatienceMs = 120_000;

/** Starts MLflow's own server on an empty SQLite database in a throwaway folder. Needs MLFLOW_PYTHON. */
export async function startReference(): Promise<Running> {
  const python = process.env['MLFLOW_PYTHON'];
  if (python === undefined) throw new Error('MLFLOW_PYTHON must name a Python with the mlflow package in it');
  const port = await freePort();
  const folder = mkdtempSync(join(tmpdir(), 'cellar-reference-'));
  const args = ['server', '--host', '127.0.0.1', '--port', String(port), '--workers', '1'];
  const stores = [
    '--backend-store-uri',
    `sqlite:///${folder}/mlflow.db`,
    '--artifacts-destination',
    `${folder}/artifacts`,
  ];
  const log = join(folder, 'log');
  const out = openSync(log, 'w');
  const quiet = { MLFLOW_DISABLE_TELEMETRY: 'true', DO_NOT_TRACK: 'true', MLFLOW_SERVER_ENABLE_JOB_EXECUTION: 'false' };
  const child = spawn(python, ['-m', 'mlflow', ...args, ...stores], {
    cwd: folder,
    env: { ...process.env, ...quiet, HOME: folder, TMPDIR: folder },
    stdio: ['ignore', out, out],
    detached: true,
    ...unprivileged(folder),
  });
  const url = `http://127.0.0.1:${port}`;
  const stop = async () => {
    await end(child);
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    await answering(`${url}/health`, child);
  } catch (error) {
    const said = readFileSync(log, 'utf8').slice(-2000);
    await stop();
    throw new Error(`MLflow's server did not start: ${said}`, { cause: error });
  }
  return { url, stop };
}

/** The process group: uvicorn's workers are children of the child. */
async function end(child: ChildProcess): Promise<void> {
  if (child.pid === undefined || child.exitCode !== null) return;
  const gone = new Promise((resolve) => child.once('exit', resolve));
  process.kill(-child.pid, 'SIGTERM');
  await gone;
}

async function answering(url: string, child: ChildProcess): Promise<void> {
  let error: Error | undefined;
  child.once('error', (cause) => {
    error = cause;
  });
  const failed = () => error;
  const until = Date.now() + startPatienceMs;
  while (Date.now() < until) {
    if (failed() !== undefined) throw new Error('it cannot be started', { cause: failed() });
    if (child.exitCode !== null) throw new Error(`it ended with code ${child.exitCode}`);
    const answer = await fetch(url).catch(() => undefined);
    if (answer?.ok) return;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  throw new Error(`no answer at ${url} in ${startPatienceMs} ms`);
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.on('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() =>
        address && typeof address === 'object' ? resolve(address.port) : reject(new Error('no port')),
      );
    });
  });
}
