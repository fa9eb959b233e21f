import type { Dialect } from '../../storage/dialect.ts';
import { all, get, type Insert, insertRows, run, type Tx } from '../../storage/storage.ts';
import type { Evaluation, EvaluationStatus, MetricFunction, Subject, SubjectToEvaluate } from './evaluation.ts';

interface EvaluationRow {
  readonly evaluation_no: number;
  readonly evaluation_id: string;
  readonly artifact_digest: string;
  readonly holdout_digest: string;
  readonly evaluator: string;
  readonly holdout_name: string;
  readonly holdout_version: number;
  readonly location: string;
  readonly label: string;
  readonly model_id: string | null;
  readonly source_run_id: string | null;
  readonly status: EvaluationStatus;
  readonly attempts: number;
  readonly is_external: number;
  readonly actor: string;
  readonly job_id: string | null;
  readonly run_id: string | null;
  readonly creation_time: number;
  readonly start_time: number | null;
  readonly end_time: number | null;
  readonly holdout_rows: number | null;
  readonly classes: string | null;
  readonly size_bytes: number | null;
  readonly row_p50_ms: number | null;
  readonly row_p95_ms: number | null;
  readonly batch_p50_ms: number | null;
  readonly batch_p95_ms: number | null;
  readonly batch_rows: number | null;
  readonly signature: string | null;
  readonly warnings: string | null;
  readonly has_predictions: number;
  readonly error_type: string | null;
  readonly error_message: string | null;
}

const columns = `e.evaluation_no, e.evaluation_id, e.artifact_digest, e.holdout_digest, e.evaluator, e.holdout_name,
  e.holdout_version, e.location, e.label, e.model_id, e.source_run_id, e.status, e.attempts, e.is_external, e.actor,
  e.job_id, e.run_id, e.creation_time, e.start_time, e.end_time, e.holdout_rows, e.classes, e.size_bytes, e.row_p50_ms,
  e.row_p95_ms, e.batch_p50_ms, e.batch_p95_ms, e.batch_rows, e.signature, e.warnings, e.has_predictions, e.error_type,
  e.error_message`;

const evaluationOf = (row: EvaluationRow, metrics: ReadonlyMap<string, number>): Evaluation => ({
  evaluationNo: row.evaluation_no,
  evaluationId: row.evaluation_id,
  status: row.status,
  artifactDigest: row.artifact_digest,
  holdout: { name: row.holdout_name, version: row.holdout_version, digest: row.holdout_digest },
  evaluator: row.evaluator,
  label: row.label,
  location: row.location,
  modelId: row.model_id,
  sourceRunId: row.source_run_id,
  external: row.is_external === 1,
  actor: row.actor,
  attempts: row.attempts,
  creationTime: row.creation_time,
  startTime: row.start_time,
  endTime: row.end_time,
  jobId: row.job_id,
  runId: row.run_id,
  metrics,
  rows: row.holdout_rows,
  classes: row.classes === null ? null : JSON.parse(row.classes),
  latency:
    row.row_p95_ms === null
      ? null
      : {
          rowP50Ms: row.row_p50_ms!,
          rowP95Ms: row.row_p95_ms,
          batchP50Ms: row.batch_p50_ms!,
          batchP95Ms: row.batch_p95_ms!,
          batchRows: row.batch_rows!,
        },
  sizeBytes: row.size_bytes,
  signature: row.signature,
  warnings: row.warnings === null ? [] : JSON.parse(row.warnings),
  hasPredictions: row.has_predictions === 1,
  error: row.error_type === null ? null : { type: row.error_type, message: row.error_message ?? '' },
});

function* evaluationsBy(dialect: Dialect, sql: string, params: readonly unknown[]): Tx<Evaluation[]> {
  const rows = yield* all<EvaluationRow>(`select ${columns} ${sql}`, params);
  const metrics = yield* metricsOf(
    dialect,
    rows.map((row) => row.evaluation_no),
  );
  return rows.map((row) => evaluationOf(row, metrics.get(row.evaluation_no) ?? new Map()));
}

function* metricsOf(dialect: Dialect, nos: readonly number[]): Tx<Map<number, Map<string, number>>> {
  const found = new Map<number, Map<string, number>>(nos.map((no) => [no, new Map()]));
  if (nos.length === 0) return found;
  const sql = `select evaluation_no, name, value, is_nan from evaluation_metrics
    where ${dialect.isAnyOf('evaluation_no', nos)} order by evaluation_no, name`;
  interface MetricRow {
    readonly evaluation_no: number;
    readonly name: string;
    readonly value: number;
    readonly is_nan: number;
  }
  for (const row of yield* all<MetricRow>(sql, [dialect.list(nos)]))
    found.get(row.evaluation_no)!.set(row.name, row.is_nan === 1 ? Number.NaN : row.value);
  return found;
}

export function* findEvaluation(dialect: Dialect, evaluationId: string): Tx<Evaluation | undefined> {
  return (yield* evaluationsBy(dialect, 'from evaluations e where e.evaluation_id = ?', [evaluationId]))[0];
}

export function* findEvaluationsById(dialect: Dialect, evaluationIds: readonly string[]): Tx<Evaluation[]> {
  if (evaluationIds.length === 0) return [];
  const sql = `from evaluations e where ${dialect.isAnyOf('e.evaluation_id', evaluationIds)}`;
  return yield* evaluationsBy(dialect, sql, [dialect.list(evaluationIds)]);
}

