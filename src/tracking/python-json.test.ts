import { expect, it } from 'vitest';
import { pythonJson } from './python-json.ts';

it.each([
  [[{ name: 'a', version: 1 }], '[{"name": "a", "version": 1}]'],
  [{ a: null, b: [true, 'x"y', 1.5], c: {} }, '{"a": null, "b": [true, "x\\"y", 1.5], "c": {}}'],
  ['ü 🍷', '"\\u00fc \\ud83c\\udf77"'],
  [[], '[]'],
])('writes %j as Python does', (value, expected) => {
  expect(pythonJson(value)).toBe(expected);
});
