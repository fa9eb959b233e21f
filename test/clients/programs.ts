import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const root = fileURLToPath(new URL('../..', import.meta.url));

export interface Cellar {
  readonly url: string;
  /** Ends it as an operator would; answers with its exit code. */
  stop(): Promise<number | null>;
}

/** Starts the executable itself, as a user would, and waits for the line that says where it listens. */
export async function startCellar(dataDir: string, options: readonly string[] = []): Promise<Cellar> {
  const args = [
    path.join(root, 'bin/cellar'),
    'server',
    '--port',
    '0',
    '--data',
    dataDir,
    '--log-level',
    'warn',
    ...options,
  ];
  const server: ChildProcess = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  const exited = new Promise<number | null>((resolve) => server.once('exit', resolve));
  const url = await new Promise<string>((resolve, reject) => {
    createInterface({ input: server.stdout! }).on('line', (line) => {
      const found = /listens on (http[^,\s]+)/.exec(line)?.[1];
      if (found !== undefined) resolve(found);
    });
    exited.then((code) => reject(new Error(`The server ended with code ${code} before it listened.`)));
  });
  return {
    url,
    stop: () => {
      server.kill('SIGTERM');
      return exited;
    },
  };
}

/** The Python of an environment that holds what a requirements file lists; made on its first use. */
export async function pythonFor(requirements: string): Promise<string> {
  const program = path.join(root, 'scripts/python-env.mjs');
  return (await promisify(execFile)(process.execPath, [program, requirements])).stdout.trim();
}

export interface Played {
  readonly code: number | null;
  /** What it wrote to stdout. */
  readonly stdout: string;
  /** Everything that it wrote, in order. */
  readonly output: string;
}

/** Runs a client's program against the server at `url`, in a folder where it may write. */
export function play(
  program: string,
  args: readonly string[],
  url: string,
  { cwd = tmpdir(), env = {} }: { cwd?: string; env?: NodeJS.ProcessEnv } = {},
): Promise<Played> {
  const child = spawn(program, args, {
    cwd,
    env: {
      ...process.env,
      MLFLOW_TRACKING_URI: url,
      MLFLOW_DISABLE_TELEMETRY: 'true',
      PYTHONDONTWRITEBYTECODE: '1',
      PYTHONUNBUFFERED: '1',
      ...env,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let stdout = '';
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
    output += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    output += text;
  });
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => resolve({ code, stdout, output }));
  });
}
