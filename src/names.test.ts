import { expect, it } from 'vitest';
import { AppError } from './errors.ts';
import { checkKey, codePointLength, randomName, truncate } from './names.ts';

it.each([
  'a',
  'loss',
  'val/loss',
  'a.b-c_d e:f',
  'Ünïcödé',
  '精度',
  '.hidden',
  'a..b',
  '1',
  'x'.repeat(250),
  '𝒳'.repeat(250),
])('takes the key %j', (key) => {
  expect(() => checkKey('metric', key)).not.toThrow();
});

it.each([
  '/a',
  'a/',
  'a//b',
  './a',
  'a/./b',
  'a/../b',
  '.',
  '..',
  '..a',
  'a#b',
  'a?b',
  'a%b',
  'a\nb',
  'a"b',
  "a'b",
  'x'.repeat(251),
  '𝒳'.repeat(251),
  'a\u0301',
])('refuses the key %j, saying where it stands', (key) => {
  const refusal = () => checkKey('param', key, 'params', 3);
  expect(refusal).toThrow(AppError);
  expect(refusal).toThrow(/params\[3\]\.key/);
});

it('counts and cuts code points, as Python does', () => {
  expect(codePointLength('a𝒳b')).toBe(3);
  expect(truncate('𝒳𝒳𝒳', 2)).toBe('𝒳𝒳');
  expect(truncate('abc', 3)).toBe('abc');
  expect(truncate('abcd', 3)).toBe('abc');
});

it('makes up names of at most 20 characters', () => {
  for (let i = 0; i < 1000; i++) expect(randomName()).toMatch(/^(?=.{5,20}$)[a-z]+-[a-z]+-\d{1,3}$/);
});
