import { expect, it } from 'vitest';
import { BoundedCache } from './bounded-cache.ts';

const cache = () => new BoundedCache<string, string>(5, (text) => text.length);

it('keeps values up to its size and lets go what was used longest ago', () => {
  const kept = cache();
  kept.set('a', 'xx');
  kept.set('b', 'yy');
  expect(kept.get('a')).toBe('xx');
  kept.set('c', 'zz');
  expect([kept.get('a'), kept.get('b'), kept.get('c')]).toEqual(['xx', undefined, 'zz']);
});

it('replaces and forgets', () => {
  const kept = cache();
  kept.set('a', 'xxxxx');
  kept.set('a', 'x');
  kept.set('b', 'yyyy');
  expect(kept.has('a')).toBe(true);
  kept.delete('a');
  kept.delete('absent');
  expect(kept.get('a')).toBeUndefined();
  kept.clear();
  expect(kept.has('b')).toBe(false);
});

it('does not keep what is larger than itself', () => {
  const kept = cache();
  kept.set('a', 'xxxxxx');
  expect(kept.has('a')).toBe(false);
  kept.set('b', 'yyyyy');
  expect(kept.get('b')).toBe('yyyyy');
});
