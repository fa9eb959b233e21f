import fc from 'fast-check';
import { expect, it } from 'vitest';
import { comparePoints, continuesInOrder, type Latest, nextLatest, type Point, storedValue } from './latest-metric.ts';

const point = (step: number, ts: number, value: number): Point => ({ step, ts, value, isNan: 0 });

const add = (before: Latest | undefined, added: Point[]) => {
  const sorted = [...added].sort(comparePoints);
  return nextLatest(before, sorted, sorted.length, continuesInOrder(before, sorted));
};

it('keeps the latest metric by step, then timestamp, then value, whatever arrives last', () => {
  const first = add(undefined, [point(5, 100, 0.5)]);
  expect(add(first, [point(4, 900, 0.9)])).toMatchObject({ step: 5, value: 0.5 });
  expect(add(first, [point(5, 99, 0.9)])).toMatchObject({ ts: 100, value: 0.5 });
  expect(add(first, [point(5, 100, 0.4)])).toMatchObject({ value: 0.5 });
  expect(add(first, [point(5, 100, 0.6)])).toMatchObject({ value: 0.6 });
  expect(add(first, [point(-1, 100, 7), point(6, 1, 8)])).toMatchObject({ step: 6, value: 8, points: 3 });
});

it('keeps a NaN as a flag and an infinity as the largest number of its sign', () => {
  expect(storedValue(Number.NaN)).toEqual({ value: 0, isNan: 1 });
  expect(storedValue(Number.POSITIVE_INFINITY)).toEqual({ value: Number.MAX_VALUE, isNan: 0 });
  expect(storedValue(Number.NEGATIVE_INFINITY)).toEqual({ value: -Number.MAX_VALUE, isNan: 0 });
  expect(storedValue(0.25)).toEqual({ value: 0.25, isNan: 0 });
});

it.each([
  ['steps and times that grow', [point(0, 1, 0), point(1, 2, 0), point(2, 2, 0)], 1],
  ['one step, times that grow', [point(0, 1, 0), point(0, 5, 0)], 1],
  ['a time that goes back', [point(0, 5, 0), point(1, 4, 0)], 0],
  ['a step that arrives late', [point(3, 5, 0), point(1, 4, 0)], 0],
])('says whether one order serves both step and time: %s', (_, points, expected) => {
  let latest: Latest | undefined;
  for (const each of points) latest = add(latest, [each]);
  expect(latest?.inOrder).toBe(expected);
});

it('says in order only when the order by step is the order by time, for any batches', () => {
  const anyPoint = fc.record({
    step: fc.integer({ min: 0, max: 5 }),
    ts: fc.integer({ min: 0, max: 5 }),
    value: fc.integer({ min: 0, max: 2 }),
    isNan: fc.constant(0),
  });
  const batches = fc.array(fc.array(anyPoint, { minLength: 1, maxLength: 4 }), { minLength: 1, maxLength: 5 });
  fc.assert(
    fc.property(batches, (given) => {
      let latest: Latest | undefined;
      for (const batch of given) latest = add(latest, batch);
      const all = given.flat();
      const byStep = [...all].sort(comparePoints);
      const byTime = [...all].sort((a, b) => a.ts - b.ts || a.step - b.step || a.value - b.value);
      expect(latest).toMatchObject(byStep.at(-1)!);
      expect(latest!.points).toBe(all.length);
      if (latest!.inOrder === 1) expect(byStep).toEqual(byTime);
    }),
  );
});
