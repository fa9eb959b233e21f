import { describe, expect, it, test } from 'vitest';
import { shown } from './errors.ts';

describe('a value in a message', () => {
  test.each([
    [{ a: [1, null] }, '{"a":[1,null]}'],
    ['x'.repeat(100), `"${'x'.repeat(76)}...`],
    [7n, '7'],
    [undefined, 'undefined'],
  ])('is JSON, cut to its beginning: %#', (value, text) => {
    expect(shown(value)).toBe(text);
  });

  it('is only its kind where JSON cannot say it', () => {
    const levels = 100_000;
    expect(shown(JSON.parse('['.repeat(levels) + ']'.repeat(levels)))).toBe('a list');
    expect(shown(JSON.parse(`${'{"a":'.repeat(levels)}1${'}'.repeat(levels)}`))).toBe('an object');
  });
});
