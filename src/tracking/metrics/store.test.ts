import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makePlace, onEveryEngine, type Place } from '../../../test/support/stores.ts';
import { openStorage } from '../../storage/open.ts';
import { get, type Storage, values } from '../../storage/storage.ts';
import { openSearchIndex } from '../runs/search-index.ts';
import { insertPoints } from './store.ts';

onEveryEngine((engine) => {
  describe('the history of a metric', () => {
    let place: Place;
    let storage: Storage;
    let runNo = 0;
    beforeAll(async () => {
      place = await makePlace(engine);
      storage = await openStorage({ url: place.store, dataDir: place.dataDir, durability: 'normal' }, () => 1);
    });
    afterAll(async () => {
      await storage.close();
      await place.remove();
    });

    /** Steps `from` to `to`, each logged at `time(step)`. */
    const steps = (from: number, to: number, time: (step: number) => number = (step) => step) =>
      Array.from({ length: to - from + 1 }, (_, i) => ({
        keyId: 1,
        step: from + i,
        ts: time(from + i),
        value: from + i,
        isNan: 0,
      }));

    async function latestAfter(batches: ReturnType<typeof steps>[]) {
      const index = openSearchIndex(storage);
      const at = { run_no: ++runNo, exp_id: 0, deleted: 0 };
      for (const batch of batches) await storage.write(() => insertPoints(storage.dialect, index, at, batch));
      const latest = await storage.read(() =>
        get<{ step: number; points: number; in_order: number }>(
          'select step, points, in_order from latest_metrics where run_no = ?',
          [at.run_no],
        ),
      );
      const rows = await storage.read(() =>
        values<[number]>('select ts from metrics where run_no = ? order by step, ts', [at.run_no]),
      );
      const times = rows.flat();
      return { ...latest, ascends: times.every((ts, i) => i === 0 || ts >= times[i - 1]!) };
    }

    it.each([
      ['batches one after the other', [steps(0, 9), steps(10, 19)], 1],
      ['batches of two writers, the later steps first', [steps(10, 19), steps(0, 9), steps(30, 39), steps(20, 29)], 1],
      ['a batch between the points of another', [[...steps(0, 4), ...steps(10, 14)], steps(5, 9)], 1],
      [
        'interleaved points',
        [steps(0, 20).filter((p) => p.step % 2 === 0), steps(0, 20).filter((p) => p.step % 2 === 1)],
        1,
      ],
      ['a late batch logged after its successors', [steps(10, 19), steps(0, 9, (step) => 100 + step)], 0],
      [
        'a late batch logged before its predecessors',
        [[...steps(0, 4, () => 50), ...steps(10, 14, () => 60)], steps(5, 9, () => 40)],
        0,
      ],
      ['times that go back within a batch', [steps(0, 9, (step) => 100 - step)], 0],
      ['order found again too late', [steps(0, 9, (step) => 100 - step), steps(10, 19, (step) => 200 + step)], 0],
    ])('knows whether one order serves step and time: %s', async (_, batches, inOrder) => {
      const latest = await latestAfter(batches);
      expect(latest).toMatchObject({ in_order: inOrder, ascends: inOrder === 1, points: batches.flat().length });
    });

    it('counts points once, however often they arrive', async () => {
      expect(await latestAfter([steps(0, 9), steps(0, 9), steps(5, 14)])).toMatchObject({
        points: 15,
        step: 14,
        in_order: 1,
      });
    });

    it('counts once what the first batch of a metric holds twice', async () => {
      const minusZero = { ...steps(0, 0)[0]!, value: -0 };
      const first = [...steps(0, 9), ...steps(3, 5), minusZero];
      expect(await latestAfter([first, first])).toMatchObject({ points: 10, step: 9, in_order: 1 });
    });
  });
});
