import { createReadStream } from 'node:fs';
import { rename } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it, vi } from 'vitest';
import type { HoldoutVersion } from '../../src/evaluation/service.ts';
import { aHoldout, aSubject, makeSampleModels, withEvaluations } from '../support/evaluations.ts';
import { isAlive } from '../support/jobs.ts';
import { onEveryEngine } from '../support/stores.ts';
import { pythonFor } from './programs.ts';

const requirements = fileURLToPath(new URL('../../examples/wine/requirements.txt', import.meta.url));
const python = () => pythonFor(requirements);
const longMs = 300_000;

onEveryEngine((engine) => {
  const room = withEvaluations(engine, python, { timeMs: 15_000, memoryBytes: 900 * 1024 ** 2, idleMs: 500 });
  let wine: HoldoutVersion;

  const ask = async (...names: string[]) => {
    const subjects = await Promise.all(names.map((name) => aSubject(room, name)));
    return room.evaluation.evaluations.request(subjects, wine, []);
  };
  const settledOf = async (evaluationIds: readonly string[]) => {
    await room.evaluation.evaluations.settled(evaluationIds, longMs);
    const found = await room.evaluation.evaluations.list({ limit: 100 });
    return evaluationIds.map((id) => found.find(({ evaluationId }) => evaluationId === id)!);
  };
  const made = async (...names: string[]) => settledOf((await ask(...names)).map(({ evaluationId }) => evaluationId));

  describe('a wave of evaluations', () => {
    it('scores the good models and fails the others one by one, whatever they do', async () => {
      const folder = path.join(room.place.dataDir, 'artifacts');
      const names = ['forest', 'exiting', 'broken', 'forever', 'hungry', 'unsigned'];
      await makeSampleModels(await python(), folder, names);
      await rename(path.join(folder, 'wine.parquet'), path.join(room.place.dataDir, 'wine.parquet'));
      const rows = createReadStream(path.join(room.place.dataDir, 'wine.parquet'));
      wine = await aHoldout(room, 'wine', 'class', rows, 'parquet');

      const [forest, exiting, broken, forever, hungry, unsigned] = await made(...names);
      expect(forest).toMatchObject({
        status: 'succeeded',
        rows: 45,
        classes: [0, 1, 2],
        hasPredictions: true,
        attempts: 1,
      });
      expect(forest!.metrics.get('accuracy')).toBeGreaterThan(0.9);
      expect(forest!.latency!.rowP95Ms).toBeGreaterThan(0);
      expect(JSON.parse(forest!.signature!).inputs).toHaveLength(13);
      expect(exiting!.error).toMatchObject({ type: 'crashed', message: expect.stringContaining('exit code 9') });
      expect(broken!.error).toMatchObject({ type: 'LoadFailed' });
      expect(forever!.error).toEqual({ type: 'timed_out', message: 'It took longer than its limit of 15 s.' });
      expect(hungry!.error).toMatchObject({
        type: 'out_of_memory',
        message: expect.stringContaining('its limit is 900 MiB'),
      });
      expect(unsigned).toMatchObject({ status: 'succeeded' });
    });

    it('shows each as a run of cellar/evaluations', async () => {
      const [forest, exiting] = await made('forest', 'exiting');
      const run = JSON.parse(await room.tracking.runs.get(forest!.runId!));
      expect(run.info).toMatchObject({ status: 'FINISHED', run_name: 'forest on wine@1' });
      const metrics = Object.fromEntries(
        run.data.metrics.map((each: { key: string; value: number }) => [each.key, each.value]),
      );
      expect(metrics['accuracy']).toBe(forest!.metrics.get('accuracy'));
      expect(run.data.params).toContainEqual({ key: 'holdout_digest', value: wine.digest });
      expect(JSON.parse(await room.tracking.runs.get(exiting!.runId!)).info.status).toBe('FAILED');
    });

    it('makes an evaluation once, and a failed one again when asked to', async () => {
      const [forest, broken] = await made('forest', 'broken');
      expect(forest!.attempts).toBe(1);
      await expect(room.evaluation.evaluations.retry(forest!.evaluationId)).rejects.toThrow('only a failed one');
      await room.evaluation.evaluations.retry(broken!.evaluationId);
      const [again] = await settledOf([broken!.evaluationId]);
      expect(again).toMatchObject({ status: 'failed', attempts: 2 });
    });

    it('evaluates no files but those that were asked for', async () => {
      const changed = { ...(await aSubject(room, 'unsigned')), digest: 'f'.repeat(64) };
      const elsewhere = { ...changed, location: 's3://bucket/model', digest: 'e'.repeat(64) };
      const asked = await room.evaluation.evaluations.request([changed, elsewhere], wine, []);
      const [first, second] = await settledOf(asked.map(({ evaluationId }) => evaluationId));
      expect(first!.error).toMatchObject({ type: 'artifact_changed' });
      expect(second!.error).toMatchObject({ type: 'not_stored_here' });
    });

    it('computes metrics of the user’s own', async () => {
      const code =
        'def right(labels, predictions, probabilities, frame):\n    return int((labels == predictions).sum())\n';
      const metric = { name: 'right', file: 'own.py', function: 'right', code };
      const asked = await room.evaluation.evaluations.request([await aSubject(room, 'forest')], wine, [metric]);
      const [forest] = await settledOf(asked.map(({ evaluationId }) => evaluationId));
      expect(forest!.metrics.get('right')).toBe(Math.round(45 * forest!.metrics.get('accuracy')!));
    });

    it('fails one that somebody cancels, and leaves no process behind', async () => {
      const [forever] = await ask('forever');
      await room.evaluation.evaluations.retry(forever!.evaluationId);
      const { jobId, pid } = await vi.waitFor(async () => {
        const [running] = await room.evaluation.evaluations.list({ status: 'running', limit: 1 });
        return room.jobs.get(running!.jobId!);
      }, longMs);
      await room.jobs.cancel(jobId, 'bo');
      const [cancelled] = await settledOf([forever!.evaluationId]);
      expect(cancelled!.error).toEqual({ type: 'cancelled', message: 'Cancelled by bo.' });
      expect(await isAlive(pid!)).toBe(false);
    });
  });
});
