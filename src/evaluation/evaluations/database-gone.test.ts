import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { Readable } from 'node:stream';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { aHoldout, aSubject, type EvaluationRoom, openEvaluations } from '../../../test/support/evaluation-room.ts';
import { makePlace, onEveryEngine, type Place } from '../../../test/support/stores.ts';
import type { Storage } from '../../storage/storage.ts';
import type { HoldoutVersion } from '../service.ts';
import { workerEvaluator } from './evaluation.ts';

/** Speaks as cellar_worker does; to it every model is broken. */
const worker = `#!${process.execPath}
console.log(JSON.stringify({ ready: true, evaluator: '${workerEvaluator}' }));
require('node:readline').createInterface({ input: process.stdin }).on('line', (line) => {
  console.log(JSON.stringify({ id: JSON.parse(line).id, status: 'failed', error: { type: 'broken', message: 'No.' } }));
});`;

onEveryEngine((engine) => {
  let place: Place;
  let room: EvaluationRoom;
  let holdout: HoldoutVersion;
  let made = 0;
  /** Which of the next reads and writes of the evaluation room fail, the first being 1. */
  let failing = { reads: [] as number[], writes: [] as number[] };

  /** Fails as `failing` says. */
  function flaky(storage: Storage): Storage {
    const isGone = (kind: 'reads' | 'writes') => {
      const isNow = failing[kind].includes(1);
      failing[kind] = failing[kind].map((at) => at - 1);
      return isNow;
    };
    const gone = () => Promise.reject(new Error('The database is gone.'));
    return {
      ...storage,
      read: (...args) => (isGone('reads') ? gone() : storage.read(...args)),
      write: (...args) => (isGone('writes') ? gone() : storage.write(...args)),
    };
  }

  beforeAll(async () => {
    place = await makePlace(engine);
    const python = path.join(place.dataDir, 'python');
    await writeFile(python, worker, { mode: 0o755 });
    room = await openEvaluations(place, python, { idleMs: 600_000 }, flaky);
    holdout = await aHoldout(room, 'rows', 'class', Readable.from([Buffer.from('x,class\n1,a\n2,b\n')]), 'csv');
  });
  afterAll(async () => {
    failing = { reads: [], writes: [] };
    await room?.close();
    await place?.remove();
  });

  /** Asks for the evaluation of a model of its own while the database fails; answers with how it ends. */
  async function evaluated(when: Partial<typeof failing>): Promise<string | undefined> {
    const name = `m${++made}`;
    const folder = path.join(place.dataDir, 'artifacts', name);
    await mkdir(folder, { recursive: true });
    await writeFile(path.join(folder, 'MLmodel'), name);
    const subject = await aSubject(room, name);
    failing = { reads: [], writes: [], ...when };
    const [asked] = await room.evaluation.evaluations.request([subject], holdout, []);
    return vi.waitFor(
      async () => {
        const [found] = await room.evaluation.evaluations.list({ status: 'failed', limit: 1 });
        if (found?.evaluationId !== asked!.evaluationId) throw new Error('It is not evaluated yet.');
        return found.error?.type;
      },
      { timeout: 15_000, interval: 50 },
    );
  }

  test('evaluations go on after the database was gone while they were looked for', async () => {
    expect(await evaluated({ reads: [1] })).toBe('broken');
  });

  test('evaluations go on after the database was gone for a worker that was warm', async () => {
    expect(await evaluated({})).toBe('broken');
    expect(await evaluated({ writes: [2] })).toBe('broken');
  });

  test('an evaluation whose result could not be written down is made again', async () => {
    expect(await evaluated({ writes: [4, 5] })).toBe('broken');
  });
});
