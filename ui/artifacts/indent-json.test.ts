import { expect, it } from 'vitest';
import { indentJson } from './indent-json.ts';

it.each<unknown>([
  {},
  [],
  { a: [] },
  [1, [2, { b: null }], 'x, {y}: "z"'],
  { a: { b: [true, -1.5e300] }, '': 'ß\n' },
  3,
])('indents %j as everybody does', (value) =>
  expect(indentJson(JSON.stringify(value))).toBe(JSON.stringify(value, null, 2)),
);

it('keeps numbers that JavaScript cannot hold', () =>
  expect(indentJson('{"id":12345678901234567890}')).toBe('{\n  "id": 12345678901234567890\n}'));

it.each(['', '{"a":NaN}', 'text'])('leaves %j as it is', (text) => expect(indentJson(text)).toBe(text));
