import path from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makePlace, onEveryEngine, type Place } from '../../../test/support/stores.ts';
import { type LocalArtifactStore, localArtifactStore } from '../../artifacts/service.ts';
import { openStorage } from '../../storage/open.ts';
import type { Storage } from '../../storage/storage.ts';
import type { Evaluation } from '../evaluations/evaluation.ts';
import { predictionsPath } from '../evaluations/measure.ts';
import { evaluationQueue, type Queue } from '../evaluations/queue.ts';
import type { HoldoutVersion } from '../holdouts/holdout.ts';
import { comparisonsService } from './service.ts';

const accuracy = { name: 'accuracy', goal: 'maximize' } as const;
const rows = 45;
const holdout: HoldoutVersion = {
  holdoutVersionNo: 1,
  name: 'wine',
  version: 1,
  digest: 'd'.repeat(64),
  target: 'class',
  task: 'classification',
  rows,
  storePath: 'holdouts/wine.parquet',
  path: '/holdouts/wine.parquet',
};

onEveryEngine((engine) => {
  let place: Place;
  let storage: Storage;
  let systemStore: LocalArtifactStore;
  let queue: Queue;
  let comparisons: ReturnType<typeof comparisonsService>;

  beforeAll(async () => {
    place = await makePlace(engine);
    const { dataDir, store } = place;
    storage = await openStorage({ url: store, dataDir, durability: 'normal' }, Date.now);
    systemStore = await localArtifactStore({ root: path.join(dataDir, 'system') });
    queue = evaluationQueue({ storage, clock: Date.now, onPending: () => undefined });
    comparisons = comparisonsService({ storage, clock: Date.now, systemStore, getEvaluation: queue.getEvaluation });
  });
  afterAll(async () => {
    await comparisons?.close();
    await storage?.close();
    await place?.remove();
  });

  /** An evaluation of a model that takes the first `wrong` rows for another class. */
  async function evaluated(label: string, wrong: number): Promise<Evaluation> {
    const subject = { kind: 'model', modelId: `m-${label}` } as const;
    const asked = { subject, label, location: 'mlflow-artifacts:/x', digest: `digest of ${label}`, sourceRunId: null };
    await queue.request([asked], holdout, []);
    const { evaluation } = (await queue.claim('j-1'))!;
    await writePredictions(evaluation, wrong);
    const settled = await queue.settle(evaluation, 'j-1', {
      metrics: new Map([
        ['accuracy', (rows - wrong) / rows],
        ['profit', 100 - wrong],
      ]),
      rows,
      classes: ['no', 'yes'],
      latency: null,
      sizeBytes: 1,
      signature: null,
      warnings: [],
      hasPredictions: true,
    });
    return settled!;
  }

  async function writePredictions(evaluation: Evaluation, wrong: number): Promise<void> {
    await systemStore.withScratch(async (scratch) => {
      const file = path.join(scratch, 'predictions.parquet');
      const instance = await DuckDBInstance.create(':memory:');
      const connection = await instance.connect();
      await connection.run(`copy (select range as row, 'yes' as label, if(range < ${wrong}, 'no', 'yes') as prediction,
        from range(${rows})) to '${file}' (format parquet)`);
      connection.closeSync();
      instance.closeSync();
      await systemStore.adopt(file, predictionsPath(evaluation));
    });
  }

  describe('a comparison', () => {
    it('is made row by row on a thread, and written down once', async () => {
      const [champion, challenger] = [await evaluated('champion', 6), await evaluated('challenger', 3)];
      const asked = () => comparisons.compare(challenger.evaluationId, champion.evaluationId, accuracy);
      const [first, second] = await Promise.all([asked(), asked()]);
      expect(first).toMatchObject({ rows, reason: null, challengerId: challenger.evaluationId });
      expect(first!.difference).toBeCloseTo(3 / rows, 12);
      expect(first!.pValue).toBeGreaterThan(0.02);
      expect(first!.pValue).toBeLessThan(0.08);
      expect(second).toEqual(first);
      const known = await storage.read(() =>
        comparisons.findComparisons(champion.evaluationId, [challenger.evaluationId], accuracy),
      );
      expect(known.get(challenger.evaluationId)).toEqual(first);
    });

    it('knows the margin alone where a metric is one figure for all rows', async () => {
      const [champion, challenger] = [await evaluated('early', 6), await evaluated('late', 3)];
      const found = await comparisons.compare(challenger.evaluationId, champion.evaluationId, {
        name: 'profit',
        goal: 'maximize',
      });
      expect(found).toMatchObject({ difference: 3, pValue: null, interval: null });
      expect(found.reason).toContain('profit is a metric function');
      const probable = { name: 'log_loss', goal: 'minimize' } as const;
      const without = await comparisons.compare(challenger.evaluationId, champion.evaluationId, probable);
      expect(without).toMatchObject({ pValue: null, reason: expect.stringContaining('needs probabilities') });
    });

    it('is of two evaluations that are there', async () => {
      await expect(comparisons.compare('e-none', 'e-neither', accuracy)).rejects.toThrow('There is no evaluation');
    });
  });
});
