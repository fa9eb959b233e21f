// npm run faults:serving: what becomes of requests when champions are swapped, workers and servers die, models fail, and
// callers misbehave, with figures. Minutes long; CI plays the same in small.
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { Agent } from 'node:http';
import { connect, type Socket } from 'node:net';
import { loadavg, tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import Table from 'cli-table3';
import { memoryOf } from '../../bench/processes.ts';
import { during, type LoadOutcome } from './load.ts';
import { championOf, sampleModels, wineColumns, wineRows } from './models.ts';
import { startServing } from './server.ts';
import { askOnce, swapUnderLoad } from './swaps.ts';

const { values: options } = parseArgs({
  options: {
    'onnx-swaps': { type: 'string', default: '200' },
    'python-swaps': { type: 'string', default: '20' },
    connections: { type: 'string', default: '2000' },
  },
});
const table = new Table({
  head: ['fault', 'answers', 'by status', 'slowest', 'besides'],
  style: { head: [], border: [] },
});
const seconds = (ms: number) => `${(ms / 1000).toFixed(2)} s`;
const row = (fault: string, { answers, statuses, maxMs }: LoadOutcome, besides: string) => {
  const by = Object.entries(statuses).map(([status, count]) => `${count} × ${status}`);
  table.push([fault, answers, by.join(', '), seconds(maxMs), besides]);
  process.stderr.write(`${fault}: ${by.join(', ')}; ${besides}\n`);
};

const models = await sampleModels();
const agent = new Agent({ keepAlive: true });
/** The fragile model answers with the id of its process. */
const bodyWith = (alcohol: number) =>
  JSON.stringify({ dataframe_split: { columns: wineColumns, data: [wineRows[0]!.with(0, alcohol)] } });
const usual = bodyWith(13);

async function until(holds: () => boolean | Promise<boolean>): Promise<number> {
  const start = performance.now();
  while (!(await holds())) {
    if (performance.now() - start > 120_000) throw new Error('It did not come about within 2 minutes.');
    await delay(20);
  }
  return performance.now() - start;
}

function isRunning(pid: number): boolean {
  try {
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
}

async function swaps(): Promise<void> {
  for (const runtime of ['onnx', 'python'] as const) {
    const server = await startServing(models);
    const count = Number(options[`${runtime}-swaps`]);
    const outcome = await swapUnderLoad(server, models, { runtime, swaps: count, connections: 64 });
    await server.close();
    const { answers, failed, misattributed, p50Ms, p99Ms, maxMs } = outcome;
    const statuses = { 200: answers - failed.length, ...(failed.length > 0 && { failed: failed.length }) };
    const besides = `${misattributed.length} wrongly attributed, p50 ${p50Ms.toFixed(1)} ms, p99 ${p99Ms.toFixed(1)} ms`;
    row(`${count} swaps on ${runtime}, 64 connections`, { answers, statuses, maxMs }, besides);
  }
}

async function dyingWorkers(): Promise<void> {
  const server = await startServing(models, {
    maxWorkerMemoryBytes: 512 * 2 ** 20,
    queueLimits: { timeoutMs: 10_000 },
  });
  const serve = { replicas: 2, runtime: 'python' as const };
  server.champions.decide(await championOf(models, 'fragile', { serve }));
  await server.serving.settled();
  const load = { url: server.url, connections: 16, body: usual };
  const workers = () => server.serving.slot('prod', 'wine').live!.deployment.workers;
  const pids = async () => {
    const found = new Set<number>();
    await until(async () => {
      for (const { text } of await Promise.all(Array.from({ length: 8 }, () => askOnce(server.url, agent, usual))))
        found.add(JSON.parse(text).predictions[0]);
      return found.size === 2;
    });
    return [...found];
  };
  for (const [what, count] of [
    ['kill -9 of one of two workers', 1],
    ['kill -9 of both workers', 2],
  ] as const) {
    const victims = (await pids()).slice(0, count);
    let backMs = 0;
    const outcome = await during(load, async () => {
      await delay(500);
      for (const pid of victims) process.kill(pid, 'SIGKILL');
      await until(() => workers() < 2);
      backMs = await until(() => workers() === 2);
      await delay(500);
    });
    row(what, outcome, `both at work again after ${seconds(backMs)}`);
  }
  const { deployment } = server.serving.slot('prod', 'wine').live!;
  const first = new Set(await pids());
  let peak = 0;
  const leaking = await during({ ...load, connections: 4, body: bodyWith(97) }, async () => {
    await until(async () => {
      peak = Math.max(peak, deployment.memoryBytes);
      const { text } = await askOnce(server.url, agent, usual);
      return !first.has(JSON.parse(text).predictions?.[0]);
    });
  });
  row(
    'a model that leaks 8 MiB a request',
    leaking,
    `replaced; ${(peak / 2 ** 20).toFixed(0)} MiB at most in both workers`,
  );
  await server.close();
}

async function failingModels(): Promise<void> {
  const server = await startServing(models);
  const recorded = {
    holdout: { path: `${models.folder}/wine.parquet`, target: 'class', task: 'classification' },
    predictionsPath: `${models.folder}/wine-1.parquet`,
  };
  server.champions.decide(await championOf(models, 'wine-1'));
  await server.serving.settled();
  for (const [what, name, changes] of [
    ['does not load', 'broken', {}],
    ['answers NaN', 'nan', recorded],
    ['hangs', 'forever', recorded],
  ] as const) {
    const start = performance.now();
    let tookMs = 0;
    const outcome = await during({ url: server.url, connections: 16, body: usual }, async () => {
      server.champions.decide(await championOf(models, name, changes));
      await server.serving.settled();
      tookMs = performance.now() - start;
    });
    const held = (await askOnce(server.url, agent, usual)).model;
    row(`a champion that ${what}`, outcome, `quarantined after ${seconds(tookMs)}, ${held} answers on`);
  }
  await server.close();
}

async function killedGateway(): Promise<void> {
  const dataDir = mkdtempSync(path.join(tmpdir(), 'cellar-killed-'));
  try {
    const child = fork(path.join(import.meta.dirname, 'killed-server.ts'), [dataDir], {
      execArgv: ['--import', 'tsx'],
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    });
    const [{ url }] = (await once(child, 'message')) as [{ url: string }];
    const { text } = await askOnce(url, agent, usual);
    const pid: number = JSON.parse(text).predictions[0];
    child.kill('SIGKILL');
    const goneMs = await until(() => !isRunning(pid));
    const start = performance.now();
    const again = await startServing(models, { dataDir });
    again.champions.decide(await championOf(models, 'fragile'));
    await again.serving.settled();
    const { status, model } = await askOnce(again.url, agent, usual);
    await again.close();
    row(
      'kill -9 of the server',
      { answers: 1, statuses: { [status]: 1 }, maxMs: performance.now() - start },
      `its worker gone after ${seconds(goneMs)}; ${model} served again after ${seconds(performance.now() - start)}`,
    );
  } finally {
    rmSync(dataDir, { recursive: true, force: true });
  }
}

/** A server in a process of its own, so that callers do not use up what it has. */
async function rudeCallers(): Promise<void> {
  const program = path.join(import.meta.dirname, '../../bench/serving/cellar-server.ts');
  const child = fork(program, ['python'], { execArgv: ['--import', 'tsx'] });
  const [{ url }] = (await once(child, 'message')) as [{ url: string }];
  const memory = () => memoryOf([child.pid!]).pssMiB;

  const many = Number(options.connections);
  const crowd = new Agent({ keepAlive: true, maxSockets: many });
  const statuses: Record<string, number> = {};
  const start = performance.now();
  await Promise.all(
    Array.from({ length: many }, async () => {
      const { status } = await askOnce(url, crowd, usual).catch(() => ({ status: 'broken' }));
      statuses[status] = (statuses[status] ?? 0) + 1;
    }),
  );
  crowd.destroy();
  const maxMs = performance.now() - start;
  const after = await askOnce(url, agent, usual);
  row(
    `${many} connections at once`,
    { answers: many, statuses, maxMs },
    `afterwards ${after.status}, ${memory().toFixed(0)} MiB`,
  );

  const { hostname, port } = new URL(url);
  const head = `POST /serve/prod/wine/invocations HTTP/1.1\r\nhost: ${hostname}\r\ncontent-type: application/json\r\ncontent-length: 100000\r\n\r\n{`;
  const slow: Socket[] = [];
  const outcome = await during({ url, connections: 16, body: usual }, async () => {
    for (let i = 0; i < 200; i++) {
      const socket = connect(Number(port), hostname).on('error', () => undefined);
      socket.write(head);
      slow.push(socket);
    }
    for (let second = 0; second < 5; second++) {
      await delay(1000);
      for (const socket of slow) socket.write(' ');
    }
  });
  for (const socket of slow) socket.destroy();
  row('16 callers beside 200 that send a byte a second', outcome, `${memory().toFixed(0)} MiB`);

  const before = memory();
  let peak = before;
  const large = new Uint8Array(200 * 2 ** 20).fill(32);
  const watching = setInterval(() => {
    peak = Math.max(peak, memory());
  }, 50);
  const refused = await fetch(`${url}/serve/prod/wine/invocations`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: large,
  }).then(
    ({ status }) => String(status),
    () => 'broken',
  );
  clearInterval(watching);
  const next = await askOnce(url, agent, usual);
  row(
    'a body of 200 MiB',
    { answers: 1, statuses: { [refused]: 1 }, maxMs: 0 },
    `${(peak - before).toFixed(0)} MiB more at most, afterwards ${next.status}`,
  );
  const exited = once(child, 'exit');
  child.disconnect();
  await exited;
}

for (const part of [swaps, dyingWorkers, failingModels, killedGateway, rudeCallers]) await part();
agent.destroy();
const load = loadavg().map((one) => one.toFixed(1));
process.stdout.write(`${table.toString()}\nload average ${load.join(' ')}\n`);
