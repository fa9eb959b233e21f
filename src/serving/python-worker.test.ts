import { execFileSync } from 'node:child_process';
import { chmodSync, mkdtempSync, readdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { ExecutorEnded } from './executor.ts';
import { PythonUnavailable, startPythonWorker } from './python-worker.ts';
import { openWorkerLog, type WorkerLog } from './worker-log.ts';

const system = vi.hoisted(() => ({ hasDescriptors: true }));
vi.mock('node:child_process', async (importOriginal) => {
  const original = await importOriginal<typeof import('node:child_process')>();
  /** As Node does it where the system has no descriptors left: no pid, no pipes, and the reason on the next tick. */
  const refused = () => {
    const child = new original.ChildProcess();
    process.nextTick(() => child.emit('error', new Error('spawn EMFILE')));
    return child;
  };
  const spawn = (...args: Parameters<typeof original.spawn>) =>
    system.hasDescriptors ? original.spawn(...args) : refused();
  return { ...original, spawn };
});

let folder: string;
let log: WorkerLog;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'cellar-worker-'));
  log = openWorkerLog(path.join(folder, 'slot.log'));
});
afterEach(() => {
  system.hasDescriptors = true;
  log.close();
  // Not by rmSync, which cannot remove what is nested too deep.
  execFileSync('rm', ['-rf', folder]);
});

/** A program in place of Python: it is ready, and does `then` once it is asked. */
function program(then: string): string {
  const file = path.join(folder, 'python');
  writeFileSync(
    file,
    `#!${process.execPath}
    const socket = new (require('node:net').Socket)({ fd: 3 });
    const framed = (header, lengths = [header.length, 0]) =>
      Buffer.concat([Buffer.from(Uint32Array.from(lengths).buffer), Buffer.from(header)]);
    socket.write(framed('{"ready":true,"mlflow":"3"}'));
    socket.once('data', () => { ${then} });`,
  );
  chmodSync(file, 0o700);
  return file;
}

const start = (python: string) => startPythonWorker({ python, workFolder: folder, log, startMs: 20_000 });

describe('a worker that writes nonsense where an answer belongs', () => {
  test.each([
    ['no JSON', `socket.write(framed('nonsense'))`, 'a header that is no JSON object'],
    ['null', `socket.write(framed('null'))`, 'a header that is no JSON object'],
    [
      'a length that is no length',
      `socket.write(framed('{}', [0xffffffff, 0xffffffff]))`,
      'a header of 4294967295 bytes',
    ],
  ])('(%s) is ended, and what it was asked fails as when it dies', async (_, then, message) => {
    const worker = await start(program(then));
    const answer = worker.ask({ op: 'predict' });
    await expect(answer).rejects.toThrow(ExecutorEnded);
    await expect(answer).rejects.toThrow(message);
    expect(await worker.ended).toBe('it was ended by SIGKILL');
    await expect(worker.ask({ op: 'predict' })).rejects.toThrow(ExecutorEnded);
    expect(log.tail()).toContain(message);
  });
});

test('a worker that cannot be started for want of descriptors is no fault of the model, and leaves no folder', async () => {
  system.hasDescriptors = false;
  const started = start(process.execPath);
  await expect(started).rejects.toThrow(PythonUnavailable);
  await expect(started).rejects.toThrow('does not start: spawn EMFILE');
  expect(readdirSync(folder)).toEqual([]);
});

test('what a model leaves in its folder and nobody can remove does not end the server', async () => {
  const nest = `for (let i = 0; i < 20; i++) {
    require('node:fs').mkdirSync('x'.repeat(250));
    process.chdir('x'.repeat(250));
  }
  process.exit(7);`;
  const worker = await start(program(nest));
  await expect(worker.ask({ op: 'predict' })).rejects.toThrow('it ended with code 7');
});
