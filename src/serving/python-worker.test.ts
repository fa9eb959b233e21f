import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ExecutorEnded } from './executor.ts';
import { startPythonWorker } from './python-worker.ts';
import { openWorkerLog, type WorkerLog } from './worker-log.ts';

let folder: string;
let log: WorkerLog;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'cellar-worker-'));
  log = openWorkerLog(path.join(folder, 'slot.log'));
});
afterEach(() => {
  log.close();
  rmSync(folder, { recursive: true, force: true });
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
