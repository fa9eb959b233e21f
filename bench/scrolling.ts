// npm run bench:scrolling: the table of many runs in Chromium, scrolled by wheel and by its bar: how long its frames
// take, and until the rows at a place are there. Needs the built server and Chromium.
import { loadavg } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import Table from 'cli-table3';
import { type Browser, chromium, type Page } from 'playwright-core';
import { findChromium } from '../test/support/chromium.ts';
import { machine } from './machine.ts';
import { seedRuns } from './seed.ts';
import { cellar } from './servers/cellar.ts';

const { values: options } = parseArgs({
  options: { runs: { type: 'string', default: '100000' }, rounds: { type: 'string', default: '3' } },
});
const [runs, rounds] = [Number(options.runs), Number(options.rounds)];
const patienceMs = 60_000;
const turnsOfTheWheel = 150;
const framesOfADrag = 150;

/** Begins to note how long every frame takes. */
const record = `(() => {
  const frames = [];
  let last = performance.now();
  const next = (now) => { frames.push(now - last); last = now; recording.id = requestAnimationFrame(next); };
  globalThis.recording = { frames, id: requestAnimationFrame(next) };
})()`;
/** What was noted, without the frame in which it began. */
const recorded = 'cancelAnimationFrame(recording.id), recording.frames.slice(1)';

const frame = `document.querySelector('section[aria-label="Runs"]')`;
/** Every row in sight shows its run. */
const isFilled = `(() => {
  const frame = ${frame};
  if (frame === null) return false;
  const { top, bottom } = frame.getBoundingClientRect();
  const rows = [...frame.querySelectorAll('tbody tr[aria-rowindex]')].filter((row) => {
    const at = row.getBoundingClientRect();
    return at.bottom > top && at.top < bottom;
  });
  return rows.length > 5 && rows.every((row) => row.querySelector('th a') !== null);
})()`;

const filled = (page: Page) => page.waitForFunction(isFilled, undefined, { polling: 'raf', timeout: patienceMs });

/**
 * How long the frames of an act took, and how much CPU time the page's main thread spent on each, which depends less on
 * what else the machine does.
 */
async function framesOf(page: Page, act: () => Promise<unknown>): Promise<{ frames: number[]; cpuMs: number }> {
  const session = await page.context().newCDPSession(page);
  await session.send('Performance.enable', { timeDomain: 'threadTicks' });
  const spent = async () => {
    const { metrics } = await session.send('Performance.getMetrics');
    return (metrics.find(({ name }) => name === 'TaskDuration')?.value ?? Number.NaN) * 1000;
  };
  const before = await spent();
  await page.evaluate(record);
  await act();
  const frames = await page.evaluate<number[]>(recorded);
  const cpuMs = ((await spent()) - before) / frames.length;
  await session.detach();
  return { frames, cpuMs };
}

/** Turns the wheel a notch a frame, as fast as a hand does. */
async function wheel(page: Page): Promise<void> {
  for (let turn = 0; turn < turnsOfTheWheel; turn++) {
    await page.mouse.wheel(0, 120);
    await page.evaluate('new Promise(requestAnimationFrame)');
  }
}

/** Moves the bar from where it is to a share of the whole way, a little in every frame. */
const drag = (page: Page, to: number) =>
  page.evaluate(`new Promise((done) => {
    const frame = ${frame};
    const from = frame.scrollTop;
    const way = (frame.scrollHeight - frame.clientHeight) * ${to} - from;
    let step = 0;
    const next = () => {
      frame.scrollTop = from + (way * ++step) / ${framesOfADrag};
      if (step < ${framesOfADrag}) requestAnimationFrame(next);
      else done();
    };
    next();
  })`);

/** Jumps to a share of the whole way; milliseconds until all rows in sight are there. */
async function jump(page: Page, to: number): Promise<number> {
  const began = performance.now();
  await page.evaluate(
    `(() => { const frame = ${frame}; frame.scrollTop = (frame.scrollHeight - frame.clientHeight) * ${to}; })()`,
  );
  await page.evaluate('new Promise(requestAnimationFrame)');
  await filled(page);
  return performance.now() - began;
}

async function visit(browser: Browser, url: string) {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, bypassCSP: true });
  const page = await context.newPage();
  try {
    const began = performance.now();
    await page.goto(`${url}/experiments/0`, { waitUntil: 'commit' });
    await filled(page);
    const first = performance.now() - began;
    await page.waitForLoadState('networkidle');
    const box = (await page.locator('section[aria-label="Runs"]').boundingBox())!;
    await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
    const byWheel = await framesOf(page, () => wheel(page));
    const byBar = await framesOf(page, () => drag(page, 0.5));
    const settled = performance.now();
    await filled(page);
    const afterDrag = performance.now() - settled;
    return { first, byWheel, byBar, afterDrag, toQuarter: await jump(page, 0.25), toEnd: await jump(page, 1) };
  } finally {
    await context.close();
  }
}

const quantile = (values: readonly number[], q: number) =>
  [...values].sort((a, b) => a - b)[Math.min(values.length - 1, Math.floor(values.length * q))] ?? Number.NaN;

const folder = path.join(import.meta.dirname, '../.cache/bench', `scrolling-${runs}`);
await seedRuns({ dataDir: path.join(folder, 'data'), url: undefined }, runs, (done) => {
  if (done % 10_000 === 0) process.stderr.write(`\rseeding ${done} of ${runs} runs`);
});
process.stderr.write('\n');
const server = await cellar(folder, 'normal');
await server.start();
const browser = await chromium.launch({ executablePath: findChromium(), args: ['--no-sandbox'] });
try {
  const visits: Awaited<ReturnType<typeof visit>>[] = [];
  for (let round = 0; round < rounds; round++) visits.push(await visit(browser, server.url));
  const table = new Table({ head: ['what', 'median', 'p95', 'longest', 'unit'], style: { head: [], border: [] } });
  const row = (what: string, values: readonly number[]) =>
    table.push([what, ...[0.5, 0.95, 1].map((q) => quantile(values, q).toFixed(1)), 'ms']);
  for (const [what, values] of [
    ['open the runs: the rows in sight are there', visits.map(({ first }) => first)],
    ['a frame while the wheel turns', visits.flatMap(({ byWheel }) => byWheel.frames)],
    ['CPU time of the page for each', visits.map(({ byWheel }) => byWheel.cpuMs)],
    ['a frame while the bar is dragged to the middle', visits.flatMap(({ byBar }) => byBar.frames)],
    ['CPU time of the page for each', visits.map(({ byBar }) => byBar.cpuMs)],
    ['the bar let go in the middle: its rows are there', visits.map(({ afterDrag }) => afterDrag)],
    ['jump to a quarter of the way: its rows are there', visits.map(({ toQuarter }) => toQuarter)],
    ['jump to the end: its rows are there', visits.map(({ toEnd }) => toEnd)],
  ] as const)
    row(what, values);
  const load = loadavg().map((one) => one.toFixed(1));
  process.stdout.write(
    `${table.toString()}\n${rounds} visits on ${runs} runs; ${machine().Machine}, load average ${load.join(' ')}\n`,
  );
} finally {
  await browser.close();
  await server.stop();
}
