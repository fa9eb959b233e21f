export type Goal = 'lowest' | 'highest';

/** Parts of names of metrics that are better when they are lower. */
const costs =
  /(^|[^a-z])(loss|losses|err|errors?|mse|rmse|mae|mape|rmsle|msle|logloss|perplexity|ppl|wer|cer|nll|brier|ece|latency|duration|time|regret|deviance)([^a-z]|$)/;

/** Which value of a metric is its best, as far as its name tells: losses, errors and times are low, all else is high. */
export function goalOf(metric: string): Goal {
  // `valLoss`, `val_loss` and `val/loss` are the same words.
  const words = metric.replace(/([a-z])([A-Z])/g, '$1 $2').toLowerCase();
  return costs.test(words) || /(loss|error|rmse)$/.test(words) ? 'lowest' : 'highest';
}

/** The best of some values for a goal; undefined when none is a number. */
export function bestOf(values: readonly number[], goal: Goal): number | undefined {
  const numbers = values.filter((value) => !Number.isNaN(value));
  if (numbers.length === 0) return undefined;
  return numbers.reduce((a, b) => (goal === 'lowest' ? Math.min(a, b) : Math.max(a, b)));
}
