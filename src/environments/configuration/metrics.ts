import type { BuiltInMetric, Task } from '../../evaluation/service.ts';
import type { Goal } from '../policy.ts';

interface KnownMetric {
  readonly goal: Goal;
  readonly task: Task;
}

const more = { goal: 'maximize', task: 'classification' } as const;
const error = { goal: 'minimize', task: 'regression' } as const;

const known: Readonly<Record<BuiltInMetric, KnownMetric>> = {
  accuracy: more,
  precision_macro: more,
  recall_macro: more,
  f1_macro: more,
  precision_weighted: more,
  recall_weighted: more,
  f1_weighted: more,
  log_loss: { goal: 'minimize', task: 'classification' },
  roc_auc: more,
  rmse: error,
  mae: error,
  mape: error,
  r2: { goal: 'maximize', task: 'regression' },
};

/** A metric that Cellar computes by itself; undefined for one that only its owner knows. */
export const knownMetric = (name: string): KnownMetric | undefined =>
  Object.hasOwn(known, name) ? known[name as BuiltInMetric] : undefined;

/** The metrics that Cellar computes for a task. */
export const metricsOf = (task: Task): string[] =>
  Object.entries(known).flatMap(([name, metric]) => (metric.task === task ? [name] : []));
