import { expect, it } from 'vitest';
import { allowanceSaid, guardSaid, outcomeSaid, reasonSaid, verdictSaid } from './words.ts';

it.each([
  ['<=1.0', 'up to and including 1.0'],
  ['=2.0', 'exactly 2.0'],
  ['>=1.0 <=2.0', 'from 1.0 up to and including 2.0'],
  ['>1.0 <3.0.0-rc.1', 'above 1.0 below 3.0.0-rc.1'],
  ['1.x || =2.0', 'any 1.x, or exactly 2.0'],
  ['~2.1', 'patches of 2.1'],
  ['^2.0', 'compatible with 2.0'],
  ['*', 'any code version'],
  ['later 2', 'later 2'],
])('an allowance of %j admits %j', (range, words) => expect(allowanceSaid(range)).toBe(words));

it('says of a candidate where it stands and why', () => {
  expect(verdictSaid({ verdict: 'refused' }).words).toBe('not eligible');
  expect(reasonSaid({ reason: 'outside_allowance' })).toBe('outside the allowance');
  expect(reasonSaid({ reason: 'minImprovement' })).toBe('minimum improvement');
  expect(reasonSaid({ reason: null })).toBe('');
});

it('shows a word that it does not know as it is', () => {
  expect(outcomeSaid('put_aside')).toEqual({ words: 'put aside', tone: 'plain' });
  expect(reasonSaid({ reason: 'moon_phase' })).toBe('moon phase');
});

it.each([
  [{ kind: 'minImprovement', absolute: 0.002 }, 'at least 0.002 better than the champion'],
  [{ kind: 'minImprovement', percent: 1 }, 'at least 1% better than the champion'],
  [{ kind: 'significance', alpha: 0.05 }, 'better with p at most 0.05'],
  [{ kind: 'noWorse', metrics: [{ name: 'f1', goal: 'maximize', tolerance: 0.01 }] }, 'f1 at most 0.01 worse'],
  [{ kind: 'maxLatencyMs', limit: 50 }, '95 of 100 rows within 50 ms'],
] as const)('a guard %j asks for %j', (guard, words) => expect(guardSaid(guard)).toBe(words));