/** Evaluations of these digests on a holdout digest, by one evaluator or posted from elsewhere; oldest first. */
export function* findByDigests(
  dialect: Dialect,
  artifactDigests: readonly string[],
  holdoutDigest: string,
  evaluator: string,
): Tx<Evaluation[]> {
  if (artifactDigests.length === 0) return [];
  const sql = `from evaluations e where ${dialect.isAnyOf('e.artifact_digest', artifactDigests)}
    and e.holdout_digest = ? and (e.evaluator = ? or e.is_external = 1) order by e.creation_time, e.evaluation_no`;
  return yield* evaluationsBy(dialect, sql, [dialect.list(artifactDigests), holdoutDigest, evaluator]);
}

export interface EvaluationFilter {
  /** Evaluations of any of these. */
  readonly subjects?: readonly Subject[] | undefined;
  readonly sourceRunId?: string | undefined;
  readonly holdout?: { readonly name: string; readonly version: number | undefined } | undefined;
  readonly status?: EvaluationStatus | undefined;
  readonly limit: number;
}

/** Newest first. */
export function* listEvaluations(dialect: Dialect, filter: EvaluationFilter): Tx<Evaluation[]> {
  const conditions: string[] = [];
  const params: unknown[] = [];
  const add = (condition: string, ...values: unknown[]) => {
    conditions.push(condition);
    params.push(...values);
  };
  if (filter.subjects !== undefined) {
    const keys = filter.subjects.map(subjectKey);
    const either = keys.map(() => '(kind = ? and subject = ?)').join(' or ');
    add(`e.evaluation_no in (select evaluation_no from evaluation_subjects where ${either})`, ...keys.flat());
  }
  if (filter.sourceRunId !== undefined)
    add(
      'e.evaluation_no in (select evaluation_no from evaluation_subjects where source_run_id = ?)',
      filter.sourceRunId,
    );
  if (filter.holdout !== undefined) add('e.holdout_name = ?', filter.holdout.name);
  if (filter.holdout?.version !== undefined) add('e.holdout_version = ?', filter.holdout.version);
  if (filter.status !== undefined) add('e.status = ?', filter.status);
  const where = conditions.length === 0 ? '' : `where ${conditions.join(' and ')}`;
  const sql = `from evaluations e ${where} order by e.evaluation_no desc limit ?`;
  return yield* evaluationsBy(dialect, sql, [...params, filter.limit]);
}

export interface NewEvaluation {
  readonly evaluationNo: number;
  readonly evaluationId: string;
  readonly artifactDigest: string;
  readonly holdout: { readonly name: string; readonly version: number; readonly digest: string };
  readonly evaluator: string;
  readonly location: string;
  readonly label: string;
  readonly modelId: string | null;
  readonly sourceRunId: string | null;
  readonly status: EvaluationStatus;
  /** Lower ones are evaluated first. */
  readonly position: number;
  readonly external: boolean;
  readonly actor: string;
  readonly creationTime: number;
}

/** False when this model was evaluated, or is to be, on this holdout by this evaluator. */
export function* insertEvaluation(row: NewEvaluation): Tx<boolean> {
  const sql = `insert into evaluations(evaluation_no, evaluation_id, artifact_digest, holdout_digest, evaluator,
      holdout_name, holdout_version, location, label, model_id, source_run_id, status, position, is_external, actor,
      creation_time) values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
    on conflict (artifact_digest, holdout_digest, evaluator) do nothing`;
  const inserted = yield* run(sql, [
    row.evaluationNo,
    row.evaluationId,
    row.artifactDigest,
    row.holdout.digest,
    row.evaluator,
    row.holdout.name,
    row.holdout.version,
    row.location,
    row.label,
    row.modelId,
    row.sourceRunId,
    row.status,
    row.position,
    row.external ? 1 : 0,
    row.actor,
    row.creationTime,
  ]);
  return inserted === 1;
}

function subjectKey(subject: Subject): readonly [kind: string, key: string] {
  return subject.kind === 'version' ? ['version', String(subject.versionNo)] : ['model', subject.modelId];
}

/** Notes that the evaluation speaks of this version or logged model too. */
export function* addSubject(evaluationNo: number, { subject, sourceRunId, label }: SubjectToEvaluate): Tx<void> {
  const [kind, key] = subjectKey(subject);
  yield* run(
    `insert into evaluation_subjects(evaluation_no, kind, subject, source_run_id, label) values (?, ?, ?, ?, ?)
     on conflict (kind, subject, evaluation_no) do nothing`,
    [evaluationNo, kind, key, sourceRunId, label],
  );
}

export function* saveEvaluator(evaluator: string, metricFunctions: readonly MetricFunction[]): Tx<void> {
  yield* run('insert into evaluators(evaluator, metric_functions) values (?, ?) on conflict (evaluator) do nothing', [
    evaluator,
    JSON.stringify(metricFunctions),
  ]);
}

export function* metricFunctionsOf(evaluator: string): Tx<readonly MetricFunction[]> {
  const sql = 'select metric_functions from evaluators where evaluator = ?';
  return JSON.parse((yield* get<{ metric_functions: string }>(sql, [evaluator]))?.metric_functions ?? '[]');
}

const metricRows: Insert = {
  table: 'evaluation_metrics',
  columns: { evaluation_no: 'bigint', name: 'text', value: 'double precision', is_nan: 'bigint' },
  onConflict: 'on conflict do nothing',
};

export function* insertMetrics(evaluationNo: number, metrics: ReadonlyMap<string, number>): Tx<void> {
  yield* insertRows(
    metricRows,
    [...metrics].map(([name, value]) =>
      Number.isNaN(value) ? [evaluationNo, name, 0, 1] : [evaluationNo, name, value, 0],
    ),
  );
}
