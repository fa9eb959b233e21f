// npm run bench:pages: the page of Cellar and that of MLflow in Chromium, on the same runs, one after the other: what a
// person waits for, and what it costs. Needs Go, Chromium, and a Python for MLflow; see bench/README.md.
import { mkdtempSync, rmSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import Table from 'cli-table3';
import { type Browser, chromium, type Page } from 'playwright-core';
import { pythonEnvironment } from '../scripts/python-env.mjs';
import { findChromium } from '../test/support/chromium.ts';
import { buildDriver, type Driver } from './driver.ts';
import { machine, versionOf } from './machine.ts';
import { cellar } from './servers/cellar.ts';
import { mlflow } from './servers/mlflow.ts';
import type { Server } from './servers/server.ts';
import { api } from './subject.ts';

const { values: options } = parseArgs({
  options: {
    runs: { type: 'string', default: '20000' },
    points: { type: 'string', default: '1000000' },
    rounds: { type: 'string', default: '5' },
    seconds: { type: 'string', default: '12' },
  },
});
const [runs, points, rounds, seedSeconds] = [options.runs, options.points, options.rounds, options.seconds].map(
  Number,
) as [number, number, number, number];

const filter = "metrics.F1 > 0.9 and params.n_estimators = '100'";
const rowsWanted = 50;
const patienceMs = 120_000;

/** Where the same things stand in either page. */
interface Places {
  readonly experiment: string;
  readonly sorted: string;
  readonly run: string;
  filterBox(page: Page): ReturnType<Page['locator']>;
  /** True in the page once the curve of the long metric is drawn. */
  readonly isDrawn: string;
}

const placesOf = (server: Server, experiment: string, run: string): Places =>
  server.product === 'cellar'
    ? {
        experiment: `${server.url}/experiments/${experiment}`,
        sorted: `${server.url}/experiments/${experiment}?sort=-metrics.F1`,
        run: `${server.url}/runs/${run}?tab=metrics`,
        filterBox: (page) => page.getByRole('combobox').first(),
        isDrawn: `document.querySelector('canvas') !== null && document.body.innerText.includes('points drawn')`,
      }
    : {
        experiment: `${server.url}/#/experiments/${experiment}/runs`,
        sorted: `${server.url}/#/experiments/${experiment}/runs?orderByKey=metrics.%60F1%60&orderByAsc=false`,
        run: `${server.url}/#/experiments/${experiment}/runs/${run}/model-metrics`,
        filterBox: (page) => page.locator('[data-testid="search-box"]').first(),
        isDrawn: `document.querySelector('.scatterlayer .trace path') !== null`,
      };

/** The names of runs as they stand in the page, from the top. */
const namesShown = `[...document.querySelectorAll('a, span, div')].filter((one) => one.childElementCount === 0 && /^run-\\d{7}$/.test(one.textContent.trim())).map((one) => ({ name: one.textContent.trim(), top: one.getBoundingClientRect().top })).sort((a, b) => a.top - b.top).map(({ name }) => name)`;

interface Seen {
  readonly ms: number;
  readonly bytes: number;
  readonly requests: number;
}

/** Does something and waits until `holds` in the page, and one more frame. */
async function watched(page: Page, act: () => Promise<unknown>, holds: string): Promise<Seen> {
  const session = await page.context().newCDPSession(page);
  await session.send('Network.enable');
  let [bytes, requests] = [0, 0];
  session.on('Network.loadingFinished', ({ encodedDataLength }) => {
    bytes += encodedDataLength;
    requests++;
  });
  const start = performance.now();
  await act();
  await page.waitForFunction(holds, undefined, { polling: 'raf', timeout: patienceMs });
  const ms = performance.now() - start;
  await session.detach();
  return { ms, bytes, requests };
}

const firstIs = (name: string) => `(${namesShown})[0] === ${JSON.stringify(name)}`;

async function visit(browser: Browser, places: Places, expected: { filtered: string; sorted: string }) {
  // Tall enough for a table that draws only what is seen.
  const context = await browser.newContext({ viewport: { width: 1440, height: 3600 }, bypassCSP: true });
  const page = await context.newPage();
  try {
    const rows = `(${namesShown}).length >= ${rowsWanted}`;
    const first = await watched(page, () => page.goto(places.experiment, { waitUntil: 'commit' }), rows);
    const box = places.filterBox(page);
    await box.fill(filter);
    const filtered = await watched(page, () => box.press('Enter'), firstIs(expected.filtered));
    await page.goto('about:blank');
    const sorted = await watched(
      page,
      () => page.goto(places.sorted, { waitUntil: 'commit' }),
      firstIs(expected.sorted),
    );
    await page.goto('about:blank');
    const run = await watched(page, () => page.goto(places.run, { waitUntil: 'commit' }), places.isDrawn);
    return { first, filtered, sorted, run };
  } finally {
    await context.close();
  }
}

async function call(server: Server, place: string, body: object): Promise<Record<string, never>> {
  const response = await fetch(`${server.url}${api}/${place}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  if (!response.ok) throw new Error(`${place}: ${response.status} ${await response.text()}`);
  return (await response.json()) as Record<string, never>;
}

/** The same runs and the same long metric on either server. */
async function fill(server: Server, drive: Driver): Promise<{ experiment: string; run: string }> {
  const made: { experiment_id?: string } = await call(server, 'experiments/create', { name: 'bench-pages' });
  const experiment = made.experiment_id!;
  const base = { base: server.url, prefix: api };
  const bound = server.fill === undefined ? {} : { seconds: seedSeconds };
  const { ops } = await drive({ ...base, job: 'lifecycle', maxOps: runs, connections: 8, experiment, ...bound });
  if (ops < runs) await server.fill?.('runs', ops, runs, experiment);
  const other: { experiment_id?: string } = await call(server, 'experiments/create', { name: 'bench-long' });
  const long = { job: 'history-load', experiment: other.experiment_id!, connections: 2, maxOps: points / 1000 };
  const { runId } = await drive({ ...base, ...long });
  return { experiment, run: runId! };
}

async function nameOfFirst(server: Server, experiment: string, more: object): Promise<string> {
  const asked = { experiment_ids: [experiment], max_results: 1, ...more };
  const found: { runs?: { info: { run_name: string } }[] } = await call(server, 'runs/search', asked);
  return found.runs![0]!.info.run_name;
}

type Visit = Awaited<ReturnType<typeof visit>>;
const median = (values: readonly number[]) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)]!;

const python =
  process.env['BENCH_MLFLOW_PYTHON'] ??
  (await pythonEnvironment(path.join(import.meta.dirname, '../test/clients/requirements-3.17.txt')));
const drive = await buildDriver();
const folder = mkdtempSync(path.join(tmpdir(), 'cellar-bench-'));
const browser = await chromium.launch({ executablePath: findChromium(), args: ['--no-sandbox'] });
const visits = new Map<string, Visit[]>();
const versions: string[] = [];
try {
  for (const server of [
    await cellar(path.join(folder, 'cellar'), 'normal'),
    await mlflow(python, path.join(folder, 'mlflow')),
  ]) {
    await server.start();
    try {
      process.stderr.write(`${server.name}: ${runs} runs, a metric of ${points} points …\n`);
      const { experiment, run } = await fill(server, drive);
      const expected = {
        filtered: await nameOfFirst(server, experiment, { filter, order_by: ['attributes.start_time DESC'] }),
        sorted: await nameOfFirst(server, experiment, { order_by: ['metrics.F1 DESC'] }),
      };
      const places = placesOf(server, experiment, run);
      const seen: Visit[] = [];
      for (let round = 0; round < rounds; round++) {
        seen.push(await visit(browser, places, expected));
        process.stderr.write(`${server.name}: round ${round + 1}, ${seen.at(-1)!.first.ms.toFixed(0)} ms to rows\n`);
      }
      visits.set(server.product, seen);
      versions.push(await versionOf(server, python));
    } finally {
      await server.stop();
    }
  }
} finally {
  await browser.close();
  rmSync(folder, { recursive: true, force: true });
}

const of = (product: string, what: keyof Visit, figure: keyof Seen) =>
  median(visits.get(product)!.map((visit) => visit[what][figure]));
const table = new Table({
  head: ['what', 'unit', 'Cellar', 'MLflow', 'times', 'goal'],
  style: { head: [], border: [] },
});
for (const [text, what, figure, unit, goal] of [
  [`open the runs: the first ${rowsWanted} rows are there`, 'first', 'ms', 'ms', '4'],
  ['what that takes', 'first', 'bytes', 'kB', '10'],
  ['', 'first', 'requests', 'requests', ''],
  ['filter by a metric and a parameter', 'filtered', 'ms', 'ms', ''],
  ['open them in the order of a metric, everything cached', 'sorted', 'ms', 'ms', ''],
  [`open a run with a metric of ${points} points, its curve drawn`, 'run', 'ms', 'ms', ''],
] as const) {
  const [ours, peers] = (['cellar', 'mlflow'] as const).map((product) => of(product, what, figure)) as [number, number];
  const shown = (value: number) => (unit === 'kB' ? (value / 1000).toFixed(0) : value.toFixed(0));
  table.push([text, unit, shown(ours), shown(peers), (peers / ours).toFixed(1), goal]);
}
const { Machine } = machine();
const load = loadavg().map((one) => one.toFixed(1));
process.stdout.write(
  `${table.toString()}\nmedians of ${rounds} visits on ${runs} runs; ${versions.join(', ')}\n${Machine}, load average ${load.join(' ')}\n`,
);
