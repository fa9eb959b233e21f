import fc from 'fast-check';
import { expect, it } from 'vitest';
import { durationText, parseDuration } from './duration.ts';

it.each([
  ['90s', 90_000],
  ['30m', 1_800_000],
  ['24h', 86_400_000],
  ['7d', 604_800_000],
  ['2w', 1_209_600_000],
  ['1h30m', 5_400_000],
  ['1w1d1h1m1s', 694_861_000],
  ['0s', 0],
  ['', undefined],
  ['24', undefined],
  ['h', undefined],
  ['1.5h', undefined],
  ['-1h', undefined],
  ['1h ', undefined],
  ['30m1h', undefined],
  ['1h1h', undefined],
  ['1y', undefined],
  ['5000d', undefined],
  ['10000000s', undefined],
])('%j lasts %s ms', (text, ms) => {
  expect(parseDuration(text)).toBe(ms);
});

it('a duration is written so that it reads back the same', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 315_000_000 }), (seconds) => {
      expect(parseDuration(durationText(seconds * 1_000))).toBe(seconds * 1_000);
    }),
  );
  expect([86_400_000, 129_600_000, 0].map(durationText)).toEqual(['1d', '1d12h', '0s']);
});
