/**
 * The artifact proxy under load: one large file up and down with the server's memory, then many small files.
 * `npx tsx bench/artifacts.ts [MiB] [small files]` starts a server of its own on a temporary folder.
 */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { Agent, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { localArtifactStore } from '../src/artifacts/local-store.ts';
import { artifactRoutes } from '../src/artifacts/routes.ts';
import { createApp } from '../src/http/app.ts';

const MiB = 1024 * 1024;
const smallBytes = 4096;
const connections = 8;

async function serve(root: string): Promise<void> {
  const store = await localArtifactStore({ root });
  const logger = pino({ level: 'silent' });
  const app = createApp({ routes: artifactRoutes({ store }), logger, allowedHosts: [], allowedOrigins: [] });
  await app.listen({ host: '127.0.0.1', port: 0 });
  process.send!((app.server.address() as AddressInfo).port);
}

async function measure(megabytes: number, files: number): Promise<void> {
  const root = await mkdtemp(join(tmpdir(), 'cellar-bench-'));
  const server = fork(import.meta.filename, ['serve', root]);
  try {
    const [port] = (await once(server, 'message')) as [number];
    const agent = new Agent({ keepAlive: true, maxSockets: connections });
    const base = { agent, host: '127.0.0.1', port };
    const path = (name: string) => `/api/2.0/mlflow-artifacts/artifacts/bench/${name}`;
    const block = Buffer.alloc(MiB, 'cellar');

    const upload = async (name: string, count: number, data: Buffer) => {
      const call = request({
        ...base,
        method: 'PUT',
        path: path(name),
        headers: { 'content-length': count * data.length },
      });
      const answered = once(call, 'response');
      for (let i = 0; i < count; i++) if (!call.write(data)) await once(call, 'drain');
      call.end();
      return finish((await answered)[0]);
    };
    const download = async (name: string) => {
      const call = request({ ...base, path: path(name) }).end();
      return finish((await once(call, 'response'))[0]);
    };
    await upload('warm.bin', 1, block.subarray(0, 1));

    for (const [verb, run] of [
      ['up', () => upload('large.bin', megabytes, block)],
      ['down', () => download('large.bin')],
    ] as const) {
      const before = await memory(server.pid!);
      let peak = before;
      const watch = setInterval(() => void memory(server.pid!).then((now) => (peak = Math.max(peak, now))), 20);
      const start = performance.now();
      await run();
      const seconds = (performance.now() - start) / 1000;
      clearInterval(watch);
      console.error(
        `${megabytes} MiB ${verb}: ${(megabytes / seconds).toFixed(0)} MiB/s, memory ${before.toFixed(0)} MiB, peak +${(peak - before).toFixed(0)} MiB`,
      );
    }

    for (const [verb, run] of [
      ['up', (i: number) => upload(`${i}.bin`, 1, block.subarray(0, smallBytes))],
      ['down', (i: number) => download(`${i}.bin`)],
    ] as const) {
      let next = 0;
      const start = performance.now();
      await Promise.all(
        Array.from({ length: connections }, async () => {
          while (next < files) await run(next++);
        }),
      );
      console.error(
        `${files} files of ${smallBytes} bytes ${verb}, ${connections} at a time: ${(files / ((performance.now() - start) / 1000)).toFixed(0)} files/s`,
      );
    }
    agent.destroy();
  } finally {
    server.kill();
    await rm(root, { recursive: true, force: true });
  }
}

async function finish(response: import('node:http').IncomingMessage): Promise<void> {
  if (response.statusCode !== 200) throw new Error(`The server answered ${response.statusCode}`);
  response.resume();
  await once(response, 'end');
}

/** Anonymous memory of a process in MiB. */
async function memory(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  return Number(/RssAnon:\s+(\d+)/.exec(status)![1]) / 1024;
}

const [first = '1024', second = '2000'] = process.argv.slice(2);
await (first === 'serve' ? serve(second) : measure(Number(first), Number(second)));
