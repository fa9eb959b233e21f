import { describe, expect, it } from 'vitest';
import { mostPicks, picksFromUrl, picksToUrl, withPick } from './picks.ts';

describe('picked runs', () => {
  it('stand in the address as they were picked', () => {
    for (const text of ['', 'all', 'a,b']) expect(picksToUrl(picksFromUrl(text))).toBe(text);
  });

  it('come and go one by one', () => {
    const two = withPick(withPick(new Set(), 'a', true, []), 'b', true, []);
    expect(picksToUrl(two)).toBe('a,b');
    expect(picksToUrl(withPick(two, 'a', false, []))).toBe('b');
  });

  it('are those in sight without the one that is taken from all', () => {
    expect(picksToUrl(withPick('all', 'b', false, ['a', 'b', 'c']))).toBe('a,c');
  });

  it('are no more than an address can hold', () => {
    const full = new Set(Array.from({ length: mostPicks }, (_, i) => `r${i}`));
    expect(withPick(full, 'one more', true, [])).toEqual(full);
  });
});
