import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { SampleModels } from './models.ts';

/** `mlflow models serve` with one of the models, the server that Cellar's answers are compared with. */
export interface Peer {
  readonly pid: number;
  readonly base: string;
  readonly path: string;
  readonly stop: () => Promise<void>;
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (typeof address !== 'object' || address === null) throw new Error('There is no free port.');
  return address.port;
}

/** Starts it on a free port and waits until it answers. */
export async function startPeer({ python, folder }: SampleModels, name: string): Promise<Peer> {
  const port = await freePort();
  const words = ['-m', 'mlflow', 'models', 'serve', '--model-uri', path.join(folder, name)];
  const child = spawn(python, [...words, '--env-manager', 'local', '--port', String(port)], {
    detached: true,
    stdio: 'ignore',
    env: { ...process.env, PATH: `${path.dirname(python)}:${process.env['PATH']}`, MLFLOW_DISABLE_TELEMETRY: 'true' },
  });
  const base = `http://127.0.0.1:${port}`;
  while (!(await fetch(`${base}/ping`).catch(() => undefined))?.ok) {
    if (child.exitCode !== null) throw new Error('mlflow models serve does not start.');
    await delay(100);
  }
  return {
    pid: child.pid!,
    base,
    path: '/invocations',
    stop: async () => {
      const ended = once(child, 'exit');
      process.kill(-child.pid!, 'SIGTERM');
      await ended;
    },
  };
}
