import { describe, expect, it } from 'vitest';
import { better, pairedBootstrap, seedOf } from './bootstrap.ts';
import { type Score, scoreOf } from './metrics.ts';

const rows = 45;
const seed = seedOf('e-challenger', 'e-champion');

/** The accuracy of a model that is right on all rows but the first `wrong`. */
const accurate = (wrong: number): Score =>
  scoreOf('accuracy', {
    labels: Array.from({ length: rows }, () => 1),
    predictions: Array.from({ length: rows }, (_, row) => (row < wrong ? 0 : 1)),
    classes: 2,
    probabilities: null,
  })!;

describe('the paired bootstrap', () => {
  it('is convinced on 45 rows by three more right ones, and not by two', () => {
    expect(pairedBootstrap(rows, accurate(3), accurate(6), 'maximize', seed).pValue).toBeLessThan(0.05);
    expect(pairedBootstrap(rows, accurate(3), accurate(5), 'maximize', seed).pValue).toBeGreaterThan(0.05);
  });

  it('says the same whenever it is asked, and something else of another pair', () => {
    const asked = (of: number) => pairedBootstrap(rows, accurate(3), accurate(6), 'maximize', of);
    expect(asked(seed)).toEqual(asked(seed));
    expect(asked(seedOf('e-champion', 'e-challenger'))).not.toEqual(asked(seed));
  });

  it('turns around where less is better', () => {
    const error = (wrong: number): Score => {
      const score = accurate(wrong);
      return (weights) => 1 - score(weights);
    };
    const more = pairedBootstrap(rows, accurate(3), accurate(6), 'maximize', seed);
    const less = pairedBootstrap(rows, error(3), error(6), 'minimize', seed);
    expect(less.pValue).toBe(more.pValue);
    expect(less.interval!.low).toBeCloseTo(more.interval!.low, 12);
    expect(better(1, 2, 'minimize')).toBe(1);
  });

  it('gives an interval around the difference', () => {
    const { interval } = pairedBootstrap(rows, accurate(0), accurate(9), 'maximize', seed);
    expect(interval!.low).toBeGreaterThan(0);
    expect(interval!.low).toBeLessThan(0.2);
    expect(interval!.high).toBeGreaterThan(0.2);
  });

  it('holds equal models, and a metric that is not defined, against the challenger', () => {
    expect(pairedBootstrap(rows, accurate(3), accurate(3), 'maximize', seed).pValue).toBe(1);
    const undefinedScore = () => Number.NaN;
    const found = pairedBootstrap(rows, undefinedScore, accurate(3), 'maximize', seed);
    expect(found).toEqual({ pValue: 1, interval: null });
  });
});
