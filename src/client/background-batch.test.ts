import { describe, expect, test } from 'vitest';
import { type Batch, backgroundBatch, batchLength, type Entry } from './background-batch.ts';
import { CellarError } from './errors.ts';

const metric = (key: string, step = 0): Entry => ({ kind: 'metric', metric: { key, value: 1, timestamp: 1, step } });
const param = (key: string, value = 'x'): Entry => ({ kind: 'param', key, value });
const tag = (key: string, value = 'x'): Entry => ({ kind: 'tag', key, value });
const many = (count: number, make: (index: number) => Entry) => Array.from({ length: count }, (_, i) => make(i));

const namesOf = ({ metrics, params, tags }: Batch) => [...params, ...metrics, ...tags].map(({ key }) => key);
const refusal = (message: string) => new CellarError('INVALID_PARAMETER_VALUE', message, { status: 400 });
const noAnswer = () => new CellarError('TEMPORARILY_UNAVAILABLE', 'no answer');

describe('one call carries at most', () => {
  test.each<[string, Entry[], number]>([
    ['1000 metrics', many(1001, (i) => metric('m', i)), 1000],
    ['100 params', many(101, (i) => param(`p${i}`)), 100],
    ['100 tags', many(101, (i) => tag(`t${i}`)), 100],
    [
      '1000 of all kinds',
      [...many(100, (i) => param(`p${i}`)), ...many(50, (i) => tag(`t${i}`)), ...many(900, (i) => metric('m', i))],
      1000,
    ],
    ['each param once', [param('a', '1'), tag('t'), param('a', '1'), tag('u')], 2],
    ['everything, when it is little', [metric('m'), param('p'), tag('t'), tag('t')], 4],
  ])('%s', (_name, entries, length) => {
    expect(batchLength(entries)).toBe(length);
  });
});

/** A queue whose idle time is over when the test says so. */
function aQueue(send: (batch: Batch) => Promise<void> | void) {
  let idle: (() => void) | undefined;
  const queue = backgroundBatch({
    send: async (batch) => send(batch),
    whenIdle(callback) {
      idle = callback;
      return () => {
        idle = undefined;
      };
    },
  });
  return { queue, passIdleTime: () => idle?.(), waits: () => idle !== undefined };
}

describe('sending', () => {
  test('waits for a short idle, then takes all in one call', async () => {
    const sent: string[][] = [];
    const { queue, passIdleTime } = aQueue((batch) => void sent.push(namesOf(batch)));
    queue.add(metric('m'));
    queue.add(tag('t'));
    queue.add(param('p'));
    expect(sent).toEqual([]);
    passIdleTime();
    await queue.flush();
    expect(sent).toEqual([['p', 'm', 't']]);
  });

  test('does not wait when a call is full', () => {
    const sent: number[] = [];
    const { queue } = aQueue((batch) => void sent.push(batch.metrics.length));
    for (const entry of many(1000, (i) => metric('m', i))) queue.add(entry);
    expect(sent).toEqual([1000]);
  });

  test('keeps the order over many calls, one at a time', async () => {
    const steps: number[] = [];
    let atOnce = 0;
    const { queue } = aQueue(async ({ metrics }) => {
      atOnce += 1;
      expect(atOnce).toBe(1);
      await Promise.resolve();
      steps.push(...metrics.map(({ step }) => step));
      atOnce -= 1;
    });
    for (const entry of many(3500, (i) => metric('m', i))) queue.add(entry);
    await queue.flush();
    expect(steps).toEqual(Array.from({ length: 3500 }, (_, i) => i));
    expect(queue.size()).toBe(0);
  });

  test('flush also sends what is added while it sends', async () => {
    const sent: string[] = [];
    const { queue } = aQueue((batch) => {
      if (sent.push(...namesOf(batch)) === 1) queue.add(metric('late'));
    });
    queue.add(metric('early'));
    await queue.flush();
    expect(sent).toEqual(['early', 'late']);
  });

  test('flush of nothing asks nothing', async () => {
    const { queue } = aQueue(() => expect.unreachable());
    await queue.flush();
  });
});

