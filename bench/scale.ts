import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, readFileSync, statSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { loadavg } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import Table from 'cli-table3';
import { makeReady } from '../scripts/checkout.mjs';
import { writeScale } from './results.ts';
import { seedRuns } from './seed.ts';

/**
 * `npm run bench:scale`: how start, memory and searches hold up as runs grow. Seeds each size once (kept in `.cache/`),
 * starts the server on it, and prints a row per figure. `--keep` writes them into `results/scale/`, for the report.
 */
const { values: options } = parseArgs({
  options: {
    runs: { type: 'string', default: '10000,100000,1000000' },
    store: { type: 'string' },
    searches: { type: 'string', default: '1000' },
    keep: { type: 'boolean', default: false },
  },
});

const root = fileURLToPath(new URL('..', import.meta.url));
const searchPath = '/api/2.0/mlflow/runs/search';

interface Shape {
  readonly name: string;
  readonly body: (i: number) => Record<string, unknown>;
  /** The page that is timed, from 1. */
  readonly page: number;
}

const first = { experiment_ids: ['0'], max_results: 100 };
const shapes: readonly Shape[] = [
  { name: 'first page, by start time', page: 1, body: () => first },
  { name: 'page 50, by start time', page: 50, body: () => first },
  {
    name: 'metric and param filter, by metric',
    page: 1,
    body: (i) => ({
      ...first,
      filter: `metrics.metric_1 > 0.9 and params.param_4 = '${i % 10}'`,
      order_by: ['metrics.metric_1 DESC'],
    }),
  },
  {
    name: 'metric filter, by metric, page 50',
    page: 50,
    body: (i) => ({ ...first, filter: `metrics.metric_1 > 0.${i % 4}`, order_by: ['metrics.metric_1 DESC'] }),
  },
  { name: 'rare param', page: 1, body: (i) => ({ ...first, filter: `params.param_3 = '${(i * 37) % 10000}'` }) },
  {
    name: 'tag, by metric',
    page: 1,
    body: (i) => ({ ...first, filter: `tags.tag_1 = 'team-${i % 50}'`, order_by: ['metrics.metric_2'] }),
  },
];

async function main(): Promise<void> {
  await makeReady(root);
  const table = new Table({ head: ['runs', 'figure', 'p50', 'p95', 'unit'], style: { head: [], border: [] } });
  for (const size of options.runs.split(',').map(Number)) await measure(size, table);
  process.stdout.write(
    `${table.toString()}\nload average ${loadavg()
      .map((load) => load.toFixed(1))
      .join(' ')}\n`,
  );
}

async function measure(size: number, table: InstanceType<typeof Table>): Promise<void> {
  const dataDir = path.join(root, '.cache', 'bench', `scale-${size}`);
  mkdirSync(dataDir, { recursive: true });
  await seedRuns({ dataDir, url: options.store }, size, (done) => {
    if (done % 10_000 === 0) process.stderr.write(`\rseeding ${done} of ${size} runs`);
  });
  process.stderr.write('\n');
  const rows: string[][] = [];
  const row = (name: string, p50: number, p95: number | undefined, unit: string) =>
    rows.push([String(size), name, p50.toFixed(2), p95?.toFixed(2) ?? '', unit]);

  const startedAt = performance.now();
  const server = await start(dataDir);
  await ask(server.url, first);
  row('start to first answer', performance.now() - startedAt, undefined, 'ms');
  try {
    for (const shape of shapes) {
      const times = await time(server.url, shape);
      row(shape.name, quantile(times, 0.5), quantile(times, 0.95), 'ms');
    }
    row(`anonymous memory after ${options.searches} searches`, anonymousMiB(server.process), undefined, 'MiB');
    if (options.store === undefined) {
      const bytes = statSync(path.join(dataDir, 'cellar.db')).size;
      row('database size per run', bytes / size, undefined, 'bytes');
    }
  } finally {
    agent.destroy();
    server.process.kill('SIGTERM');
    await new Promise((resolve) => server.process.once('exit', resolve));
  }
  table.push(...rows);
  if (options.keep) writeScale(size, { startTime: Date.now(), load: loadavg()[0]!, rows });
}

async function start(dataDir: string): Promise<{ url: string; process: ChildProcess }> {
  const args = ['dist/cli/main.js', 'server', '--port', '0', '--data', dataDir, '--log-level', 'warn'];
  if (options.store !== undefined) args.push('--store', options.store);
  const child = spawn(process.execPath, args, { cwd: root, stdio: ['ignore', 'pipe', 'inherit'] });
  const url = await new Promise<string>((resolve, reject) => {
    child.once('exit', (code) => reject(new Error(`The server ended with code ${code}; was it built?`)));
    child.stdout.on('data', (chunk) => {
      const found = /http:\/\/\S+?(?=,|\s)/.exec(String(chunk));
      if (found !== null) resolve(found[0]);
    });
  });
  return { url, process: child };
}

const agent = new Agent({ keepAlive: true, maxSockets: 1 });

interface Answer {
  /** From the request to the last byte of the answer; what the client does with the text is its own time. */
  readonly ms: number;
  readonly text: string;
}

function ask(url: string, body: object): Promise<Answer> {
  const text = JSON.stringify(body);
  const began = performance.now();
  return new Promise((resolve, reject) => {
    const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) };
    const asked = request(url + searchPath, { method: 'POST', agent, headers }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', reject);
      response.on('end', () => {
        const answer = { ms: performance.now() - began, text: Buffer.concat(chunks).toString() };
        if (response.statusCode === 200) resolve(answer);
        else reject(new Error(answer.text));
      });
    });
    asked.on('error', reject);
    asked.end(text);
  });
}

/** Milliseconds of the page asked for, each time with other values. */
async function time(url: string, shape: Shape): Promise<number[]> {
  const rounds = Math.ceil(Number(options.searches) / shapes.length / (shape.page > 1 ? 10 : 1));
  const times: number[] = [];
  for (let i = 0; i < rounds; i++) {
    let token: string | undefined;
    for (let page = 1; page <= shape.page; page++) {
      const { ms, text } = await ask(url, { ...shape.body(i), ...(token !== undefined && { page_token: token }) });
      if (page === shape.page) times.push(ms);
      token = (JSON.parse(text) as { next_page_token?: string }).next_page_token;
      if (token === undefined) break;
    }
  }
  return times;
}

function quantile(times: number[], q: number): number {
  const sorted = [...times].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * q))] ?? Number.NaN;
}

/** RssAnon: without the mapped pages of the database file, which the system takes back as it likes. */
function anonymousMiB(child: ChildProcess): number {
  const status = readFileSync(`/proc/${child.pid}/status`, 'utf8');
  return Number(/RssAnon:\s+(\d+) kB/.exec(status)?.[1]) / 1024;
}

await main();
