import { fork } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, rmSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { Agent } from 'node:http';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { championOf, type SampleModels, sampleModels, wineColumns, wineRows } from './models.ts';
import { type ServingServer, startServing } from './server.ts';
import { askOnce } from './swaps.ts';

let models: SampleModels;
let server: ServingServer;
const agent = new Agent({ keepAlive: true });

const maxWorkerMemoryBytes = 512 * 1024 * 1024;

beforeAll(async () => {
  models = await sampleModels();
  server = await startServing(models, { maxWorkerMemoryBytes, queueLimits: { timeoutMs: 3000, batchRequests: 1 } });
});

afterAll(async () => {
  agent.destroy();
  await server?.close();
});

/** The model answers with the id of its process; an alcohol of 97, 98 or 99 makes it leak, hang or end. */
const bodyWith = (alcohol: number, rows = 1) =>
  JSON.stringify({
    dataframe_split: { columns: wineColumns, data: Array.from({ length: rows }, () => wineRows[0]!.with(0, alcohol)) },
  });
const ask = (alcohol: number, rows?: number) => askOnce(server.url, agent, bodyWith(alcohol, rows));
const pidOf = ({ text }: { text: string }): number => JSON.parse(text).predictions[0];

const until = (holds: () => boolean | Promise<boolean>) => vi.waitUntil(holds, { timeout: 240_000, interval: 25 });

/** A process that ended but was not waited for is gone as well. */
function isRunning(pid: number): boolean {
  try {
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
}

describe('a worker', () => {
  beforeAll(async () => {
    server.champions.decide(await championOf(models, 'fragile', { serve: { replicas: 2, runtime: 'python' } }));
    await server.serving.settled();
  });

  const workers = () => server.serving.slot('prod', 'wine').live!.deployment.workers;

  test('that is killed loses no request, and is started again', async () => {
    const victim = pidOf(await ask(13));
    const answers = Promise.all(Array.from({ length: 40 }, () => ask(13)));
    process.kill(victim, 'SIGKILL');
    expect((await answers).map(({ status }) => status)).toEqual(Array(40).fill(200));
    await until(() => workers() === 2);
    expect(isRunning(victim)).toBe(false);
  });

  test('that is killed with all others loses no request either', async () => {
    const pids = new Set<number>();
    await until(async () => {
      for (const answer of await Promise.all([ask(13), ask(13), ask(13), ask(13)])) pids.add(pidOf(answer));
      return pids.size === 2;
    });
    const answers = Promise.all(Array.from({ length: 20 }, () => ask(13)));
    for (const pid of pids) process.kill(pid, 'SIGKILL');
    const statuses = (await answers).map(({ status }) => status);
    // Starting a worker again may take longer than a request may wait.
    expect(statuses.filter((status) => status !== 200 && status !== 504)).toEqual([]);
    await until(() => workers() === 2);
    expect((await ask(13)).status).toBe(200);
  });

  test('that dies of a request is replaced, and the request is answered with 503 after one more attempt', async () => {
    const answers = Promise.all([ask(99), ...Array.from({ length: 10 }, () => ask(13))]);
    const [poison, ...others] = await answers;
    expect([503, 504]).toContain(poison!.status);
    expect(others.map(({ status }) => status).filter((status) => status !== 200 && status !== 504)).toEqual([]);
    await until(() => workers() === 2);
    expect((await ask(13)).status).toBe(200);
  });

  test('that hangs is ended after the time of a request, which is answered with 504', async () => {
    const { status, text } = await ask(98);
    expect(status).toBe(504);
    expect(text).toContain('did not answer within 3000 ms');
    await until(() => workers() === 2);
    expect((await ask(13)).status).toBe(200);
  });

  test('that leaks is replaced before it is ended', async () => {
    const { deployment } = server.serving.slot('prod', 'wine').live!;
    const pids = new Set<number>();
    await until(async () => {
      // Beyond the limit it is only waited for.
      const answer = await ask(deployment.memoryBytes > 3 * maxWorkerMemoryBytes ? 13 : 97, 4);
      expect(answer.status).toBe(200);
      pids.add(pidOf(answer));
      return pids.size > 2;
    });
    expect(pids.size).toBeGreaterThan(2);
    await until(() => deployment.workers === 2);
  });
});

test('a body beyond the limit is refused with 413, and the model goes on answering', async () => {
  const response = await fetch(`${server.url}/serve/prod/wine/invocations`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: Buffer.alloc(40 * 1024 * 1024, ' '),
  }).catch((error: Error) => error);
  // The connection may be gone before the answer is read, since the rest of the body is not wanted.
  if (response instanceof Response) expect(response.status).toBe(413);
  expect((await ask(13)).status).toBe(200);
});

test('a caller that leaves takes its request out of the queue', async () => {
  const leaving = new AbortController();
  const url = `${server.url}/serve/prod/wine/invocations`;
  const headers = { 'content-type': 'application/json' };
  const { deployment } = server.serving.slot('prod', 'wine').live!;
  const asked = Array.from({ length: 30 }, () =>
    fetch(url, { method: 'POST', headers, body: bodyWith(13), signal: leaving.signal }).catch(() => undefined),
  );
  await until(() => deployment.queue.pending > 0);
  leaving.abort();
  await Promise.all(asked);
  await until(() => deployment.queue.pending === 0);
  expect((await ask(13)).status).toBe(200);
});

test('a server that is killed leaves no worker behind, and serves the same champion when it starts again', async () => {
  const dataDir = await mkdtemp(path.join(tmpdir(), 'cellar-killed-'));
  try {
    const program = fileURLToPath(new URL('./killed-server.ts', import.meta.url));
    const child = fork(program, [dataDir], {
      execArgv: ['--import', 'tsx'],
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    });
    const [{ url }] = (await once(child, 'message')) as [{ url: string }];
    const pid = pidOf(await askOnce(url, agent, bodyWith(13)));
    expect(isRunning(pid)).toBe(true);
    const exited = once(child, 'exit');
    child.kill('SIGKILL');
    await exited;
    await until(() => !isRunning(pid));

    const again = await startServing(models, { dataDir });
    try {
      again.champions.decide(await championOf(models, 'fragile'));
      await again.serving.settled();
      const answer = await askOnce(again.url, agent, bodyWith(13));
      expect([answer.status, answer.model]).toEqual([200, 'fragile']);
      const [live, killed] = await again.serving.history(1, 2);
      expect(live).toMatchObject({ status: 'live', registeredModel: 'fragile' });
      expect(killed).toMatchObject({ status: 'stopped', reason: 'the server ended' });
    } finally {
      await again.close();
    }
  } finally {
    rmSync(dataDir, { recursive: true, force: true });
  }
});
