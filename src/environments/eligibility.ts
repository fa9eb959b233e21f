import { admits, readAllowance } from './allowance.ts';
import { fullVersion } from './code-version.ts';
import type { SlotPolicy } from './policy.ts';
import type { Act, Candidate, Refusal } from './selection-input.ts';

export interface Refused {
  readonly reason: Refusal;
  /** The values, for people. */
  readonly detail: string;
}

/**
 * Says of a candidate why it is not eligible under a policy: the first reason that holds, with its values; null when it is
 * eligible. It looks at the candidate alone, never at the champion or at another candidate.
 */
export function eligibility(policy: SlotPolicy): (candidate: Candidate) => Refused | null {
  const allowances = new Map(Object.entries(policy.allow).map(([model, range]) => [model, admitting(range)]));
  return (candidate) => {
    for (const rule of rules) {
      const refused = rule(candidate, policy, allowances);
      if (refused !== null) return refused;
    }
    return null;
  };
}

/** The candidate could not be scored on the pinned holdout, which says nothing about what it is worth. */
export const isUnscored = (reason: Refusal) =>
  reason === 'not_evaluated' || reason === 'not_evaluated_outside_window' || reason === 'evaluation_failed';

/** Whether the act promotes this candidate's code, however its version is written. */
export const isPromoted = (
  act: Act | null,
  { registeredModel, codeVersion }: Pick<Candidate, 'registeredModel' | 'codeVersion'>,
): boolean =>
  act?.kind === 'promotion' &&
  act.registeredModel === registeredModel &&
  codeVersion !== null &&
  fullVersion(codeVersion) === fullVersion(act.codeVersion);

/** The candidate's value of the policy's metric, or null where that is no finite number. */
export function scoreOf({ evaluation }: Candidate, { metric }: SlotPolicy): number | null {
  const score = evaluation?.status === 'succeeded' ? evaluation.metrics[metric.name] : undefined;
  return typeof score === 'number' ? score : null;
}

type Allowances = ReadonlyMap<string, (codeVersion: string) => boolean>;
type Rule = (candidate: Candidate, policy: SlotPolicy, allowances: Allowances) => Refused | null;

/** Many candidates have the same code version: each is read once. */
function admitting(range: string): (codeVersion: string) => boolean {
  const allowance = readAllowance(range);
  const known = new Map<string, boolean>();
  return (codeVersion) => {
    const before = known.get(codeVersion);
    if (before !== undefined) return before;
    const now = admits(allowance, codeVersion);
    known.set(codeVersion, now);
    return now;
  };
}

/** The values are put into words only where they are needed: most candidates pass most rules. */
const refuseIf = (holds: boolean, reason: Refusal, detail: () => string): Refused | null =>
  holds ? { reason, detail: detail() } : null;

const rules: readonly Rule[] = [
  ({ registeredModel }, { allow }) =>
    refuseIf(
      registeredModel === null,
      'no_registered_model',
      () =>
        `The tag cellar.model does not say which model it belongs to; the allowance names ${Object.keys(allow).join(', ') || 'none'}.`,
    ),
  ({ codeVersion }) =>
    refuseIf(
      codeVersion === null,
      'no_code_version',
      () => 'Neither version, logged model nor run has a tag code_version.',
    ),
  outsideAllowance,
  ({ whereMatched }, { where }) =>
    refuseIf(
      where !== null && whereMatched === null,
      'no_source_run',
      () => `It has no source run that could match ${where}.`,
    ),
  ({ whereMatched }, { where }) =>
    refuseIf(
      where !== null && whereMatched === false,
      'where_not_matched',
      () => `Its source run does not match ${where}.`,
    ),
  ({ notReady }) => refuseIf(notReady !== null, 'not_ready', () => `It is ${notReady}.`),
  ({ archivedByUser }) => refuseIf(archivedByUser, 'archived_by_user', () => 'Somebody has archived it.'),
  ({ quarantine }) =>
    refuseIf(quarantine !== null, 'quarantined', () => `It failed to load or to warm up: decision ${quarantine}.`),
  ({ hold }) => refuseIf(hold !== null, 'on_hold', () => `It was rolled back here by decision ${hold}.`),
  ({ artifactChanged, digest }) =>
    refuseIf(artifactChanged, 'artifact_changed', () => `Its files are no longer those with the digest ${digest}.`),
  ({ missingTags }) =>
    refuseIf(missingTags.length > 0, 'missing_tag', () => `It has no tag ${missingTags.join(', ')}.`),
  ({ notTested }) => refuseIf(notTested !== null, 'not_tested', () => String(notTested)),
  ({ evaluation, registeredModel, codeVersion }, { evaluateNewest }) =>
    refuseIf(
      evaluation?.status === 'outside_window',
      'not_evaluated_outside_window',
      () => `Of ${registeredModel} ${codeVersion} only the newest ${evaluateNewest} are evaluated.`,
    ),
  ({ evaluation }, { holdout }) =>
    refuseIf(evaluation === null || evaluation.status === 'pending', 'not_evaluated', () =>
      holdout === null ? 'No holdout is pinned here.' : `It has no score on ${holdout.name}@${holdout.version} yet.`,
    ),
  ({ evaluation }) =>
    evaluation?.status === 'failed' ? { reason: 'evaluation_failed', detail: evaluation.error } : null,
  (candidate, policy) =>
    refuseIf(
      scoreOf(candidate, policy) === null,
      'metric_not_a_number',
      () =>
        `Its ${policy.metric.name} is ${(candidate.evaluation?.status === 'succeeded' && candidate.evaluation.metrics[policy.metric.name]) || 'missing'}.`,
    ),
];

function outsideAllowance(
  { registeredModel, codeVersion }: Candidate,
  { allow }: SlotPolicy,
  allowances: Allowances,
): Refused | null {
  const admitted = allowances.get(registeredModel!);
  if (admitted === undefined)
    return { reason: 'outside_allowance', detail: `The allowance does not name ${registeredModel}.` };
  return refuseIf(
    !admitted(codeVersion!),
    'outside_allowance',
    () => `${registeredModel} ${codeVersion} is outside ${allow[registeredModel!]}.`,
  );
}
