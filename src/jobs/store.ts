import type { Dialect } from '../storage/dialect.ts';
import { all, get, run, type Tx } from '../storage/storage.ts';
import type { Job, JobStatus } from './job.ts';

interface JobRow {
  readonly job_no: number;
  readonly job_id: string;
  readonly kind: string;
  readonly label: string;
  readonly command: string;
  readonly status: JobStatus;
  readonly message: string | null;
  readonly actor: string;
  readonly server_id: string;
  readonly host: string;
  readonly pid: number | null;
  readonly pid_start: string | null;
  readonly time_limit_ms: number | null;
  readonly memory_limit_bytes: number;
  readonly peak_memory_bytes: number;
  readonly creation_time: number;
  readonly start_time: number | null;
  readonly end_time: number | null;
  readonly heartbeat_time: number;
  readonly exit_code: number | null;
  readonly signal: string | null;
}

const columns = `job_no, job_id, kind, label, command, status, message, actor, server_id, host, pid, pid_start, time_limit_ms,
  memory_limit_bytes, peak_memory_bytes, creation_time, start_time, end_time, heartbeat_time, exit_code, signal`;

const jobOf = (row: JobRow): Job => ({
  jobNo: row.job_no,
  jobId: row.job_id,
  kind: row.kind,
  label: row.label,
  command: JSON.parse(row.command),
  status: row.status,
  message: row.message,
  actor: row.actor,
  serverId: row.server_id,
  host: row.host,
  pid: row.pid,
  pidStart: row.pid_start,
  timeLimitMs: row.time_limit_ms,
  memoryLimitBytes: row.memory_limit_bytes,
  peakMemoryBytes: row.peak_memory_bytes,
  creationTime: row.creation_time,
  startTime: row.start_time,
  endTime: row.end_time,
  heartbeatTime: row.heartbeat_time,
  exitCode: row.exit_code,
  signal: row.signal,
});

export function* insertJob(job: Job): Tx<void> {
  yield* run(
    `insert into jobs(job_no, job_id, kind, label, command, status, actor, server_id, host, time_limit_ms,
       memory_limit_bytes, creation_time, heartbeat_time) values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    [
      job.jobNo,
      job.jobId,
      job.kind,
      job.label,
      JSON.stringify(job.command),
      job.status,
      job.actor,
      job.serverId,
      job.host,
      job.timeLimitMs,
      job.memoryLimitBytes,
      job.creationTime,
      job.heartbeatTime,
    ],
  );
}

export function* findJob(jobId: string): Tx<Job | undefined> {
  const row = yield* get<JobRow>(`select ${columns} from jobs where job_id = ?`, [jobId]);
  return row && jobOf(row);
}

export interface JobFilter {
  readonly status?: JobStatus | undefined;
  readonly kind?: string | undefined;
  readonly limit: number;
}

/** Newest first. */
export function* listJobs({ status, kind, limit }: JobFilter): Tx<Job[]> {
  const conditions = [status !== undefined && 'status = ?', kind !== undefined && 'kind = ?'].filter(Boolean);
  const where = conditions.length === 0 ? '' : `where ${conditions.join(' and ')}`;
  const params = [status, kind].filter((value) => value !== undefined);
  const sql = `select ${columns} from jobs ${where} order by job_no desc limit ?`;
  return (yield* all<JobRow>(sql, [...params, limit])).map(jobOf);
}

export function* underWayAmong(dialect: Dialect, jobIds: readonly string[]): Tx<string[]> {
  if (jobIds.length === 0) return [];
  const sql = `select job_id from jobs where status in ('queued', 'running') and ${dialect.isAnyOf('job_id', jobIds)}`;
  return (yield* all<{ job_id: string }>(sql, [dialect.list(jobIds)])).map((row) => row.job_id);
}

/** False when the job is not waiting any more. */
export function* setRunning(jobId: string, pid: number, pidStart: string | null, now: number): Tx<boolean> {
  const sql = `update jobs set status = 'running', pid = ?, pid_start = ?, start_time = ?, heartbeat_time = ?
    where job_id = ? and status = 'queued'`;
  return (yield* run(sql, [pid, pidStart, now, now, jobId])) === 1;
}

export interface JobEnd {
  readonly status: JobStatus;
  readonly message: string | null;
  readonly exitCode: number | null;
  readonly signal: string | null;
  readonly peakMemoryBytes: number;
}

/** Changes nothing when the job has ended already, such as one that was declared lost. */
export function* setEnded(jobId: string, end: JobEnd, now: number): Tx<void> {
  yield* run(
    `update jobs set status = ?, message = ?, exit_code = ?, signal = ?, peak_memory_bytes = ?, end_time = ?
     where job_id = ? and status in ('queued', 'running')`,
    [end.status, end.message, end.exitCode, end.signal, end.peakMemoryBytes, now, jobId],
  );
}

/** Says that this server lives. Answers with its jobs that are under way, and who has cancelled which. */
export function* beat(serverId: string, now: number): Tx<{ job_id: string; cancelled_by: string | null }[]> {
  const sql = `update jobs set heartbeat_time = ? where server_id = ? and status in ('queued', 'running')
    returning job_id, cancelled_by`;
  return yield* all<{ job_id: string; cancelled_by: string | null }>(sql, [now, serverId]);
}

/** False when the job has ended. */
export function* markCancelled(jobId: string, by: string): Tx<boolean> {
  const sql = `update jobs set cancelled_by = ? where job_id = ? and status in ('queued', 'running')`;
  return (yield* run(sql, [by, jobId])) === 1;
}

/** Jobs under way of other servers which have not been heard of since `before`; they are lost from now on. */
export function* loseJobs(dialect: Dialect, serverId: string, before: number, now: number): Tx<Job[]> {
  const where = `status in ('queued', 'running') and server_id <> ? and heartbeat_time < ?`;
  const rows = yield* all<JobRow>(`select ${columns} from jobs where ${where} order by job_no ${dialect.forUpdate}`, [
    serverId,
    before,
  ]);
  if (rows.length === 0) return [];
  const nos = rows.map((row) => row.job_no);
  yield* run(`update jobs set status = 'lost', message = ?, end_time = ? where ${dialect.isAnyOf('job_no', nos)}`, [
    'The server that ran it ended.',
    now,
    dialect.list(nos),
  ]);
  return rows.map((row) => ({ ...jobOf(row), status: 'lost' }));
}
