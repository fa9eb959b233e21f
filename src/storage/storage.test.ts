import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makePlace, onEveryEngine, type Place } from '../../test/support/stores.ts';
import { AppError, invalid } from '../errors.ts';
import { openKeys } from './keys.ts';
import { lockDataFolder } from './lock.ts';
import { migrate, migrations } from './migrate.ts';
import { openStorage } from './open.ts';
import { openPostgres } from './postgres.ts';
import { openSqlite } from './sqlite.ts';
import { all, get, insertCounting, insertRows, numbers, run, type Storage, type Tx, values } from './storage.ts';

const pairs = { table: 'pairs', columns: { a: 'bigint', b: 'text' }, onConflict: 'on conflict do nothing' } as const;

function* countPairs(): Tx<number> {
  return (yield* get<{ n: number }>('select count(*) as n from pairs'))!.n;
}

onEveryEngine((engine) => {
  describe('storage', () => {
    let place: Place;
    let storage: Storage;
    const open = () => openStorage({ url: place.store, dataDir: place.dataDir, durability: 'normal' }, () => 1000);

    beforeAll(async () => {
      place = await makePlace(engine);
      storage = await open();
      const { bigint, text } = storage.dialect;
      await storage.write(() =>
        run(`create table pairs(a ${bigint} not null, b ${text} not null, primary key (a, b))`),
      );
    });
    afterAll(async () => {
      await storage.close();
      await place.remove();
    });

    it('returns rows as objects, as arrays, and one by one', async () => {
      await storage.write(() => run('insert into pairs(a, b) values (?, ?)', [1, 'one']));
      expect(await storage.read(() => all('select a, b from pairs where a = ?', [1]))).toEqual([{ a: 1, b: 'one' }]);
      expect(await storage.read(() => values('select a, b from pairs where a = ?', [1]))).toEqual([[1, 'one']]);
      expect(await storage.read(() => get('select b from pairs where a = ?', [2]))).toBeUndefined();
    });

    it('gives the same answers to long reads', async () => {
      await storage.write(() => run('insert into pairs(a, b) values (?, ?)', [3, 'long']));
      const body = () => get('select b from pairs where a = ?', [3]);
      expect(await storage.read(body, { long: true })).toEqual(await storage.read(body));
      await expect(storage.read(() => get('select nonsense from pairs'), { long: true })).rejects.toThrow(/nonsense/);
      expect(await storage.read(body, { long: true })).toEqual({ b: 'long' });
    });

    it('returns numbers one row after the other, on either thread', async () => {
      const { bigint, double } = storage.dialect;
      await storage.write(() => run(`create table points(n ${bigint} primary key, x ${double} not null)`));
      const points = { table: 'points', columns: { n: 'bigint', x: 'double precision' } } as const;
      const rows = Array.from({ length: 3000 }, (_, i) => [2 ** 53 - 3000 + i, i / 7] as const);
      await storage.write(() => insertRows(points, rows));
      const read = (count: number) => () => numbers('select n, x from points order by n limit ?', [count]);
      for (const long of [false, true]) {
        expect([...(await storage.read(read(3000), { long }))]).toEqual(rows.flat());
        expect([...(await storage.read(read(2), { long }))]).toEqual(rows.slice(0, 2).flat());
        expect(await storage.read(read(0), { long })).toEqual(new Float64Array());
        await expect(storage.read(() => numbers('select nonsense from points'), { long })).rejects.toThrow(/nonsense/);
      }
    });

    it('takes back only the body that throws, of many that commit together', async () => {
      const before = await storage.read(countPairs);
      const writes = Array.from({ length: 20 }, (_, i) =>
        storage.write(function* () {
          yield* run('insert into pairs(a, b) values (?, ?)', [100 + i, 'group']);
          if (i % 2 === 1) throw invalid(`body ${i} fails`);
          return i;
        }),
      );
      const outcomes = await Promise.allSettled(writes);
      expect(outcomes.map((outcome) => outcome.status === 'fulfilled')).toEqual(outcomes.map((_, i) => i % 2 === 0));
      expect(await storage.read(countPairs)).toBe(before + 10);
    });

    it('keeps the statements of two bodies apart', async () => {
      const increment = function* (): Tx<void> {
        const before = yield* get<{ value: number }>(
          `select value from counters where name = 'run' ${storage.dialect.forUpdate}`,
        );
        yield* run("update counters set value = ? where name = 'run'", [before!.value + 1]);
      };
      await Promise.all(Array.from({ length: 50 }, () => storage.write(increment)));
      const after = await storage.read(() => get<{ value: number }>("select value from counters where name = 'run'"));
      expect(after?.value).toBe(50);
    });

    it('runs what follows a commit after it, and never after a rollback', async () => {
      const seen: string[] = [];
      const { afterCommit } = await import('./storage.ts');
      const failing = storage.write(function* () {
        yield* afterCommit(() => seen.push('failed'));
        throw invalid('no');
      });
      const passing = storage.write(() => afterCommit(() => seen.push('passed')));
      await Promise.allSettled([failing, passing]);
      expect(seen).toEqual(['passed']);
    });

    it('inserts many rows at once and counts those that were new', async () => {
      const rows = Array.from({ length: 1000 }, (_, i): [number, string] => [1000 + (i % 3), `row ${i}`]);
      expect(await storage.write(() => insertRows(pairs, rows))).toBe(1000);
      const again = [...rows, [1000, 'new'] as [number, string]];
      const counts = await storage.write(() => insertCounting<number>({ ...pairs, countBy: 'a' }, again));
      expect([...counts].filter(([, n]) => n > 0)).toEqual([[1000, 1]]);
    });

    it('compares text alike: LIKE by case, ILIKE without, order by bytes', async () => {
      const texts = ['Apple', 'apple', 'ap*le', 'ap?le', 'ap[le', 'ap_le', 'ap\\le', 'Äpfel', 'äpfel', 'Zebra'];
      await storage.write(() =>
        insertRows(
          pairs,
          texts.map((text) => [5000, text]),
        ),
      );
      const { dialect } = storage;
      const like = (pattern: string) =>
        storage.read(() =>
          values<[string]>(`select b from pairs where a = 5000 and ${dialect.like('b')} order by b`, [
            dialect.likePattern(pattern),
          ]),
        );
      const ilike = (pattern: string) =>
        storage.read(() =>
          values<[string]>(`select b from pairs where a = 5000 and ${dialect.ilike('b')} order by b`, [pattern]),
        );
      expect((await like('app%')).flat()).toEqual(['apple']);
      expect((await like('ap_le')).flat()).toEqual(['ap*le', 'ap?le', 'ap[le', 'ap\\le', 'ap_le', 'apple'].sort());
      expect((await like('%*%')).flat()).toEqual(['ap*le']);
      expect((await like('%[%')).flat()).toEqual(['ap[le']);
      expect((await like('ap\\le')).flat()).toEqual(['ap\\le']);
      expect((await ilike('APP%')).flat()).toEqual(['Apple', 'apple']);
      expect((await ilike('äpfel')).flat()).toEqual(['äpfel']);
      const ordered = await storage.read(() => values<[string]>('select b from pairs where a = 5000 order by b'));
      expect(ordered.flat()).toEqual([...texts].sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b))));
    });

    it('finds rows by a list bound as one value', async () => {
      const { dialect } = storage;
      const sql = `select count(*) as n from pairs where ${dialect.isAnyOf('a', [1000, 1001, 77])}`;
      expect(await storage.read(() => get(sql, [dialect.list([1000, 1001, 77])]))).toEqual({ n: 1000 - 333 + 1 });
      const byText = `select count(*) as n from pairs where a = 5000 and ${dialect.isAnyOf('b', ['Apple', "O'Neil"])}`;
      expect(await storage.read(() => get(byText, [dialect.list(['Apple', "O'Neil"])]))).toEqual({ n: 1 });
    });

    it('gives a key one id for ever, whoever asks first', async () => {
      const keys = openKeys(storage);
      const ids = await Promise.all(Array.from({ length: 10 }, () => storage.write(() => keys.idOf('accuracy'))));
      expect(new Set(ids).size).toBe(1);
      await expect(
        storage.write(function* () {
          yield* keys.idOf('rolled back');
          throw invalid('no');
        }),
      ).rejects.toThrow(AppError);
      expect(await storage.read(() => keys.find('rolled back'))).toBeUndefined();
      const id = await storage.write(() => keys.idOf('rolled back'));
      expect((await storage.read(() => openKeys(storage).namesOf([id]))).get(id)).toBe('rolled back');
    });

    it('migrates once, also when many servers start at the same moment', async () => {
      const other = await makePlace(engine);
      const openOther = () =>
        openStorage({ url: other.store, dataDir: other.dataDir, durability: 'normal' }, () => 1000);
      const opened = await Promise.all(Array.from({ length: 8 }, openOther));
      const rows = await opened[0]!.read(() =>
        all<{ number: number }>('select number from migrations order by number'),
      );
      expect(rows.map((row) => row.number)).toEqual(migrations.map((migration) => migration.number));
      for (const each of opened) await each.close();
      await other.remove();
    });

    it('carries the rows of an older schema into its search indexes', async () => {
      const other = await makePlace(engine);
      const file = path.join(other.dataDir, 'cellar.db');
      const old = other.store === undefined ? openSqlite({ file, durability: 'normal' }) : openPostgres(other.store);
      const before = migrations.filter(({ number }) => number < 9);
      await old.write(() => migrate(old.dialect, 1000, before));
      await old.write(() => run("insert into params(run_no, key_id, exp_id, value) values (1, 2, 3, 'old')"));
      await old.close();
      const current = await openStorage({ url: other.store, dataDir: other.dataDir, durability: 'normal' }, () => 1000);
      const found = () => all('select value from params where indexed = 1 and exp_id = 3 and key_id = 2');
      expect(await current.read(found)).toEqual([{ value: 'old' }]);
      await current.close();
      await other.remove();
    });

    it('refuses a database that a newer release has migrated', async () => {
      const newer = { number: 999, name: 'later', statements: () => [] };
      await storage.write(() => migrate(storage.dialect, 1000, [...migrations, newer]));
      await expect(open()).rejects.toThrow(/schema 999/);
      await storage.write(() => run('delete from migrations where number = 999'));
    });
  });
});

describe('durability', () => {
  it.each([
    ['normal', 1],
    ['full', 2],
  ] as const)('%s syncs to disk as it says', async (durability, synchronous) => {
    const place = await makePlace('sqlite');
    const storage = await openStorage({ url: undefined, dataDir: place.dataDir, durability }, () => 1000);
    expect(await storage.read(() => get('pragma synchronous'))).toEqual({ synchronous });
    expect(await storage.read(() => get('pragma journal_mode'))).toEqual({ journal_mode: 'wal' });
    await storage.close();
    await place.remove();
  });
});

describe('the data folder', () => {
  it('belongs to one server at a time', async () => {
    const place = await makePlace('sqlite');
    const release = lockDataFolder(place.dataDir, 10);
    expect(() => lockDataFolder(place.dataDir, 10)).toThrow(/Another Cellar server/);
    release();
    lockDataFolder(place.dataDir, 10)();
    await place.remove();
  });
});
