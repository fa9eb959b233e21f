import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Readable } from 'node:stream';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openWorkerLog, readWorkerLog } from './worker-log.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'cellar-worker-log-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

test('a stream is read no further before the file has what it gave', async () => {
  const file = path.join(folder, 'slot.log');
  const log = openWorkerLog(file);
  const stream = Readable.from([Buffer.from('one\n'), Buffer.from('two\n'), Buffer.from('three\n')]);
  const written: string[] = [];
  log.follow(stream);
  stream.on('data', () => written.push(existsSync(file) ? readFileSync(file, 'utf8') : ''));
  await new Promise((resolve) => stream.once('end', resolve));
  // The file may have the newest one, too.
  expect(written.map((text, i) => text.startsWith(['', 'one\n', 'one\ntwo\n'][i]!))).toEqual([true, true, true]);
  log.close();
});

test('a stream of many MiB comes to its end, over several files', async () => {
  const file = path.join(folder, 'slot.log');
  const log = openWorkerLog(file);
  const line = Buffer.from(`${'x'.repeat(65_535)}\n`);
  const stream = Readable.from(Array.from({ length: 100 }, () => line));
  log.follow(stream);
  await new Promise((resolve) => stream.once('end', resolve));
  log.close();
  expect((await readWorkerLog(file, 1))[0]).toHaveLength(65_535);
});

test('a stream goes on where no file can be written', async () => {
  const log = openWorkerLog(path.join(folder, 'a-folder', 'slot.log'));
  rmSync(path.join(folder, 'a-folder'), { recursive: true });
  const stream = Readable.from([Buffer.from('one\n'), Buffer.from('two\n'), Buffer.from('three\n')]);
  log.follow(stream);
  await new Promise((resolve) => stream.once('end', resolve));
  expect(log.tail()).toBe('one\ntwo\nthree');
});
