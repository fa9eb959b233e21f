import type { Storage } from '../../storage/storage.ts';
import { findComparisons } from '../comparisons/store.ts';
import { evaluationQueue } from './queue.ts';
import { settling } from './settling.ts';

export interface EvaluationsOptions {
  readonly storage: Storage;
  readonly clock: () => number;
}

export type EvaluationsService = ReturnType<typeof evaluationsService>;

/** Evaluations: what models score on holdouts, made once and kept. */
export function evaluationsService({ storage, clock }: EvaluationsOptions) {
  const { dialect } = storage;
  const queue = evaluationQueue({ storage, clock, onPending: () => undefined });
  const { settled, onSettled } = settling(queue.countUnsettled, !storage.exclusive);

  return {
    findEvaluations: queue.findEvaluations,
    request: queue.request,
    retry: queue.retry,
    list: queue.list,
    settled,
    onSettled,

    /** What is recorded of challengers against a champion on a metric, by the challenger's evaluation id. */
    findComparisons: (
      championId: string,
      challengerIds: readonly string[],
      metric: Parameters<typeof findComparisons>[3],
    ) => findComparisons(dialect, championId, challengerIds, metric),
  };
}
