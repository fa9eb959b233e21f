import { spawn } from 'node:child_process';
import { EventEmitter, once } from 'node:events';
import { existsSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { describe, expect, it } from 'vitest';
import { isAlive, script, withJobs } from '../../test/support/jobs.ts';
import { codeOf } from '../../test/support/registry.ts';
import { onEveryEngine } from '../../test/support/stores.ts';
import { run } from '../storage/storage.ts';
import { endLeftBehind } from './left-behind.ts';
import { processTable } from './process-table.ts';
import type { StartedJob } from './service.ts';

const forever = 'setInterval(() => {}, 1000)';
/** Starts a process that ignores SIGTERM and lives for ever, says its number, and lives on. */
const withChild = (options: string) => `
  const child = require('node:child_process').spawn(process.execPath,
    ['-e', "process.on('SIGTERM', () => {}); setInterval(() => {}, 1000); console.log(process.pid)"],
    { stdio: ['ignore', 'inherit', 'inherit'], ...${options} });
  child.unref();`;

const firstLine = async (job: StartedJob): Promise<string> => {
  const { stdout } = await job.process;
  for await (const line of createInterface({ input: stdout! })) return line;
  throw new Error('The job wrote nothing.');
};

onEveryEngine((engine) => {
  const jobs = withJobs(engine, { maxRunning: 2 });

  describe('a job', () => {
    it('runs a program and keeps what it wrote, and nothing else of it', async () => {
      const job = await jobs.start(
        script(`console.log('out'); console.error('err'); require('fs').writeFileSync('x', '')`),
      );
      const ended = await job.ended;
      expect(ended).toMatchObject({ status: 'succeeded', message: null, exitCode: 0, actor: 'ana', kind: 'test' });
      const { text, truncated } = await jobs.log(job.jobId, 1000);
      expect(text.trim().split('\n').sort()).toEqual(['err', 'out']);
      expect(truncated).toBe(false);
      expect(existsSync(job.folder)).toBe(false);
    });

    it('is told its folder and nothing that the server keeps to itself', async () => {
      process.env['CELLAR_TEST_SECRET'] = 'secret';
      const job = await jobs.start(
        script('console.log(JSON.stringify(process.env))', { environment: { GIVEN: 'yes' } }),
      );
      await job.ended;
      const seen = JSON.parse((await jobs.log(job.jobId, 10_000)).text);
      expect(seen).toMatchObject({ GIVEN: 'yes', TMPDIR: job.folder, CELLAR_JOB_ID: job.jobId });
      expect(seen).not.toHaveProperty('CELLAR_TEST_SECRET');
    });

    it('that ends while the database is away is written down when it is back', async () => {
      const logger = new EventEmitter();
      const told = once(logger, 'failure');
      const room = jobs.another({ logger: { warn: () => undefined, error: () => logger.emit('failure') } });
      const job = await room.start(
        script(`process.stdin.on('end', () => process.exit(3)).resume()`, { streams: 'piped' }),
      );
      const { stdin } = await job.process;
      await jobs.storage.write(() => run('alter table jobs rename to jobs_away'));
      stdin?.end();
      await told;
      await jobs.storage.write(() => run('alter table jobs_away rename to jobs'));
      expect(await job.ended).toMatchObject({ status: 'failed', exitCode: 3 });
      expect(await jobs.get(job.jobId)).toMatchObject({ status: 'failed', exitCode: 3 });
    });

    it('that ends with another code has failed', async () => {
      const { ended } = await jobs.start(script('process.exit(3)'));
      expect(await ended).toMatchObject({ status: 'failed', exitCode: 3, message: 'It ended with exit code 3.' });
    });

    it('whose program does not exist has failed, and says so', async () => {
      const job = await jobs.start(script('', { command: ['no-such-program'] }));
      await expect(job.process).rejects.toThrow("There is no program 'no-such-program'.");
      expect(await job.ended).toMatchObject({ status: 'failed', pid: null });
    });

    it('that runs too long is ended', async () => {
      const { ended } = await jobs.start(script(forever, { timeLimitMs: 300 }));
      expect(await ended).toMatchObject({ status: 'timed_out', message: 'It ran longer than its limit of 0.3 s.' });
    });

    it('that takes too much memory is ended, its children counted', async () => {
      const hungry = `const held = []; setInterval(() => held.push(Buffer.alloc(20e6, 1)), 20)`;
      const parent = `require('node:child_process').spawn(process.execPath, ['-e', ${JSON.stringify(hungry)}]); ${forever}`;
      const { ended } = await jobs.start(script(parent, { memoryLimitBytes: 300 * 1024 ** 2 }));
      const job = await ended;
      expect(job.status).toBe('out_of_memory');
      expect(job.message).toMatch(/^It held [\d,]+ MiB of memory, its limit is 300 MiB\.$/);
      expect(job.peakMemoryBytes).toBeGreaterThan(300 * 1024 ** 2);
    });

    it('takes its children with it, also those that left its group', async () => {
      for (const options of ['{}', '{ detached: true }']) {
        const job = await jobs.start(script(`${withChild(options)} ${forever}`, { streams: 'piped' }));
        const child = Number(await firstLine(job));
        expect(await isAlive(child)).toBe(true);
        await jobs.cancel(job.jobId, 'bo');
        expect(await isAlive(child)).toBe(false);
      }
    });

    it('that succeeds leaves no children behind', async () => {
      const job = await jobs.start(
        script(`${withChild('{}')} process.stdin.once('data', () => process.exit(0))`, { streams: 'piped' }),
      );
      const child = Number(await firstLine(job));
      (await job.process).stdin!.write('end\n');
      expect(await job.ended).toMatchObject({ status: 'succeeded' });
      expect(await isAlive(child)).toBe(false);
    });

    it('hands its streams to its owner, and logs only its errors', async () => {
      const echo = `process.stdin.on('data', (data) => { console.error('heard'); process.stdout.write(data) })`;
      const job = await jobs.start(script(echo, { streams: 'piped' }));
      const { stdin } = await job.process;
      stdin!.write('hello\n');
      expect(await firstLine(job)).toBe('hello');
      stdin!.end();
      await job.ended;
      expect((await jobs.log(job.jobId, 1000)).text).toBe('heard\n');
    });

    it('is cancelled by name, once', async () => {
      const job = await jobs.start(script(forever));
      await job.process;
      expect(await jobs.cancel(job.jobId, 'bo')).toMatchObject({ status: 'cancelled', message: 'Cancelled by bo.' });
      expect(await codeOf(jobs.cancel(job.jobId, 'bo'))).toBe('RESOURCE_CONFLICT');
      expect(await codeOf(jobs.cancel('j-0', 'bo'))).toBe('RESOURCE_DOES_NOT_EXIST');
    });

    it('waits while as many run as may, and can be cancelled meanwhile', async () => {
      const [first, second, third, fourth] = [
        await jobs.start(script(forever)),
        await jobs.start(script(forever)),
        await jobs.start(script('')),
        await jobs.start(script('')),
      ];
      await Promise.all([first.process, second.process]);
      expect((await jobs.list({ status: 'queued', limit: 10 })).map(({ jobId }) => jobId)).toEqual([
        fourth.jobId,
        third.jobId,
      ]);
      expect(await jobs.cancel(fourth.jobId, 'bo')).toMatchObject({ status: 'cancelled', startTime: null });
      await jobs.cancel(first.jobId, 'bo');
      expect(await third.ended).toMatchObject({ status: 'succeeded' });
      await jobs.cancel(second.jobId, 'bo');
    });

    it('does not outlive the room', async () => {
      const room = jobs.another();
      const { ended, process: started } = await room.start(script(forever));
      await started;
      await room.close();
      expect(await ended).toMatchObject({ status: 'cancelled', message: 'The server was stopped.' });
      expect(await codeOf(room.start(script('')))).toBe('TEMPORARILY_UNAVAILABLE');
    });
  });

  describe('a server that starts', () => {
    /** A job as a server leaves it behind that ended without a word: its row says running, its process may run. */
    async function orphan(heartbeatAgoMs: number) {
      const room = jobs.another();
      const job = await room.start(script(`${withChild('{}')} ${forever}`, { streams: 'piped' }));
      const child = Number(await firstLine(job));
      const { pid } = await jobs.get(job.jobId);
      await jobs.storage.write(() =>
        run('update jobs set heartbeat_time = heartbeat_time - ? where job_id = ?', [heartbeatAgoMs, job.jobId]),
      );
      return { room, job, pids: [pid!, child] };
    }

    it('declares lost what its predecessor left, and ends it', async () => {
      const { job, pids } = await orphan(60_000);
      const lost: string[] = [];
      const room = jobs.another();
      room.onLost((jobIds) => void lost.push(...jobIds));
      await room.open();
      expect(lost).toContain(job.jobId);
      expect(await jobs.get(job.jobId)).toMatchObject({ status: 'lost', message: 'The server that ran it ended.' });
      expect(await Promise.all(pids.map(isAlive))).toEqual([false, false]);
      expect(existsSync(job.folder)).toBe(false);
      await room.close();
    });

    if (engine === 'postgres')
      it('leaves alone the jobs of a server that lives beside it', async () => {
        const { room, job, pids } = await orphan(0);
        const other = jobs.another();
        await other.open();
        expect((await jobs.get(job.jobId)).status).toBe('running');
        expect(await Promise.all(pids.map(isAlive))).toEqual([true, true]);
        await other.close();
        await room.close();
      });
  });
});

describe('what is left of a job', () => {
  it('is never a process that was given its number later', async () => {
    const stranger = spawn(process.execPath, ['-e', forever], { detached: true, stdio: 'ignore' });
    const exited = new Promise((resolve) => stranger.once('exit', resolve));
    const job = { jobId: 'j-of-another-time', pid: stranger.pid!, startedAt: 'another time' };
    expect(await endLeftBehind(job, processTable)).toBe(0);
    expect(await isAlive(stranger.pid!)).toBe(true);
    const startedAt = (await processTable.list()).find(({ pid }) => pid === stranger.pid)!.startedAt;
    expect(await endLeftBehind({ ...job, startedAt }, processTable)).toBe(1);
    await exited;
  });
});
