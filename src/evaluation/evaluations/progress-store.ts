import type { Dialect } from '../../storage/dialect.ts';
import { all, get, run, type Tx } from '../../storage/storage.ts';
import type { Evaluation, EvaluationError } from './evaluation.ts';
import { insertMetrics } from './store.ts';

export const findNextPending = (): Tx<{ evaluation_no: number; evaluation_id: string } | undefined> =>
  get(`select evaluation_no, evaluation_id from evaluations where status = 'pending'
    order by position, evaluation_no limit 1`);

/** Lets one that waits begin no later than this position says. */
export const bringForward = (evaluationNo: number, position: number): Tx<number> =>
  run(`update evaluations set position = ? where evaluation_no = ? and position > ? and status = 'pending'`, [
    position,
    evaluationNo,
    position,
  ]);

/** False when somebody else has taken it. */
export function* setRunning(evaluationNo: number, jobId: string, now: number): Tx<boolean> {
  const sql = `update evaluations set status = 'running', job_id = ?, start_time = ?, attempts = attempts + 1
    where evaluation_no = ? and status = 'pending'`;
  return (yield* run(sql, [jobId, now, evaluationNo])) === 1;
}

const waiting = `status = 'pending', job_id = null, start_time = null, end_time = null, error_type = null,
  error_message = null`;

export const requeue = (evaluationNo: number): Tx<number> =>
  run(`update evaluations set ${waiting} where evaluation_no = ?`, [evaluationNo]);

const stillOurs = `evaluation_no = ? and job_id = ? and status = 'running'`;

/** Notes the MLflow run that shows it. */
export const setRun = (evaluationNo: number, runId: string): Tx<number> =>
  run('update evaluations set run_id = ? where evaluation_no = ?', [runId, evaluationNo]);

export type EvaluationResult = Pick<
  Evaluation,
  'metrics' | 'rows' | 'classes' | 'latency' | 'sizeBytes' | 'signature' | 'warnings' | 'hasPredictions'
>;

/** False, and nothing is written, when it does not run in this job any more. */
export function* setSucceeded(evaluationNo: number, jobId: string, result: EvaluationResult, now: number): Tx<boolean> {
  const { latency } = result;
  const changed = yield* run(
    `update evaluations set status = 'succeeded', end_time = ?, holdout_rows = ?, classes = ?, size_bytes = ?,
       row_p50_ms = ?, row_p95_ms = ?, batch_p50_ms = ?, batch_p95_ms = ?, batch_rows = ?, signature = ?, warnings = ?,
       has_predictions = ? where ${stillOurs}`,
    [
      now,
      result.rows,
      result.classes === null ? null : JSON.stringify(result.classes),
      result.sizeBytes,
      latency?.rowP50Ms ?? null,
      latency?.rowP95Ms ?? null,
      latency?.batchP50Ms ?? null,
      latency?.batchP95Ms ?? null,
      latency?.batchRows ?? null,
      result.signature,
      JSON.stringify(result.warnings),
      result.hasPredictions ? 1 : 0,
      evaluationNo,
      jobId,
    ],
  );
  if (changed === 0) return false;
  yield* insertMetrics(evaluationNo, result.metrics);
  return true;
}

/** False when it does not run in this job any more. */
export function* setFailed(evaluationNo: number, jobId: string, error: EvaluationError, now: number): Tx<boolean> {
  const sql = `update evaluations set status = 'failed', end_time = ?, error_type = ?, error_message = ? where ${stillOurs}`;
  return (yield* run(sql, [now, error.type, error.message, evaluationNo, jobId])) === 1;
}

/** One that runs in this job waits again, as if it had not begun. */
export const release = (evaluationNo: number, jobId: string): Tx<number> =>
  run(
    `update evaluations set status = 'pending', job_id = null, start_time = null, attempts = attempts - 1
     where ${stillOurs}`,
    [evaluationNo, jobId],
  );

/** Writes down the end of one that was made elsewhere. */
export function* setPosted(evaluationNo: number, metrics: ReadonlyMap<string, number>, now: number): Tx<void> {
  yield* run('update evaluations set end_time = ? where evaluation_no = ?', [now, evaluationNo]);
  yield* insertMetrics(evaluationNo, metrics);
}

/** Those that failed for want of a Python wait again. */
export const requeueWithoutPython = (): Tx<number> =>
  run(`update evaluations set ${waiting} where status = 'failed' and error_type = 'no_python'`);

/** The jobs in which evaluations run. */
export function* jobsUnderWay(): Tx<string[]> {
  const sql = `select distinct job_id from evaluations where status = 'running'`;
  return (yield* all<{ job_id: string }>(sql)).map((row) => row.job_id);
}

const mostAttempts = 3;

/** Those that run in one of these jobs wait again; one that has taken its server with it again and again has failed. */
export function* requeueOfJobs(dialect: Dialect, jobIds: readonly string[], now: number): Tx<number> {
  const theirs = `status = 'running' and ${dialect.isAnyOf('job_id', jobIds)}`;
  yield* run(
    `update evaluations set status = 'failed', end_time = ?, error_type = 'crashed', error_message = ?
     where ${theirs} and attempts >= ?`,
    [now, `The server ended ${mostAttempts} times while it was evaluated.`, dialect.list(jobIds), mostAttempts],
  );
  return yield* run(`update evaluations set status = 'pending', job_id = null, start_time = null where ${theirs}`, [
    dialect.list(jobIds),
  ]);
}
