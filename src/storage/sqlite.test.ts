import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, it } from 'vitest';
import { openSqlite } from './sqlite.ts';
import { get, run, type Tx } from './storage.ts';

it('shortens a log that grew during a long read before the next long read begins', async () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'cellar-test-'));
  const file = path.join(folder, 'cellar.db');
  const storage = openSqlite({ file, durability: 'normal' });
  const logBytes = () => statSync(`${file}-wal`).size;
  await storage.write(() => run('create table pages(content text)'));

  let written = false;
  let bytesWhileReading = 0;
  let reading: () => void = () => undefined;
  const begun = new Promise<void>((resolve) => {
    reading = resolve;
  });
  const longRead = storage.read(
    function* (): Tx<void> {
      yield* get('select count(*) from pages');
      reading();
      while (!written) yield* get('select count(*) from pages');
      bytesWhileReading = logBytes();
    },
    { long: true },
  );
  const nextRead = storage.read(
    function* (): Tx<number> {
      yield* get('select count(*) from pages');
      return logBytes();
    },
    { long: true },
  );
  await begun;
  for (let i = 0; i < 100; i++)
    await storage.write(() => run('insert into pages(content) values (?)', ['x'.repeat(1024 * 1024)]));
  written = true;
  await longRead;
  expect(bytesWhileReading).toBeGreaterThan(100 * 1024 * 1024);
  expect(await nextRead).toBe(0);
  expect(await storage.read(() => get('select count(*) as n from pages'), { long: true })).toEqual({ n: 100 });
  await storage.close();
  rmSync(folder, { recursive: true });
});

it('gives up a read that looks at more rows than its budget, and answers it beside the event loop', async () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'cellar-test-'));
  const storage = openSqlite({ file: path.join(folder, 'cellar.db'), durability: 'normal' });
  await storage.write(() => run('create table numbers(n integer)'));
  await storage.write(() =>
    run('insert into numbers select value from json_each(?)', [JSON.stringify([...new Array(100).keys()])]),
  );

  const tries = async (budget: number) => {
    let count = 0;
    const answer = await storage.read(
      function* () {
        count++;
        return yield* get(`select count(*) as n from numbers where ${storage.dialect.charged('n')}`);
      },
      { long: true, budget },
    );
    expect(answer).toEqual({ n: 100 });
    return count;
  };
  expect(await tries(100)).toBe(1);
  expect(await tries(99)).toBe(2);
  expect(await tries(100)).toBe(1);
  await storage.close();
  rmSync(folder, { recursive: true });
});
