import { describe, expect, it } from 'vitest';
import { bestOf, goalOf } from './goal.ts';

describe('the goal of a metric, by its name', () => {
  it.each([
    'loss',
    'val_loss',
    'train/loss',
    'valLoss',
    'rmse',
    'test-RMSE',
    'mean_absolute_error',
    'p95_latency',
    'logloss',
  ])('%s is best when lowest', (name) => expect(goalOf(name)).toBe('lowest'));
  it.each(['F1', 'Accuracy', 'f1_weighted', 'roc_auc', 'closseness', 'r2', 'timeliness', 'reward', 'throughput'])(
    '%s is best when highest',
    (name) => expect(goalOf(name)).toBe('highest'),
  );
});

it('takes the best of what are numbers', () => {
  expect(bestOf([1, Number.NaN, 3], 'highest')).toBe(3);
  expect(bestOf([1, Number.NaN, 3], 'lowest')).toBe(1);
  expect(bestOf([Number.NaN], 'lowest')).toBeUndefined();
});
