import Type from 'typebox';
import { endpoint } from '../http/api.ts';
import type { JobsService } from './service.ts';
import { jobList, jobLogs, jobSchema, jobStatus, presentJob } from './wire.ts';

const jobPath = Type.Object({ jobId: Type.String() });
const tag = 'jobs';

export const jobRoutes = (jobs: JobsService) => [
  endpoint(
    'GET',
    '/jobs',
    {
      summary: 'Lists jobs, the newest first.',
      tag,
      input: Type.Object({
        status: Type.Optional(jobStatus()),
        kind: Type.Optional(Type.String()),
        limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 1000 })),
      }),
      reply: jobList,
    },
    async ({ input: { status, kind, limit = 50 } }) => ({
      jobs: (await jobs.list({ status, kind, limit })).map(presentJob),
    }),
  ),
  endpoint('GET', '/jobs/:jobId', { summary: 'Shows a job.', tag, path: jobPath, reply: jobSchema }, async ({ path }) =>
    presentJob(await jobs.get(path.jobId)),
  ),
  endpoint(
    'GET',
    '/jobs/:jobId/logs',
    {
      summary: 'Gives the end of what a job wrote, also while it runs.',
      tag,
      path: jobPath,
      input: Type.Object({ bytes: Type.Optional(Type.Integer({ minimum: 1, maximum: 8 * 1024 ** 2 })) }),
      reply: jobLogs,
    },
    ({ path, input: { bytes = 256 * 1024 } }) => jobs.log(path.jobId, bytes),
  ),
  endpoint(
    'POST',
    '/jobs/:jobId/cancel',
    { summary: 'Ends a job that waits or runs.', tag, path: jobPath, reply: jobSchema },
    async ({ path, actor }) => presentJob(await jobs.cancel(path.jobId, actor)),
  ),
];
