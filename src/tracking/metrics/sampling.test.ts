import fc from 'fast-check';
import { expect, it } from 'vitest';
import { samplePositions } from './sampling.ts';

it.each([
  [0, 5, []],
  [3, 5, [0, 1, 2]],
  [5, 5, [0, 1, 2, 3, 4]],
  [10, 1, [9]],
  [10, 2, [0, 9]],
  [10, 3, [0, 4, 9]],
  [10, 4, [0, 3, 6, 9]],
  [11, 4, [0, 3, 6, 10]],
])('of %i points shows, when at most %i may be shown, those at %j', (count, limit, expected) => {
  expect(samplePositions(count, limit)).toEqual(expected);
});

it('always shows the first (beyond one) and the last point, in order and within the limit', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 100_000 }), fc.integer({ min: 2, max: 2500 }), (count, limit) => {
      const positions = samplePositions(count, limit);
      expect(positions).toHaveLength(Math.min(count, limit));
      expect(positions[0]).toBe(0);
      expect(positions.at(-1)).toBe(count - 1);
      expect(positions.every((position, i) => i === 0 || position > positions[i - 1]!)).toBe(true);
    }),
  );
});
