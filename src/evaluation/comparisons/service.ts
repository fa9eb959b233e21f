import type { LocalArtifactStore } from '../../artifacts/service.ts';
import { invalid } from '../../errors.ts';
import type { Storage, Tx } from '../../storage/storage.ts';
import { type BuiltInMetric, builtInMetrics, type Evaluation } from '../evaluations/evaluation.ts';
import { predictionsPath } from '../evaluations/measure.ts';
import { better, seedOf } from './bootstrap.ts';
import type { ComparedMetric, Comparison } from './comparison.ts';
import { comparisonThread } from './comparison-thread.ts';
import * as store from './store.ts';

export interface ComparisonsOptions {
  readonly storage: Storage;
  readonly clock: () => number;
  readonly systemStore: Pick<LocalArtifactStore, 'placeOf'>;
  readonly getEvaluation: (evaluationId: string) => Tx<Evaluation>;
}

/** Comparisons of evaluations on the same rows, each computed once, on a thread of its own, and kept. */
export function comparisonsService({ storage, clock, systemStore, getEvaluation }: ComparisonsOptions) {
  const { dialect } = storage;
  const thread = comparisonThread();
  const fileOf = (evaluation: Evaluation) => ({
    path: systemStore.placeOf(predictionsPath(evaluation)),
    classes: evaluation.classes,
  });

  const findComparisons = (championId: string, challengerIds: readonly string[], metric: ComparedMetric) =>
    store.findComparisons(dialect, championId, challengerIds, metric);

  async function computed(challenger: Evaluation, champion: Evaluation, metric: ComparedMetric): Promise<Comparison> {
    const { evaluationId: challengerId } = challenger;
    const { evaluationId: championId } = champion;
    const [one, other] = [challenger.metrics.get(metric.name), champion.metrics.get(metric.name)];
    const difference = one === undefined || other === undefined ? Number.NaN : better(one, other, metric.goal);
    const plain = {
      challengerId,
      championId,
      metric: { name: metric.name, goal: metric.goal },
      difference: Number.isFinite(difference) ? difference : null,
      pValue: null,
      interval: null,
      rows: null,
    };
    const builtIn = builtInMetrics.find((name) => name === metric.name);
    const reason = onlyScalars(challenger, champion, metric, builtIn);
    if (builtIn === undefined || reason !== undefined) return { ...plain, reason: reason ?? null };
    const question = {
      challenger: fileOf(challenger),
      champion: fileOf(champion),
      metric: { ...metric, name: builtIn },
    };
    const answer = await thread.ask({ ...question, seed: seedOf(challengerId, championId) });
    return 'reason' in answer ? { ...plain, reason: answer.reason } : { ...plain, ...answer, reason: null };
  }

  return {
    /** What is recorded of challengers against a champion on a metric, by the challenger's evaluation id. */
    findComparisons,

    /**
     * Compares two evaluations that succeeded on the same holdout, and records it; what is recorded already is the answer.
     * RESOURCE_DOES_NOT_EXIST for an unknown evaluation, INVALID_PARAMETER_VALUE where the two cannot be compared.
     */
    async compare(challengerId: string, championId: string, metric: ComparedMetric): Promise<Comparison> {
      const { challenger, champion, known } = await storage.read(function* () {
        return {
          challenger: yield* getEvaluation(challengerId),
          champion: yield* getEvaluation(championId),
          known: (yield* findComparisons(championId, [challengerId], metric)).get(challengerId),
        };
      });
      if (known !== undefined) return known;
      for (const { status, evaluationId } of [challenger, champion])
        if (status !== 'succeeded')
          throw invalid(`The evaluation ${evaluationId} is ${status}: it cannot be compared.`);
      if (challenger.holdout.digest !== champion.holdout.digest)
        throw invalid(`The evaluations ${challengerId} and ${championId} are of different holdouts.`);
      const comparison = await computed(challenger, champion, metric);
      return storage.write(function* () {
        yield* store.insertComparison(challenger.evaluationNo, champion.evaluationNo, comparison, clock());
        return (yield* findComparisons(championId, [challengerId], metric)).get(challengerId)!;
      });
    },

    /** Breaks off what is being compared. */
    close: thread.close,
  };
}

/** Why there is only a margin, where there are no predictions to resample. */
function onlyScalars(
  challenger: Evaluation,
  champion: Evaluation,
  metric: ComparedMetric,
  builtIn: BuiltInMetric | undefined,
): string | undefined {
  for (const { evaluationId, external, hasPredictions } of [challenger, champion]) {
    if (external) return `${evaluationId} was computed elsewhere: only its figures are known.`;
    if (!hasPredictions) return `${evaluationId} has no predictions.`;
  }
  return builtIn === undefined ? `${metric.name} is a metric function: it is known for all rows together.` : undefined;
}
