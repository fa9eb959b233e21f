import { evaluatorOf } from '../evaluation/service.ts';
import type { Tx } from '../storage/storage.ts';
import type { ByHandDeps } from './by-hand.ts';
import { policyOf, slotsOf } from './configuration/configuration.ts';
import { currentConfiguration } from './configuration-store.ts';
import { metricFunctionsOf, pinnedHoldout } from './facts.ts';
import { knownDigests, subjectOf } from './origins.ts';
import type { SlotPolicy } from './policy.ts';
import type { SelectionDeps } from './selection.ts';
import type { EpochScores } from './wire.ts';

export type ScoresDeps = ByHandDeps & SelectionDeps;

interface Score {
  readonly score: number;
  readonly evaluation: string;
}

/** What models score by a slot's metric on the holdout that it pins, by digest; those without a finite score are absent. */
export function* scoresOn(deps: ScoresDeps, policy: SlotPolicy, digests: readonly string[]): Tx<Map<string, Score>> {
  const scores = new Map<string, Score>();
  const holdout = digests.length === 0 ? undefined : yield* pinnedHoldout(deps, policy);
  if (holdout === undefined) return scores;
  const evaluator = evaluatorOf(metricFunctionsOf(policy));
  const found = yield* deps.evaluation.evaluations.findEvaluations(digests, holdout.digest, evaluator);
  for (const [digest, { status, metrics, evaluationId }] of found) {
    const score = metrics.get(policy.metric.name);
    if (status === 'succeeded' && score !== undefined && Number.isFinite(score))
      scores.set(digest, { score, evaluation: evaluationId });
  }
  return scores;
}

export interface NamedVersion {
  readonly registeredModel: string;
  readonly version: number;
}

/**
 * What these versions score in every environment now. Slots that measure the same metric in the same way on the same
 * holdout are one epoch: only within one may scores be compared. Epochs in which none of them has a score are absent,
 * and so are versions that do not exist.
 */
export function* scoresOfVersions(deps: ScoresDeps, named: readonly NamedVersion[]): Tx<EpochScores[]> {
  const { dialect, registry } = deps;
  const wanted = new Set(named.map(keyOf));
  const names = [...new Set(named.map(({ registeredModel }) => registeredModel))];
  const versions = (yield* registry.versionsOfModels(dialect, names)).filter(({ name, version }) =>
    wanted.has(keyOf({ registeredModel: name, version })),
  );
  const known = yield* knownDigests(dialect, versions.map(subjectOf));
  const { configuration } = yield* currentConfiguration();
  const epochs = new Map<string, EpochScores>();
  for (const { service, environment } of slotsOf(configuration)) {
    const policy = policyOf(configuration, service, environment);
    const holdout = yield* pinnedHoldout(deps, policy);
    if (holdout === undefined) continue;
    const { name, goal } = policy.metric;
    const key = JSON.stringify([name, goal, holdout.digest, evaluatorOf(metricFunctionsOf(policy))]);
    const same = epochs.get(key);
    if (same !== undefined) {
      same.slots.push({ service, environment });
      continue;
    }
    const byDigest = yield* scoresOn(
      deps,
      policy,
      [...known.values()].map(({ digest }) => digest),
    );
    const scores = versions.flatMap((version) => {
      const score = byDigest.get(known.get(subjectOf(version))?.digest ?? '');
      return score === undefined ? [] : [{ registeredModel: version.name, version: version.version, ...score }];
    });
    epochs.set(key, {
      metric: { name, goal },
      holdout: { name: holdout.name, version: holdout.version, digest: holdout.digest },
      slots: [{ service, environment }],
      scores,
    });
  }
  return [...epochs.values()].filter(({ scores }) => scores.length > 0);
}

const keyOf = ({ registeredModel, version }: NamedVersion): string => `${version} ${registeredModel}`;
