import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { Asker } from './ask.ts';

export interface StartOptions {
  readonly main: string;
  readonly data: string;
  /** `postgres://…`; without it SQLite in the data folder. */
  readonly store?: string | undefined;
}

/** A server that has ended, or did not come to listen. */
export interface Ending {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** Processes that are still there; whatever happens, none outlives this one. */
const running = new Set<ChildProcess>();
process.on('exit', () => {
  for (const child of running) killGroup(child, 'SIGKILL');
});

function killGroup(child: ChildProcess, signal: NodeJS.Signals): void {
  // A child leads a process group of its own (`detached`), so this reaches what it started, and nothing else.
  if (child.pid !== undefined && child.exitCode === null && child.signalCode === null) process.kill(-child.pid, signal);
}

/** One server process, from the moment it is spawned. */
export class Cellar {
  readonly process: ChildProcess;
  readonly ended: Promise<Ending>;
  readonly #listening: Promise<string>;
  #log = '';

  constructor({ main, data, store }: StartOptions) {
    const flags = ['server', '--port', '0', '--data', data, '--log-level', 'warn'];
    if (store !== undefined) flags.push('--store', store);
    const child = spawn(process.execPath, [main, ...flags], { detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
    this.process = child;
    running.add(child);
    this.ended = new Promise((resolve) => {
      child.once('close', (code, signal) => {
        running.delete(child);
        resolve({ code, signal });
      });
    });
    child.stderr.on('data', (chunk) => {
      this.#log = (this.#log + String(chunk)).slice(-20_000);
    });
    this.#listening = new Promise((resolve, reject) => {
      createInterface({ input: child.stdout }).on('line', (line) => {
        const url = /^Cellar listens on (http:\S+?),/.exec(line)?.[1];
        if (url !== undefined) resolve(url);
      });
      void this.ended.then(({ code, signal }) =>
        reject(new Error(`The server ended (code ${code}, signal ${signal}) before it listened. ${this.log.trim()}`)),
      );
    });
    // Whoever does not wait for it may let it fail.
    this.#listening.catch(() => undefined);
  }

  /** The last of what it wrote to stderr. */
  get log(): string {
    return this.#log;
  }

  get alive(): boolean {
    return this.process.exitCode === null && this.process.signalCode === null;
  }

  /** A client of it, as soon as it listens. */
  async ready(): Promise<Asker> {
    return new Asker(await this.#listening);
  }

  /** kill -9 of its process group. */
  async kill(): Promise<void> {
    killGroup(this.process, 'SIGKILL');
    await this.ended;
  }

  async terminate(): Promise<Ending> {
    if (this.alive) this.process.kill('SIGTERM');
    return this.ended;
  }
}

export interface Start {
  readonly server: Cellar;
  readonly asker: Asker;
  /** From the spawn to the first answer out of the database. */
  readonly wallMs: number;
  /** What of it the processor worked for this process: hardly depends on what else the machine does. */
  readonly cpuMs: number;
}

/** Starts a server and waits for its first answer. */
export async function start(options: StartOptions): Promise<Start> {
  const began = performance.now();
  const server = new Cellar(options);
  try {
    const asker = await server.ready();
    await asker.get('experiments/get', { experiment_id: '0' });
    return { server, asker, wallMs: performance.now() - began, cpuMs: cpuMs(server.process) };
  } catch (error) {
    await server.kill();
    throw error;
  }
}

/** Processor time so far; NaN where there is no /proc. */
function cpuMs(child: ChildProcess): number {
  try {
    const fields = readFileSync(`/proc/${child.pid}/stat`, 'utf8')
      .replace(/^.*\) /s, '')
      .split(' ');
    return (Number(fields[11]) + Number(fields[12])) * 10;
  } catch {
    return Number.NaN;
  }
}

/** What a Node.js process costs that does nothing, on this machine now. */
export function bareNodeMs(): number {
  const began = performance.now();
  execFileSync(process.execPath, ['-e', '0']);
  return performance.now() - began;
}
