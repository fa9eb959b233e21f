import { closeSync, openSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { setImmediate } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import { script, withJobs } from '../../test/support/jobs.ts';
import type { LogFile } from './log-file.ts';
import { type Launch, launchProcess } from './process.ts';
import { processTable } from './process-table.ts';

const unhandled: unknown[] = [];
const onUnhandled = (why: unknown) => void unhandled.push(why);
beforeAll(() => void process.on('unhandledRejection', onUnhandled));
afterAll(() => void process.off('unhandledRejection', onUnhandled));
afterEach(() => void vi.restoreAllMocks());

const jobs = withJobs('sqlite');
const forever = 'setInterval(() => {}, 1000)';
const tooManyFiles = () => Promise.reject(Object.assign(new Error('too many open files'), { code: 'EMFILE' }));

const launched = (code: string, log: LogFile) => {
  const command: Launch['command'] = [process.execPath, '-e', code];
  const launch: Launch = { jobId: 'j-1', command, environment: {}, cwd: tmpdir(), streams: 'logged', log };
  return launchProcess(launch, processTable);
};

test('a job that writes faster than its log waits for it', async () => {
  let size = 0;
  let underWay = 0;
  let mostUnderWay = 0;
  const log: LogFile = {
    async write(chunk) {
      mostUnderWay = Math.max(mostUnderWay, ++underWay);
      for (let turn = 0; turn < 5; turn++) await setImmediate();
      size += chunk.length;
      underWay--;
    },
    close: async () => undefined,
  };
  const flood = `for (let i = 0; i < 100; i++) require('fs').writeSync(1, Buffer.alloc(60_000, 'x'))`;
  const { ended } = await launched(flood, log);
  expect(await ended).toEqual({ code: 0, signal: null });
  expect(size).toBe(6_000_000);
  expect(mostUnderWay).toBe(1);
});

test('a program that cannot be started for want of open files is refused', async () => {
  const log: LogFile = { write: async () => undefined, close: async () => undefined };
  const held: number[] = [];
  let refused: Promise<unknown>;
  try {
    for (;;) held.push(openSync('/dev/null', 'r'));
  } catch {
    refused = launched('', log).catch((error) => error);
  } finally {
    for (const file of held) closeSync(file);
  }
  expect(await refused).toMatchObject({ code: 'EMFILE', syscall: expect.stringContaining('spawn') });
});

test('a job goes on while nobody can see how much memory it holds', async () => {
  const job = await jobs.start(script(forever));
  await job.process;
  const list = vi.spyOn(processTable, 'list').mockImplementation(tooManyFiles);
  await vi.waitFor(() => expect(list.mock.calls.length).toBeGreaterThan(1), { timeout: 10_000 });
  expect(unhandled).toEqual([]);
  list.mockRestore();
  expect(await jobs.cancel(job.jobId, 'bo')).toMatchObject({ status: 'cancelled' });
});

test('a job whose processes could not be listed at its start and at its end has ended', async () => {
  const list = vi.spyOn(processTable, 'list').mockImplementationOnce(tooManyFiles);
  const job = await jobs.start(
    script('', { command: [process.execPath, '-e', 'process.stdin.resume()'], streams: 'piped' }),
  );
  const { stdin } = await job.process;
  list.mockImplementationOnce(tooManyFiles);
  stdin!.end();
  expect(await job.ended).toMatchObject({ status: 'succeeded' });
});
