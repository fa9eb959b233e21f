import Type, { type Static } from 'typebox';
import { nullable, time } from '../http/api.ts';
import { type Job, jobStatuses } from './job.ts';

export const jobStatus = () => Type.Enum([...jobStatuses]);

export const jobSchema = Type.Object({
  jobId: Type.String(),
  kind: Type.String({ description: 'What it is for: evaluate, train, …' }),
  label: Type.String(),
  status: jobStatus(),
  message: nullable(Type.String({ description: 'Why it ended as it did.' })),
  actor: Type.String({ description: 'Who asked for it.' }),
  command: Type.Array(Type.String()),
  pid: nullable(Type.Integer()),
  timeLimitMs: nullable(Type.Integer()),
  memoryLimitBytes: Type.Integer(),
  peakMemoryBytes: Type.Integer({ description: 'The most memory that its processes were seen to hold at once.' }),
  creationTime: time(),
  startTime: nullable(time()),
  endTime: nullable(time()),
  heartbeatTime: time(),
  exitCode: nullable(Type.Integer()),
  signal: nullable(Type.String()),
});
export type WireJob = Static<typeof jobSchema>;

export const jobList = Type.Object({ jobs: Type.Array(jobSchema) });
export const jobLogs = Type.Object({
  text: Type.String(),
  truncated: Type.Boolean({ description: 'Something came before.' }),
});
export type WireJobLogs = Static<typeof jobLogs>;

export const presentJob = ({ jobNo, serverId, host, pidStart, command, ...job }: Job): WireJob => ({
  ...job,
  command: [...command],
});
