import { execFile, fork } from 'node:child_process';
import { once } from 'node:events';
import { createReadStream, mkdtempSync, rmSync } from 'node:fs';
import { cp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { Evaluation, HoldoutVersion, MetricFunction, SubjectToEvaluate } from '../../src/evaluation/service.ts';
import {
  aHoldout,
  aSubject,
  type EvaluationRoom,
  type Limits,
  makeSampleModels,
  openEvaluations,
} from '../support/evaluation-room.ts';
import { withEvaluations } from '../support/evaluations.ts';
import { isAlive } from '../support/jobs.ts';
import { type Engine, makePlace, onEveryEngine } from '../support/stores.ts';
import { pythonFor } from './programs.ts';

const requirements = fileURLToPath(new URL('../../examples/wine/requirements.txt', import.meta.url));
const program = fileURLToPath(new URL('../support/evaluating-server.ts', import.meta.url));
const python = () => pythonFor(requirements);
const longMs = 300_000;

const names = ['forest', 'exiting', 'broken', 'forever', 'hungry', 'unsigned'];
const samples = mkdtempSync(path.join(tmpdir(), 'cellar-test-'));
const wineHoldout = (room: EvaluationRoom) =>
  aHoldout(room, 'wine', 'class', createReadStream(path.join(samples, 'wine.parquet')), 'parquet');

beforeAll(async () => makeSampleModels(await python(), samples, names));
afterAll(() => rmSync(samples, { recursive: true }));

/** A room that holds the sample models and the wine holdout, and what tests ask of it. */
function withWine(engine: Engine, limits: Limits = {}) {
  const room = withEvaluations(engine, python, limits);
  let wine: HoldoutVersion;
  beforeAll(async () => {
    await cp(samples, path.join(room.place.dataDir, 'artifacts'), { recursive: true });
    wine = await wineHoldout(room);
  });
  const self = {
    room,
    ask: async (...models: string[]): Promise<Evaluation[]> => {
      const subjects = await Promise.all(models.map((name) => aSubject(room, name)));
      return self.request(subjects);
    },
    request: (subjects: readonly SubjectToEvaluate[], metrics: readonly MetricFunction[] = []) =>
      room.evaluation.evaluations.request(subjects, wine, metrics),
    settled: async (asked: readonly Evaluation[]): Promise<Evaluation[]> => {
      const ids = asked.map(({ evaluationId }) => evaluationId);
      await room.evaluation.evaluations.settled(ids, longMs);
      return Promise.all(ids.map((id) => room.evaluation.evaluations.get(id)));
    },
    made: async (...models: string[]) => self.settled(await self.ask(...models)),
  };
  return self;
}

onEveryEngine((engine) => {
  const { room, ask, request, settled, made } = withWine(engine);

  describe('a wave of evaluations', () => {
    it('scores the good models, and fails a broken and a crashing one alone', async () => {
      const [forest, exiting, broken, unsigned] = await made('forest', 'exiting', 'broken', 'unsigned');
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
      expect(run.data.params).toContainEqual({ key: 'holdout_digest', value: forest!.holdout.digest });
      expect(JSON.parse(await room.tracking.runs.get(exiting!.runId!)).info.status).toBe('FAILED');
    });

    it('makes an evaluation once, and a failed one again when asked to', async () => {
      const [forest, broken] = await made('forest', 'broken');
      expect(forest!.attempts).toBe(1);
      await expect(room.evaluation.evaluations.retry(forest!.evaluationId)).rejects.toThrow('only a failed one');
      await room.evaluation.evaluations.retry(broken!.evaluationId);
      const [again] = await settled([broken!]);
      expect(again).toMatchObject({ status: 'failed', attempts: 2 });
    });

    it('evaluates no files but those that were asked for', async () => {
      const changed = { ...(await aSubject(room, 'unsigned')), digest: 'f'.repeat(64) };
      const elsewhere = { ...changed, location: 's3://bucket/model', digest: 'e'.repeat(64) };
      const [first, second] = await settled(await request([changed, elsewhere]));
      expect(first!.error).toMatchObject({ type: 'artifact_changed' });
      expect(second!.error).toMatchObject({ type: 'not_stored_here' });
    });

    it('computes metrics of the user’s own', async () => {
      const code =
        'def right(labels, predictions, probabilities, frame):\n    return int((labels == predictions).sum())\n';
      const metric = { name: 'right', file: 'own.py', function: 'right', code };
      const [forest] = await settled(await request([await aSubject(room, 'forest')], [metric]));
      expect(forest!.metrics.get('right')).toBe(Math.round(45 * forest!.metrics.get('accuracy')!));
    });

    it('compares models row by row', async () => {
      const [forest, unsigned] = await ask('forest', 'unsigned');
      const found = await room.evaluation.evaluations.compare(unsigned!.evaluationId, forest!.evaluationId, {
        name: 'log_loss',
        goal: 'minimize',
      });
      expect(found).toMatchObject({ rows: 45, reason: null });
      const difference = forest!.metrics.get('log_loss')! - unsigned!.metrics.get('log_loss')!;
      expect(found.difference).toBeCloseTo(difference, 12);
      expect(found.interval!.low).toBeLessThan(difference);
      expect(found.interval!.high).toBeGreaterThan(difference);
    });
  });
});

describe('an evaluation that does not end by itself', () => {
  const { room, ask, made, settled } = withWine('sqlite', { timeMs: 10_000, memoryBytes: 900 * 1024 ** 2 });

  it('is ended at its limit of time or of memory', async () => {
    const [forever, hungry] = await made('forever', 'hungry');
    expect(forever!.error).toEqual({ type: 'timed_out', message: 'It took longer than its limit of 10 s.' });
    expect(hungry!.error).toMatchObject({
      type: 'out_of_memory',
      message: expect.stringContaining('its limit is 900 MiB'),
    });
  });

  it('fails when somebody cancels it, and leaves no process behind', async () => {
    const [forever] = await ask('forever');
    await room.evaluation.evaluations.retry(forever!.evaluationId);
    const { jobId, pid } = await vi.waitFor(async () => {
      const [running] = await room.evaluation.evaluations.list({ status: 'running', limit: 1 });
      return room.jobs.get(running!.jobId!);
    }, longMs);
    await room.jobs.cancel(jobId, 'bo');
    const [cancelled] = await settled([forever!]);
    expect(cancelled!.error).toEqual({ type: 'cancelled', message: 'Cancelled by bo.' });
    expect(await isAlive(pid!)).toBe(false);
  });
});

describe('an evaluation', () => {
  it('waits for a Python with mlflow, and for the next server where one is killed at it', async () => {
    const place = await makePlace('sqlite');
    try {
      const bare = path.join(place.dataDir, 'bare');
      await promisify(execFile)('python3', ['-m', 'venv', '--without-pip', bare]);
      const first = await openEvaluations(place, path.join(bare, 'bin/python'), {});
      await cp(samples, path.join(place.dataDir, 'artifacts'), { recursive: true });
      const wine = await wineHoldout(first);
      const [asked] = await first.evaluation.evaluations.request([await aSubject(first, 'forest')], wine, []);
      const { evaluationId } = asked!;
      await first.evaluation.evaluations.settled([evaluationId], longMs);
      const { error } = await first.evaluation.evaluations.get(evaluationId);
      expect(error).toMatchObject({
        type: 'no_python',
        message: expect.stringContaining(`${bare}/bin/python -m pip install`),
      });
      await first.close();

      const child = fork(program, [place.dataDir, await python()], {
        execArgv: ['--import', 'tsx'],
        stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
      });
      const [[{ pid }]] = await Promise.all([once(child, 'message'), once(child, 'exit')]);
      const last = await openEvaluations(place, await python(), {});
      expect(await isAlive(pid)).toBe(false);
      await last.evaluation.evaluations.settled([evaluationId], longMs);
      expect(await last.evaluation.evaluations.get(evaluationId)).toMatchObject({ status: 'succeeded', attempts: 3 });
      const [next, lost] = await last.jobs.list({ kind: 'evaluate', limit: 2 });
      expect([next!.status, lost!.status]).toEqual(['running', 'lost']);
      await last.close();
    } finally {
      await place.remove();
    }
  });
});