describe('a refused value', () => {
  test('is reported by the next flush, once', async () => {
    const { queue, passIdleTime } = aQueue(() => Promise.reject(refusal('bad key')));
    queue.add(metric('a b?'));
    passIdleTime();
    await expect(queue.flush()).rejects.toMatchObject({ code: 'INVALID_PARAMETER_VALUE', message: 'bad key' });
    await queue.flush();
  });

  test('does not take the others of its call with it', async () => {
    const kept: string[] = [];
    const { queue } = aQueue((batch) => {
      if (namesOf(batch).includes('m613')) throw refusal('bad key m613');
      kept.push(...namesOf(batch));
    });
    for (const entry of many(1000, (i) => metric(`m${i}`))) queue.add(entry);
    await expect(queue.flush()).rejects.toThrow('bad key m613');
    expect(kept).toEqual(Array.from({ length: 1000 }, (_, i) => `m${i}`).filter((key) => key !== 'm613'));
  });

  test('is named together with the other refused ones', async () => {
    const { queue } = aQueue((batch) => {
      const bad = namesOf(batch).find((key) => key.startsWith('bad'));
      if (bad !== undefined) throw refusal(`not ${bad}`);
    });
    for (const entry of [metric('bad1'), tag('good'), param('bad2')]) queue.add(entry);
    await expect(queue.flush()).rejects.toMatchObject({
      code: 'INVALID_PARAMETER_VALUE',
      message: expect.stringMatching(/^2 values were not logged \(metric 'bad1', param 'bad2'\).*not bad/),
    });
  });

  test('is not searched for when the whole run is refused', async () => {
    let calls = 0;
    const { queue } = aQueue(() => {
      calls += 1;
      throw new CellarError('RESOURCE_DOES_NOT_EXIST', 'no such run', { status: 404 });
    });
    for (const entry of many(200, (i) => metric(`m${i}`))) queue.add(entry);
    await expect(queue.flush()).rejects.toMatchObject({ code: 'RESOURCE_DOES_NOT_EXIST' });
    expect(calls).toBe(1);
  });

  test('is not searched for without end when the server refuses everything', async () => {
    let calls = 0;
    const { queue } = aQueue(() => {
      calls += 1;
      throw refusal('the run is deleted');
    });
    for (const entry of many(1000, (i) => metric(`m${i}`))) queue.add(entry);
    await expect(queue.flush()).rejects.toThrow('1000 values were not logged');
    expect(calls).toBeLessThan(50);
  });
});

describe('a server that gives no answer', () => {
  test('loses nothing: the next flush sends it all, in order', async () => {
    let up = false;
    const sent: string[] = [];
    const { queue } = aQueue((batch) => {
      if (!up) throw noAnswer();
      sent.push(...namesOf(batch));
    });
    queue.add(metric('a'));
    await expect(queue.flush()).rejects.toThrow('no answer');
    expect(queue.size()).toBe(1);
    queue.add(metric('b'));
    up = true;
    await queue.flush();
    expect(sent).toEqual(['a', 'b']);
  });

  test('is asked again in the background after the idle time, without a word when it answers', async () => {
    let up = false;
    const sent: string[] = [];
    const { queue, passIdleTime, waits } = aQueue((batch) => {
      if (!up) throw noAnswer();
      sent.push(...namesOf(batch));
    });
    queue.add(metric('a'));
    passIdleTime();
    await expect.poll(waits).toBe(true);
    up = true;
    passIdleTime();
    await queue.flush();
    expect(sent).toEqual(['a']);
  });

  test('in the middle of a search sends the whole call again', async () => {
    let calls = 0;
    const sent: string[][] = [];
    const { queue } = aQueue((batch) => {
      calls += 1;
      if (calls === 3) throw noAnswer();
      if (namesOf(batch).includes('bad')) throw refusal('bad');
      sent.push(namesOf(batch));
    });
    for (const key of ['a', 'b', 'bad', 'c']) queue.add(metric(key));
    await expect(queue.flush()).rejects.toThrow('no answer');
    expect(queue.size()).toBe(4);
    await expect(queue.flush()).rejects.toThrow('bad');
    expect(sent).toEqual([['a', 'b'], ['a', 'b'], ['c']]);
  });
});
