import { expect, it } from 'vitest';
import { smoothed } from './smoothing.ts';

it('changes nothing without weight', () => expect(smoothed([1, 5, 2], 0)).toEqual([1, 5, 2]));

it('keeps a constant from its first value on', () =>
  smoothed([3, 3, 3], 0.9).map((value) => expect(value).toBeCloseTo(3)));

it('follows slower the greater its weight', () => {
  const [, light = 0] = smoothed([0, 1], 0.2);
  const [, heavy = 0] = smoothed([0, 1], 0.8);
  expect(heavy).toBeLessThan(light);
  expect(light).toBeCloseTo(0.8 / 0.96);
});

it('passes over what is not finite', () => {
  const [a, b, c = 0] = smoothed([1, Number.NaN, 1], 0.5);
  expect([a, b]).toEqual([1, Number.NaN]);
  expect(c).toBeCloseTo(1);
});
