import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { BuiltInMetric } from '../evaluations/evaluation.ts';
import { type Predictions, scoreOf } from './metrics.ts';

/** Made by fixtures/scikit-learn.py. */
interface Recorded extends Predictions {
  readonly name: string;
  readonly weights: readonly number[];
  readonly metrics: Readonly<Record<BuiltInMetric, number>>;
  readonly resampled: Readonly<Record<BuiltInMetric, number>>;
}
const recorded: Recorded[] = JSON.parse(readFileSync(new URL('./fixtures/scikit-learn.json', import.meta.url), 'utf8'));
const once = (rows: number) => new Uint32Array(rows).fill(1);

describe.each(recorded)('metrics of $name', ({ metrics, resampled, weights, ...predictions }) => {
  it.each(Object.keys(metrics) as BuiltInMetric[])(
    '%s is what scikit-learn says, of all rows and of a resample',
    (name) => {
      const score = scoreOf(name, predictions)!;
      expect(score(once(weights.length))).toBeCloseTo(metrics[name], 12);
      expect(score(Uint32Array.from(weights))).toBeCloseTo(resampled[name], 12);
    },
  );
});

describe('metrics', () => {
  const twoRows = { labels: [0, 1], predictions: [0, 1], classes: 2, probabilities: null };

  it('need probabilities where they are made of them', () => {
    expect(scoreOf('log_loss', twoRows)).toBeUndefined();
    expect(scoreOf('roc_auc', twoRows)).toBeUndefined();
  });

  it('are not a number where they are not defined', () => {
    const area = scoreOf('roc_auc', {
      ...twoRows,
      probabilities: [
        [0.9, 0.2],
        [0.1, 0.8],
      ],
    })!;
    expect(area(Uint32Array.of(2, 0))).toBeNaN();
    expect(scoreOf('r2', { ...twoRows, classes: 0 })!(Uint32Array.of(1, 0))).toBeNaN();
  });
});
