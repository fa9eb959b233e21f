import type { Evaluation } from './evaluations/evaluation.ts';
import { predictionsPath } from './evaluations/measure.ts';
import { type EvaluationsOptions, evaluationsService } from './evaluations/service.ts';
import { type HoldoutsOptions, holdoutsService } from './holdouts/service.ts';

export type { ComparedMetric, Comparison } from './comparisons/comparison.ts';
export {
  type BuiltInMetric,
  builtInMetrics,
  type Evaluation,
  type EvaluationStatus,
  evaluatorOf,
  type MetricFunction,
  type NamedModel,
  type SubjectToEvaluate,
} from './evaluations/evaluation.ts';
export type { EvaluationsService } from './evaluations/service.ts';
export type { HoldoutVersion, Task } from './holdouts/holdout.ts';
export type { HoldoutsService } from './holdouts/service.ts';

export type EvaluationService = ReturnType<typeof evaluationService>;

/** What models are measured on, and what they score there. */
export function evaluationService(options: HoldoutsOptions & Omit<EvaluationsOptions, 'holdouts'>) {
  const holdouts = holdoutsService(options);
  return {
    holdouts,
    evaluations: evaluationsService({ ...options, holdouts }),

    /** Where the predictions of an evaluation are kept on this machine: Parquet of row, label, prediction, p_0 and so on. */
    predictionsOf: (evaluation: Evaluation): string | null =>
      evaluation.hasPredictions ? options.systemStore.placeOf(predictionsPath(evaluation)) : null,
  };
}
