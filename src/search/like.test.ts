import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { likeMatches } from './like.ts';

test.each<[pattern: string, text: string, like: boolean, ilike: boolean]>([
  ['', '', true, true],
  ['', 'a', false, false],
  ['%', '', true, true],
  ['%', 'abc', true, true],
  ['%%', 'abc', true, true],
  ['_', '', false, false],
  ['_', 'a', true, true],
  ['_', '😀', true, true],
  ['__', '😀', false, false],
  ['_%', '', false, false],
  ['abc', 'abc', true, true],
  ['abc', 'ABC', false, true],
  ['ABC', 'abc', false, true],
  ['É', 'é', false, false],
  ['abc', 'abcd', false, false],
  ['abc', 'xabc', false, false],
  ['a%', 'abc', true, true],
  ['%c', 'abc', true, true],
  ['%b%', 'abc', true, true],
  ['a_c', 'abc', true, true],
  ['a_c', 'ac', false, false],
  ['%a_c', 'xabxabc', true, true],
  ['%ab%ab', 'abab', true, true],
  ['%ab%ab', 'aab', false, false],
  ['a%b%c', 'a1b2b3c', true, true],
  ['100\\%', '100%', false, false],
  ['100\\%', '100\\x', true, true],
  ['a.c', 'abc', false, false],
  ['a*', 'abc', false, false],
  ['%\n%', 'a\nb', true, true],
  ['%', 'a\nb', true, true],
])('%j on %j', (pattern, text, like, ilike) => {
  expect(likeMatches(pattern, text, false)).toBe(like);
  expect(likeMatches(pattern, text, true)).toBe(ilike);
});

describe('for any pattern', () => {
  const letters = fc.array(fc.constantFrom('a', 'b', 'B', '😀'), { maxLength: 12 }).map((parts) => parts.join(''));
  const patterns = fc
    .array(fc.constantFrom('a', 'b', 'B', '😀', '%', '_'), { maxLength: 8 })
    .map((parts) => parts.join(''));

  test('agrees with the pattern as a regular expression', () => {
    fc.assert(
      fc.property(patterns, letters, fc.boolean(), (pattern, text, ignoreCase) => {
        const expression = pattern.replaceAll('%', '.*').replaceAll('_', '.');
        const oracle = new RegExp(`^${expression}$`, ignoreCase ? 'isu' : 'su');
        expect(likeMatches(pattern, text, ignoreCase)).toBe(oracle.test(text));
      }),
    );
  });
});

test('ends on a pattern that makes a naive matcher try every split', () => {
  expect(likeMatches(`${'%a'.repeat(200)}%b`, 'a'.repeat(2000), false)).toBe(false);
});
