import type { WireJob, WireJobLogs } from '../jobs/wire.ts';
import { type CallOptions, pathOf, type Transport } from './transport.ts';

/** A process that Cellar runs: an evaluation, later a training. Times are milliseconds since 1970. */
export type Job = WireJob;
export type JobLogs = WireJobLogs;

export interface ListJobs extends CallOptions {
  readonly status?: Job['status'] | undefined;
  readonly kind?: string | undefined;
  readonly limit?: number | undefined;
}

/** What Cellar runs, and ran. */
export function jobVerbs({ own }: Pick<Transport, 'own'>) {
  return {
    /** The newest first, 50 unless a limit is given. */
    async listJobs({ status, kind, limit, ...options }: ListJobs = {}): Promise<readonly Job[]> {
      return (await own.get<{ jobs: Job[] }>('jobs', { status, kind, limit }, options)).jobs;
    },

    getJob: (jobId: string, options?: CallOptions) => own.get<Job>(pathOf('jobs', jobId), {}, options),

    /** The end of what it wrote, also while it runs. */
    getJobLogs: (jobId: string, { bytes, ...options }: CallOptions & { bytes?: number | undefined } = {}) =>
      own.get<JobLogs>(pathOf('jobs', jobId, 'logs'), { bytes }, options),

    /** The job as it ended. RESOURCE_CONFLICT when it had ended before. */
    cancelJob: (jobId: string, options?: CallOptions) =>
      own.once<Job>('POST', pathOf('jobs', jobId, 'cancel'), {}, options),
  };
}
