import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { makePlace, onEveryEngine, type Place } from '../../../test/support/stores.ts';
import { openKeys } from '../../storage/keys.ts';
import { openStorage } from '../../storage/open.ts';
import { get, run, type Storage } from '../../storage/storage.ts';
import { recordModelMetrics } from '../logged-models/store.ts';
import { runDocuments } from './documents.ts';
import { logService } from './log.ts';
import { runSearch } from './search.ts';
import { openSearchIndex, type SearchIndex } from './search-index.ts';
import { runsService } from './service.ts';
import { insertParams, upsertTags } from './store.ts';
import { createRun, logBatch, searchRuns } from './wire.ts';

const aMinute = 60_000;

onEveryEngine((engine) => {
  describe('the search index', () => {
    let place: Place;
    let storage: Storage;
    let index: SearchIndex;
    let runNo = 0;
    beforeAll(async () => {
      place = await makePlace(engine);
      storage = await openStorage({ url: place.store, dataDir: place.dataDir, durability: 'normal' }, () => 1);
    });
    afterAll(async () => {
      await storage.close();
      await place.remove();
    });
    beforeEach(() => {
      runNo++;
      index = openSearchIndex(storage, aMinute);
    });

    const at = () => ({ run_no: runNo, exp_id: 1, deleted: 0 });
    const pairs = (first: number, count: number): [number, string][] =>
      Array.from({ length: count }, (_, i) => [first + i, `value ${i}`]);
    const params = (first: number, count: number) =>
      storage.write(() => insertParams(index, at(), pairs(first, count)));
    const waiting = async () =>
      (await storage.read(() =>
        get<{ n: number }>(
          'select (select count(*) from params where indexed = 0) + (select count(*) from tags where indexed = 0) as n',
        ),
      ))!.n;

    it('knows every row that was committed before it was asked', async () => {
      await params(1, 3);
      await storage.write(() => upsertTags(index, at(), pairs(1, 3)));
      expect(await waiting()).toBe(engine === 'sqlite' ? 6 : 0);
      expect(await index.catchUp()).toBe(true);
      expect(await waiting()).toBe(0);
    });

    it('loses no row of a run that gets more in the commit that takes its first ones in', async () => {
      await params(1, 3);
      await Promise.all([params(4, 3), index.catchUp(), params(7, 3)]);
      await params(10, 3);
      await index.catchUp();
      expect(await waiting()).toBe(0);
    });

    it('loses no row when a neighbour in the commit that takes it in fails', async () => {
      await params(1, 3);
      const failing = storage.write(function* () {
        yield* insertParams(index, at(), pairs(4, 3));
        throw new Error('no');
      });
      await Promise.allSettled([failing, index.catchUp(), params(7, 3)]);
      await index.catchUp();
      expect(await waiting()).toBe(0);
    });

    it('takes rows in by itself when many wait', async () => {
      for (let i = 0; i < 480; i++) await params(i * 100, 100);
      // Behind the transactions that the last commit has asked for: two a table, and one for the rest.
      for (let i = 0; i < 8; i++) await storage.write(() => run('delete from params where run_no = -1'));
      expect(await waiting()).toBe(0);
    });

    it('takes rows in by itself when the writers pause', async () => {
      index = openSearchIndex(storage, 20);
      for (let i = 0; i < 5; i++) {
        await params(i * 3, 3);
        await delay(5);
      }
      await expect.poll(waiting).toBe(0);
    });

    it('loses no row that comes between the tables of which many rows are taken in', async () => {
      for (let i = 0; i < 40; i++) await params(i * 100, 100);
      const more = [index.catchUp()];
      for (let i = 0; i < 8; i++) {
        await params(5000 + i, 1);
        await storage.write(() => upsertTags(index, at(), pairs(i * 10, 10)));
        more.push(index.catchUp());
      }
      expect(await Promise.all(more)).not.toContain(false);
      expect(await waiting()).toBe(0);
    });

    it('takes in the rows of more runs than one statement names', async () => {
      await storage.write(function* () {
        for (let i = 1; i <= 1100; i++)
          yield* insertParams(index, { run_no: 1_000_000 + i, exp_id: 1, deleted: 0 }, pairs(i, 2));
      });
      expect(await waiting()).toBe(engine === 'sqlite' ? 2200 : 0);
      await index.catchUp();
      expect(await waiting()).toBe(0);
    });

    it('finds what a process before this one left waiting', async () => {
      await params(1, 3);
      index = openSearchIndex(storage, aMinute);
      await index.catchUp();
      expect(await waiting()).toBe(0);
    });
  });
});

describe('a search on a full disk', () => {
  it('finds what the indexes cannot take in any more', async () => {
    const place = await makePlace('sqlite');
    const storage = await openStorage({ url: undefined, dataDir: place.dataDir, durability: 'normal' }, () => 1);
    const keys = openKeys(storage);
    const parts = { storage, keys, documents: runDocuments(storage, keys), index: openSearchIndex(storage, aMinute) };
    const runs = runsService({ ...parts, *mayDelete() {} });
    const log = logService({ ...parts, recordModelMetrics });
    await storage.write(() =>
      run(`insert into experiments(exp_id, name, artifact_location, deleted, creation_time, last_update_time)
           values (1, 'full', 'x:/1', 0, 1, 1)`),
    );
    let runId = '';
    for (let i = 0; i < 20; i++) {
      runId = JSON.parse(await runs.create(createRun.fromJson({ experiment_id: '1' }))).info.run_id;
      const params = Array.from({ length: 100 }, (_, k) => ({ key: `p${k}`, value: `${'long '.repeat(20)}${i}` }));
      const metrics = [{ key: 'f1', value: i, timestamp: 1 }];
      await log.logBatch(logBatch.fromJson({ run_id: runId, metrics, params }));
    }
    await storage.read(() => get('pragma max_page_count = 1'));
    expect(await parts.index.catchUp()).toBe(false);
    const question = {
      experiment_ids: ['1'],
      filter: "params.p7 LIKE '%1_' and metrics.f1 > 12",
      order_by: ['metrics.f1 DESC'],
      max_results: 3,
    };
    const found = await runSearch(parts).search(searchRuns.fromJson(question));
    expect(found.runs.map((text) => JSON.parse(text).data.metrics[0].value)).toEqual([19, 18, 17]);
    await expect(log.setTag(runId, { key: 't', value: 'x'.repeat(4000) })).rejects.toThrow(/no space/);
    await storage.read(() => get('pragma max_page_count = 1000000'));
    await log.setTag(runId, { key: 't', value: 'x'.repeat(4000) });
    await storage.close();
    await place.remove();
  });
});
