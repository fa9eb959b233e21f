import { expect, it } from 'vitest';
import { bytes, count, difference, duration, exactTime, figure, relativeTime } from './words.ts';

const now = Date.UTC(2026, 4, 3, 14, 0, 0);
const hour = 3_600_000;

it.each([
  [0, 'just now'],
  [-9_999, 'just now'],
  [-10_000, '10 s ago'],
  [-90_000, '1 min ago'],
  [-2 * hour, '2 h ago'],
  [-47 * hour, '1 d ago'],
  [3 * 24 * hour, 'in 3 d'],
  [-31 * 24 * hour, '2026-04-02'],
])('a moment %d ms away is told as %s', (awayMs, words) => {
  expect(relativeTime(now + awayMs, now)).toBe(words);
});

it('an exact time is UTC to the second', () => {
  expect(exactTime(now)).toBe('2026-05-03 14:00:00 UTC');
});

it.each([
  [12.4, '12 ms'],
  [1000, '1 s'],
  [90_000, '1 min 30 s'],
  [24 * hour, '1 d'],
  [26.5 * hour, '1 d 2 h'],
])('%d ms last %s', (ms, words) => {
  expect(duration(ms)).toBe(words);
});

it.each([
  [0, '0 B'],
  [1023, '1023 B'],
  [1536, '1.5 KiB'],
  [200 * 1024 ** 2, '200 MiB'],
  [3 * 1024 ** 4, '3.0 TiB'],
])('%d bytes are %s', (size, words) => {
  expect(bytes(size)).toBe(words);
});

it.each([
  [0.97777777, '0.9778'],
  [0.00001234567, '0.00001235'],
  [12, '12'],
  [-0.5, '-0.5'],
  [Number.NaN, 'NaN'],
])('the figure %d is written %s', (value, text) => {
  expect(figure(value)).toBe(text);
});

it('differences carry their sign, counts their noun', () => {
  expect([0.002, -0.1, 0].map(difference)).toEqual(['+0.002', '-0.1', '0']);
  expect([0, 1, 2].map((number) => count(number, 'row'))).toEqual(['0 rows', '1 row', '2 rows']);
});
