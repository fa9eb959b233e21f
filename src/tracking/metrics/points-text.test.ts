import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { metricText } from '../runs/documents.ts';
import { pointsText } from './points-text.ts';

type Point = readonly [step: number, ts: number, value: number, isNan: number];

const textOf = (points: readonly Point[], key: string, runId?: string) =>
  pointsText(Float64Array.from(points.flat()), key, runId).toString('utf8');

describe('points as text', () => {
  it('are the objects that a run shows, separated by commas', () => {
    const points: Point[] = [
      [0, 0, 0, 0],
      [7, 9, -0, 0],
      [-7, 10, 0.1, 0],
      [99_999_999, 100_000_000, 1 / 3, 0],
      [100_000_001, 1_700_000_000_123, -1.2345678901234567e-6, 0],
      [Number.MAX_SAFE_INTEGER, Number.MAX_SAFE_INTEGER, Number.MAX_VALUE, 0],
      [Number.MIN_SAFE_INTEGER, 0, -Number.MAX_VALUE, 0],
      [1, 1, Number.MIN_VALUE, 0],
      [2, 2, 0, 1],
      [3, 3, 1e21, 0],
    ];
    const expected = points.map(([step, ts, value, isNan]) => metricText('"loss"', value, isNan, ts, step));
    expect(textOf(points, 'loss')).toBe(expected.join(','));
  });

  it('of several runs name the run', () => {
    expect(JSON.parse(textOf([[1, 2, 0.5, 0]], 'loss', 'r1'))).toEqual({
      key: 'loss',
      value: 0.5,
      timestamp: 2,
      step: 1,
      run_id: 'r1',
    });
  });

  it('of a key that JSON escapes, and none at all', () => {
    expect(JSON.parse(textOf([[1, 2, 0.5, 0]], 'a"b\\ü/😀'))).toMatchObject({ key: 'a"b\\ü/😀' });
    expect(textOf([], 'loss')).toBe('');
  });

  it('hold whatever numbers there are', () => {
    const point = fc.tuple(
      fc.maxSafeInteger(),
      fc.maxSafeNat(),
      fc.double({ noNaN: true, noDefaultInfinity: true }),
      fc.constantFrom(0, 1),
    );
    fc.assert(
      fc.property(fc.array(point), fc.string({ unit: 'binary' }), (points, key) => {
        const expected = points.map(([step, ts, value, isNan]) =>
          metricText(JSON.stringify(key), value, isNan, ts, step),
        );
        expect(textOf(points, key)).toBe(Buffer.from(expected.join(',')).toString('utf8'));
      }),
    );
  });
});
