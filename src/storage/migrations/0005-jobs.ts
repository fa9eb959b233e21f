import type { Migration } from '../migrate.ts';

/**
 * Jobs: processes that Cellar starts. `host` names the machine and its boot, so that `pid` and `pid_start` (when that
 * process started, as the system says it) are only ever compared where they mean something.
 */
export const jobs: Migration = {
  number: 5,
  name: 'jobs',
  statements: (d) => [
    `insert into counters(name, value) values ('job', 0)`,
    `create table jobs(
       job_no ${d.primaryKeyBigint}, job_id ${d.text} not null unique, kind ${d.text} not null, label ${d.text} not null,
       command ${d.text} not null, status ${d.text} not null, message ${d.text}, actor ${d.text} not null,
       server_id ${d.text} not null, host ${d.text} not null, pid ${d.bigint}, pid_start ${d.text},
       time_limit_ms ${d.bigint}, memory_limit_bytes ${d.bigint} not null, peak_memory_bytes ${d.bigint} not null default 0,
       creation_time ${d.bigint} not null, start_time ${d.bigint}, end_time ${d.bigint}, heartbeat_time ${d.bigint} not null,
       exit_code ${d.bigint}, signal ${d.text}, cancelled_by ${d.text})`,
    `create index jobs_status on jobs(status, job_no)`,
  ],
};
