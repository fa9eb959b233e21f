import { createHash } from 'node:crypto';

export const evaluationStatuses = ['pending', 'running', 'succeeded', 'failed'] as const;
export type EvaluationStatus = (typeof evaluationStatuses)[number];

/** What one model scores on one holdout, by one evaluator. */
export interface Evaluation {
  readonly evaluationNo: number;
  readonly evaluationId: string;
  readonly status: EvaluationStatus;
  readonly artifactDigest: string;
  readonly holdout: { readonly name: string; readonly version: number; readonly digest: string };
  readonly evaluator: string;
  /** The model, for people: `AImodel 3`. */
  readonly label: string;
  readonly location: string;
  readonly modelId: string | null;
  readonly sourceRunId: string | null;
  /** True where somebody posted the result; `actor` says who and `endTime` when. */
  readonly external: boolean;
  readonly actor: string;
  readonly attempts: number;
  readonly creationTime: number;
  readonly startTime: number | null;
  readonly endTime: number | null;
  readonly jobId: string | null;
  /** The MLflow run that shows it. */
  readonly runId: string | null;
  /** May hold NaN and infinities. Empty until it succeeded. */
  readonly metrics: ReadonlyMap<string, number>;
  readonly rows: number | null;
  /** Classes in the order of the predictions' probability columns. */
  readonly classes: readonly (string | number | boolean)[] | null;
  readonly latency: Latency | null;
  /** Bytes of the model's folder. */
  readonly sizeBytes: number | null;
  /** JSON of the model's signature: `{"inputs": […], "outputs": […]}`. */
  readonly signature: string | null;
  readonly warnings: readonly string[];
  /** Whether there are predictions for every row. */
  readonly hasPredictions: boolean;
  readonly error: EvaluationError | null;
}

/** Milliseconds that a prediction takes, for one row and for a batch of `batchRows`. */
export interface Latency {
  readonly rowP50Ms: number;
  readonly rowP95Ms: number;
  readonly batchP50Ms: number;
  readonly batchP95Ms: number;
  readonly batchRows: number;
}

export interface EvaluationError {
  /**
   * One of ours (`artifact_changed`, `not_stored_here`, `timed_out`, `out_of_memory`, `crashed`, `cancelled`,
   * `no_python`, `holdout_missing`), or the kind of failure that the worker names.
   */
  readonly type: string;
  readonly message: string;
}

/** A user's metric: a function of a Python file. */
export interface MetricFunction {
  /** The metric's name. */
  readonly name: string;
  /** The file's name, for people. */
  readonly file: string;
  readonly function: string;
  /** The file's text. */
  readonly code: string;
}

/** What is evaluated: a model version or a logged model, by its internal id. */
export type Subject =
  | { readonly kind: 'version'; readonly versionNo: number }
  | { readonly kind: 'model'; readonly modelId: string };

export interface SubjectToEvaluate {
  readonly subject: Subject;
  /** The model, for people: `AImodel 3`. */
  readonly label: string;
  /** Where the model's folder is: `mlflow-artifacts:/…`. */
  readonly location: string;
  /** What the folder must be, as `modelDigest` says it. */
  readonly digest: string;
  readonly sourceRunId: string | null;
}

/** A model as callers name it: a version, a logged model, or the only model of a run. */
export type NamedModel =
  | { readonly name: string; readonly version: number }
  | { readonly modelId: string }
  | { readonly runId: string };

/** The evaluator that the Python worker must say it is; it changes whenever the same model would score otherwise. */
export const workerEvaluator = '1';

/** Metrics that the worker computes by itself. */
export const builtInMetrics = [
  'accuracy',
  'precision_macro',
  'recall_macro',
  'f1_macro',
  'precision_weighted',
  'recall_weighted',
  'f1_weighted',
  'log_loss',
  'roc_auc',
  'rmse',
  'mae',
  'mape',
  'r2',
] as const;
export type BuiltInMetric = (typeof builtInMetrics)[number];

/** Names the evaluator: the worker's version, and the digest of the user's metric functions where there are some. */
export function evaluatorOf(metricFunctions: readonly MetricFunction[]): string {
  if (metricFunctions.length === 0) return workerEvaluator;
  const parts = metricFunctions.map(({ name, function: called, code }) => JSON.stringify([name, called, code])).sort();
  return `${workerEvaluator}+${sha256(parts.join('\n')).slice(0, 16)}`;
}

/** Names what evaluated elsewhere: other figures for the same model are another record, the same ones are not. */
export function externalEvaluatorOf(metrics: ReadonlyMap<string, number>): string {
  const parts = [...metrics].map(([name, value]) => JSON.stringify([name, String(value)])).sort();
  return `external+${sha256(parts.join('\n')).slice(0, 16)}`;
}

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');
