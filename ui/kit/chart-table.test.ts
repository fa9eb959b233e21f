import { expect, it } from 'vitest';
import { tableOf } from './chart-table.ts';

const curve = (x: number[], y: number[], smooth?: number[]) => ({ id: 'a', name: 'a', look: 0, x, y, smooth });

it('puts curves of different steps over one axis, and goes on where a curve has no point', () => {
  expect(tableOf([curve([0, 2], [1, 3]), curve([1, 2], [5, 6])], false)).toEqual([
    [0, 1, 2],
    [1, undefined, 3],
    [undefined, 5, 6],
  ]);
});

it('breaks the line where a value is not finite', () => {
  expect(tableOf([curve([0, 1, 2], [1, Number.NaN, Number.POSITIVE_INFINITY])], false)).toEqual([
    [0, 1, 2],
    [1, null, null],
  ]);
});

it('breaks the line where a logarithm has no value', () => {
  expect(tableOf([curve([0, 1, 2], [1, 0, -1])], true)).toEqual([
    [0, 1, 2],
    [1, null, null],
  ]);
});

it('draws the smooth line after the raw one', () => {
  expect(tableOf([curve([0, 1], [1, 3], [1, 2])], false)).toEqual([
    [0, 1],
    [1, 3],
    [1, 2],
  ]);
});
