import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { run } from '../scripts/run.mjs';

/** A job of the load driver; `driver/main.go` says what the fields mean. */
export interface Job {
  readonly job: string;
  readonly base: string;
  readonly prefix?: string;
  readonly connections?: number;
  readonly seconds?: number;
  readonly warmUpSeconds?: number;
  readonly maxOps?: number;
  readonly minOps?: number;
  readonly experiment?: string;
  readonly runId?: string;
  readonly metrics?: number;
  readonly params?: number;
  readonly first?: number;
  readonly method?: string;
  readonly path?: string;
  readonly body?: string;
  readonly vary?: number;
  readonly expect?: string;
  readonly pages?: number;
  readonly size?: number;
  readonly files?: number;
}

/** What the driver measured; see `driver/load.go`. */
export interface Outcome {
  readonly ops: number;
  readonly allOps: number;
  readonly items: number;
  readonly errors: number;
  readonly error?: string;
  readonly seconds: number;
  readonly opsPerS: number;
  readonly itemsPerS: number;
  readonly p50Ms: number;
  readonly p95Ms: number;
  readonly p99Ms: number;
  readonly maxMs: number;
  readonly driverCpuS: number;
  readonly eachMs?: number[];
  readonly runId?: string;
  readonly distinctRuns?: number;
}

export type Driver = (job: Job) => Promise<Outcome>;

const root = path.join(import.meta.dirname, '..');
const sources = path.join(import.meta.dirname, 'driver');

/** Builds the driver, unless it was built from these sources before. Needs Go. */
export async function buildDriver(): Promise<Driver> {
  const hash = createHash('sha256');
  for (const name of readdirSync(sources).sort()) hash.update(readFileSync(path.join(sources, name)));
  const folder = path.join(root, '.cache', 'bench');
  const program = path.join(folder, `driver-${hash.digest('hex').slice(0, 12)}`);
  if (!existsSync(program)) {
    mkdirSync(folder, { recursive: true });
    await run('go', ['build', '-o', program, '.'], {
      cwd: sources,
      env: { ...process.env, GOFLAGS: '-buildvcs=false' },
    });
  }
  return (job) => drive(program, job);
}

/** Throws when nothing could be measured. */
function drive(program: string, job: Job): Promise<Outcome> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, { stdio: ['pipe', 'pipe', 'inherit'] });
    let text = '';
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk;
    });
    child.once('error', reject);
    child.once('close', (code) => {
      if (text === '') return reject(new Error(`The driver ended with code ${code} and said nothing.`));
      const outcome = JSON.parse(text) as Outcome & { failed?: string };
      if (outcome.failed !== undefined) reject(new Error(outcome.failed));
      else if (outcome.ops === 0) reject(new Error(outcome.error ?? `No operation of ${job.job} was done.`));
      else resolve(outcome);
    });
    child.stdin.end(JSON.stringify(job));
  });
}
