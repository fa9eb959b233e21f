import { type Command, Option } from 'commander';
import type { Job } from '../client/jobs.ts';
import { asking, group, remoteCommand, wholeNumber } from './kit/command.ts';
import { type Cell, facts, table } from './kit/table.ts';
import type { Terminal } from './kit/terminal.ts';
import { bytes, duration, exactTime, relativeTime } from './kit/words.ts';

const statuses: Readonly<Record<Job['status'], 'good' | 'bad' | 'warn' | 'faint' | 'strong'>> = {
  queued: 'faint',
  running: 'strong',
  succeeded: 'good',
  failed: 'bad',
  cancelled: 'warn',
  timed_out: 'bad',
  out_of_memory: 'bad',
  lost: 'bad',
};

const statusCell = ({ status }: Job): Cell => ({ text: status.replaceAll('_', ' '), tone: statuses[status] });

function took({ startTime, endTime }: Job, now: number): string {
  return startTime === null ? '' : duration((endTime ?? now) - startTime);
}

/** `cellar jobs`: what the server runs. */
export function jobsCommand(terminal: Terminal): Command {
  const nouns = group(terminal, 'jobs', 'Processes that the server runs: evaluations, later trainings and tunings.');

  nouns
    .addCommand(
      remoteCommand(terminal, 'list', {
        summary: 'List jobs, the newest first.',
        examples: ['cellar jobs list', ['cellar jobs list --status running', 'what runs now']],
      })
        .addOption(new Option('--status <STATUS>', 'only jobs that stand so').choices(Object.keys(statuses)))
        .option('--kind <KIND>', 'only jobs for this: evaluate, …')
        .option('--limit <NUMBER>', 'at most so many', wholeNumber(1))
        .action(
          asking<[Pick<Job, 'status' | 'kind'> & { limit?: number }]>(terminal, async (client, options) => {
            const jobs = await client.listJobs(options);
            return { value: jobs, text: () => listed(jobs, terminal) };
          }),
        ),
    )
    .addCommand(
      remoteCommand(terminal, 'show', {
        summary: 'Show a job: how it stands, what it ran, what it took.',
        examples: ['cellar jobs show j-0123456789abcdef'],
      })
        .argument('<JOB>', 'id of the job')
        .action(
          asking<[string]>(terminal, async (client, jobId) => {
            const job = await client.getJob(jobId);
            return { value: job, text: () => shown(job, terminal) };
          }),
        ),
    )
    .addCommand(
      remoteCommand(terminal, 'logs', {
        summary: 'Print the end of what a job wrote, also while it runs.',
        examples: ['cellar jobs logs j-0123456789abcdef'],
      })
        .argument('<JOB>', 'id of the job')
        .option('--bytes <NUMBER>', 'at most so many', wholeNumber(1))
        .action(
          asking<[string, { bytes?: number }]>(terminal, async (client, jobId, { bytes: most }) => {
            const logs = await client.getJobLogs(jobId, { bytes: most });
            return { value: logs, text: () => logs.text };
          }),
        ),
    )
    .addCommand(
      remoteCommand(terminal, 'cancel', {
        summary: 'End a job that waits or runs, with all that it started.',
        examples: ['cellar jobs cancel j-0123456789abcdef'],
      })
        .argument('<JOB>', 'id of the job')
        .action(
          asking<[string]>(terminal, async (client, jobId) => {
            const job = await client.cancelJob(jobId);
            return { value: job, text: () => shown(job, terminal) };
          }),
        ),
    );
  return nouns;
}

function listed(jobs: readonly Job[], terminal: Terminal): string {
  if (jobs.length === 0) return 'No jobs.\n';
  const now = terminal.now();
  return table(
    ['job', 'kind', 'what', 'status', 'asked for', 'took', 'by'],
    jobs.map((job) => [
      job.jobId,
      job.kind,
      job.label,
      statusCell(job),
      relativeTime(job.creationTime, now),
      took(job, now),
      job.actor,
    ]),
    terminal,
  );
}

function shown(job: Job, terminal: Terminal): string {
  return facts(
    [
      ['job', job.jobId],
      ['what', `${job.kind}: ${job.label}`],
      ['status', statusCell(job)],
      ['why', job.message],
      ['asked for', `${exactTime(job.creationTime)}, by ${job.actor}`],
      ['took', took(job, terminal.now())],
      ['memory', job.startTime === null ? null : `${bytes(job.peakMemoryBytes)} of ${bytes(job.memoryLimitBytes)}`],
      ['time limit', job.timeLimitMs === null ? null : duration(job.timeLimitMs)],
      ['command', job.command.join(' ')],
      ['process', job.status === 'running' ? job.pid : null],
      ['exit code', job.exitCode],
    ],
    terminal,
  );
}
