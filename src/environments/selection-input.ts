import type { SlotPolicy } from './policy.ts';

/** All that a selection looks at. Recorded whole with the decision, so that `decide` can be asked again. */
export interface SelectionInput {
  /** When it was decided, milliseconds. */
  readonly time: number;
  readonly policy: SlotPolicy;
  /** The pinned holdout, or null when there is none (yet). */
  readonly holdout: { readonly name: string; readonly version: number; readonly digest: string } | null;
  /** Which evaluator's results count. */
  readonly evaluator: string;
  readonly champion: { readonly id: string; readonly since: number } | null;
  readonly pin: { readonly decision: string } | null;
  readonly pause: { readonly until: number | null; readonly reason: string; readonly by: string } | null;
  /** Times at which a champion was replaced here, within the last day. */
  readonly swaps: readonly number[];
  /** What somebody has done on purpose: it lifts brakes, and (an approval) the request for one. */
  readonly act: Act | null;
  /** Every candidate, the champion among them, whatever the allowance says. */
  readonly candidates: readonly Candidate[];
  /** Of challengers with the champion, on the policy's metric. */
  readonly comparisons: readonly Comparison[];
}

export type Act =
  | { readonly kind: 'approval'; readonly challenger: string; readonly by: string }
  | {
      readonly kind: 'promotion';
      /** The code that is signed off. */
      readonly registeredModel: string;
      readonly codeVersion: string;
      readonly by: string;
      /** Why another signature is accepted, or null where it is not. */
      readonly waiveSignature: string | null;
    };

export interface Candidate {
  /** `v` and the internal number of a model version, or the id of a logged model (`m-…`). Never used again. */
  readonly id: string;
  /** What it is or would become a version of; null when that cannot be told. */
  readonly registeredModel: string | null;
  readonly version: number | null;
  readonly modelId: string | null;
  readonly runId: string | null;
  readonly codeVersion: string | null;
  /** What its files are; null when nobody has looked yet. */
  readonly digest: string | null;
  readonly createdTime: number;
  /** Whether `where` matches its source run; null when it has none. */
  readonly whereMatched: boolean | null;
  /** Null when it is ready, else what it is: a status, `deleted`. */
  readonly notReady: string | null;
  readonly archivedByUser: boolean;
  /** The decisions that barred it here. */
  readonly quarantine: string | null;
  readonly hold: string | null;
  readonly artifactChanged: boolean;
  readonly missingTags: readonly string[];
  /** Null when its code version has passed the environment that `testedOn` names, else what is missing. */
  readonly notTested: string | null;
  /** Somebody has approved its code version here, or it has been a champion here before. */
  readonly codeApproved: boolean;
  /** How its signature differs from the champion's; null when it does not. */
  readonly signatureDifference: string | null;
  readonly evaluation: EvaluationFacts | null;
}

/** What is known of a candidate on the pinned holdout; null where it has not been asked for. */
export type EvaluationFacts =
  | { readonly status: 'pending' | 'outside_window' }
  | { readonly status: 'failed'; readonly id: string; readonly error: string }
  | {
      readonly status: 'succeeded';
      readonly id: string;
      /** What is no finite number is kept as text: `NaN`, `Infinity`. */
      readonly metrics: Readonly<Record<string, number | string>>;
      /** 95th percentile for one row. */
      readonly latencyMs: number | null;
      readonly sizeMiB: number | null;
      readonly external: boolean;
    };

export interface Comparison {
  readonly challenger: string;
  /** Share of resamples in which the challenger is not better; null where only scalars exist. */
  readonly pValue: number | null;
  readonly difference: number;
  /** 95 % interval of the difference. */
  readonly low: number | null;
  readonly high: number | null;
  readonly rows: number | null;
}

/** Why a candidate is not eligible; the first that holds, in this order. */
export type Refusal =
  | 'no_registered_model'
  | 'no_code_version'
  | 'outside_allowance'
  | 'no_source_run'
  | 'where_not_matched'
  | 'not_ready'
  | 'archived_by_user'
  | 'quarantined'
  | 'on_hold'
  | 'artifact_changed'
  | 'missing_tag'
  | 'not_tested'
  | 'not_evaluated'
  | 'not_evaluated_outside_window'
  | 'evaluation_failed'
  | 'metric_not_a_number';

export interface GuardResult {
  readonly guard: string;
  readonly passed: boolean;
  /** The values that were compared, for people. */
  readonly detail: string;
}

export interface Verdict {
  readonly id: string;
  /** From 1 among the eligible, by the policy's order; null for the others. */
  readonly rank: number | null;
  readonly score: number | null;
  /** The score less the champion's, in the direction of the goal: positive is better. */
  readonly margin: number | null;
  readonly verdict:
    | 'chosen'
    | 'champion'
    | 'awaiting_approval'
    | 'not_better'
    | 'guard_failed'
    | 'outranked'
    | 'held_back'
    | 'refused';
  /** The refusal, the guard that failed first, or what held it back; null where the verdict says all. */
  readonly reason: string | null;
  readonly detail: string | null;
  readonly guards: readonly GuardResult[];
}

export type Outcome = 'first' | 'replaced' | 'kept' | 'none' | 'awaiting_approval';

export interface SelectionResult {
  readonly outcome: Outcome;
  readonly reason: string;
  readonly detail: string;
  /** The challenger that was chosen or waits for approval. */
  readonly challenger: string | null;
  readonly margin: number | null;
  readonly flags: readonly string[];
  /** Ranked candidates first, then the others by id. */
  readonly verdicts: readonly Verdict[];
}
