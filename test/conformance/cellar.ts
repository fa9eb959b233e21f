import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Running } from './reference.ts';
import { unprivileged } from './unprivileged.ts';

const repository = join(import.meta.dirname, '../..');

/** Starts Cellar from its source as a process of its own, on the store given or on SQLite in a throwaway folder. */
export async function startCellar(store?: string): Promise<Running> {
  const folder = mkdtempSync(join(tmpdir(), 'cellar-conformance-'));
  const flags = [
    '--port',
    '0',
    '--data',
    folder,
    '--log-level',
    'error',
    ...(store === undefined ? [] : ['--store', store]),
  ];
  const child = spawn(process.execPath, ['--import', 'tsx', 'src/cli/main.ts', 'server', ...flags], {
    cwd: repository,
    env: { ...process.env, HOME: folder, TMPDIR: folder },
    stdio: ['ignore', 'pipe', 'inherit'],
    ...unprivileged(folder),
  });
  const ended = new Promise<void>((resolve) => {
    child.once('exit', () => {
      rmSync(folder, { recursive: true, force: true });
      resolve();
    });
  });
  const url = await new Promise<string>((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code) => reject(new Error(`Cellar ended with code ${code} before it listened`)));
    createInterface({ input: child.stdout }).on('line', (line) => {
      const listens = /^Cellar listens on (http:\S+?),/.exec(line)?.[1];
      if (listens !== undefined) resolve(listens);
    });
  });
  return {
    url,
    stop: async () => {
      child.kill('SIGTERM');
      await ended;
    },
  };
}
