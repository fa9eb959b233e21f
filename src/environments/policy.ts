/** What governs one slot: a service in an environment. Made from `cellar.yaml`, with `perEnvironment` merged in. */
export interface SlotPolicy {
  readonly service: string;
  readonly environment: string;
  /** Where the logged models that could be registered come from. */
  readonly experiment: string | null;
  /** MLflow's run filter, evaluated on a candidate's source run. */
  readonly where: string | null;
  readonly metric: MetricPolicy;
  readonly holdout: HoldoutPin | null;
  /** Registered model to its range of code versions, in canonical text; a name that is not here is not admitted. */
  readonly allow: Readonly<Record<string, string>>;
  readonly requires: {
    readonly tags: readonly string[];
    /** The environment whose champion a version of the same code version must have been. */
    readonly testedOn: string | null;
    readonly minTestTimeMs: number;
  };
  /** In the order in which they are written. */
  readonly guards: readonly Guard[];
  readonly brakes: { readonly minDwellMs: number; readonly maxSwapsPerDay: number | null };
  readonly approval: 'none' | 'newCode' | 'always';
  /** How many of the newest candidates of a registered model and code version are evaluated. */
  readonly evaluateNewest: number;
  readonly serve: ServePolicy;
}

export type Goal = 'maximize' | 'minimize';

export interface MetricPolicy {
  readonly name: string;
  readonly goal: Goal;
  /** The user's own metric; its text is part of the policy. */
  readonly function: { readonly file: string; readonly name: string; readonly code: string } | null;
}

export interface HoldoutPin {
  readonly name: string;
  readonly version: number;
}

export interface ServePolicy {
  readonly replicas: number;
  readonly runtime: 'auto' | 'python' | 'onnx';
}

/** What a challenger must show: against the champion, or (the last two) by itself. */
export type Guard =
  | { readonly kind: 'minImprovement'; readonly absolute: number }
  | { readonly kind: 'minImprovement'; readonly percent: number }
  | { readonly kind: 'significance'; readonly alpha: number }
  | { readonly kind: 'noWorse'; readonly metrics: readonly NoWorse[] }
  | { readonly kind: 'sameSignature' }
  | { readonly kind: 'maxLatencyMs'; readonly limit: number }
  | { readonly kind: 'maxSizeMiB'; readonly limit: number };

export interface NoWorse {
  readonly name: string;
  readonly goal: Goal;
  /** By how much, absolute, the challenger may be worse. */
  readonly tolerance: number;
}
