import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { openLog, readLog } from './log-file.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'cellar-log-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function logOf(name: string, chunks: readonly string[]): Promise<string> {
  const file = path.join(folder, name);
  const log = openLog(file, 10);
  await Promise.all(chunks.map((chunk) => log.write(Buffer.from(chunk))));
  await log.close();
  return file;
}

it('keeps what is written, in its order', async () => {
  expect(await readLog(await logOf('short', ['one ', 'two ']), 100)).toEqual({ text: 'one two ', truncated: false });
});

it('keeps the end of what is more than it may hold, at least as much as its limit', async () => {
  const file = await logOf('long', ['first ', 'second ', 'third ', 'fourth ']);
  expect(await readLog(file, 100)).toEqual({ text: 'third fourth ', truncated: false });
});

it('gives the end of it, and says that something came before', async () => {
  const file = await logOf('end', ['first ', 'second ']);
  expect(await readLog(file, 4)).toEqual({ text: 'ond ', truncated: true });
  expect(await readLog(file, 9)).toEqual({ text: 't second ', truncated: true });
});

it('is empty where nothing was written', async () => {
  expect(await readLog(path.join(folder, 'absent'), 100)).toEqual({ text: '', truncated: false });
});
