import { expect, it } from 'vitest';
import { at, canonical } from './json.ts';

const body = { runs: [{ info: { name: 'a', stage: 'x' } }, { info: { name: 'b' } }], next: null };

it.each([
  ['', body],
  ['runs.1.info.name', 'b'],
  ['runs.*.info.name', ['a', 'b']],
  [
    'runs.*.info.name,stage',
    [
      ['a', 'x'],
      ['b', null],
    ],
  ],
  ['next', null],
  ['none.of.this', undefined],
] as const)('finds %s', (path, found) => {
  expect(at(body, path)).toEqual(found);
});

it('gives equal texts for equal values', () => {
  expect(canonical({ b: 1, a: { d: 2, c: 3 } })).toBe(canonical({ a: { c: 3, d: 2 }, b: 1 }));
});
