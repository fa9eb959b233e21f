import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { closeSync, fdatasyncSync, fsyncSync, mkdirSync, openSync, rmSync, writeFileSync, writeSync } from 'node:fs';
import path from 'node:path';
import Database from 'better-sqlite3';
import type { Driver } from './driver.ts';
import { type Conditions, watched } from './processes.ts';
import { addFigure, type Figures } from './results.ts';
import { canned } from './servers/canned.ts';
import { api } from './subject.ts';

export interface LimitSizes {
  readonly repetitions: number;
  readonly rows: number;
  readonly fileMiB: number;
  readonly syncs: number;
  readonly seconds: number;
}

export const fullLimits: LimitSizes = { repetitions: 3, rows: 500_000, fileMiB: 1024, syncs: 300, seconds: 3 };
export const quickLimits: LimitSizes = { repetitions: 1, rows: 20_000, fileMiB: 16, syncs: 20, seconds: 0.3 };

const rowsACommit = 1000;

/** What the machine can do without any server of ours: bare SQLite, bare Node.js HTTP, the disk below `folder`. */
export async function measureLimits(folder: string, sizes: LimitSizes, driver: Driver): Promise<Figures> {
  const figures: Figures = {};
  const measure = async (name: string, unit: string, work: () => number) => {
    const { result, conditions } = await watched([], async () => work());
    addFigure(figures, name, unit, result, conditions);
  };
  mkdirSync(folder, { recursive: true });
  for (let i = 0; i < sizes.repetitions; i++) {
    for (const synchronous of ['NORMAL', 'FULL'] as const) {
      const rows = synchronous === 'NORMAL' ? sizes.rows : sizes.rows / 2;
      await measure(`SQLite insert, 1,000 rows a commit, synchronous ${synchronous}`, 'rows/s', () =>
        insertRate(folder, synchronous, rows, rowsACommit),
      );
      await measure(`SQLite commit of one row, synchronous ${synchronous}`, 'commits/s', () =>
        insertRate(folder, synchronous, sizes.rows / (synchronous === 'NORMAL' ? 25 : 500), 1),
      );
    }
    for (const synced of [false, true])
      await measure(`disk, ${sizes.fileMiB} MiB in sequence${synced ? ' and fsync' : ''}`, 'MiB/s', () =>
        diskRate(folder, sizes.fileMiB, synced),
      );
    await measure('disk, append 4 KiB and fdatasync, p50', 'ms', () => syncMs(folder, sizes.syncs));
  }
  await measureHttp(folder, sizes, driver, (name, value, conditions) =>
    addFigure(figures, name, 'req/s', value, conditions),
  );
  rmSync(folder, { recursive: true, force: true });
  return figures;
}

function insertRate(folder: string, synchronous: string, rows: number, rowsAtOnce: number): number {
  const file = path.join(folder, 'limits.db');
  rmSync(file, { force: true });
  const db = new Database(file);
  db.pragma('journal_mode = WAL');
  db.pragma(`synchronous = ${synchronous}`);
  db.exec(
    'create table m(run integer, key integer, step integer, ts integer, value real, primary key (run, key, step)) without rowid',
  );
  const insert = db.prepare('insert into m values (1, ?, ?, ?, ?)');
  const commit = db.transaction((from: number, to: number) => {
    for (let i = from; i < to; i++) insert.run(i % 10, Math.floor(i / 10), 1_700_000_000_000 + i, i / 7);
  });
  const began = performance.now();
  for (let i = 0; i < rows; i += rowsAtOnce) commit(i, i + rowsAtOnce);
  const seconds = (performance.now() - began) / 1000;
  db.close();
  return rows / seconds;
}

function diskRate(folder: string, sizeMiB: number, synced: boolean): number {
  const file = path.join(folder, 'limits.bin');
  const block = randomBytes(1024 * 1024);
  const descriptor = openSync(file, 'w');
  const began = performance.now();
  for (let i = 0; i < sizeMiB; i++) writeSync(descriptor, block);
  if (synced) fsyncSync(descriptor);
  const seconds = (performance.now() - began) / 1000;
  closeSync(descriptor);
  rmSync(file);
  return sizeMiB / seconds;
}

function syncMs(folder: string, count: number): number {
  const file = path.join(folder, 'limits.log');
  const block = Buffer.alloc(4096, 'x');
  const descriptor = openSync(file, 'w');
  const times: number[] = [];
  for (let i = 0; i < count; i++) {
    writeSync(descriptor, block);
    const began = performance.now();
    fdatasyncSync(descriptor);
    times.push(performance.now() - began);
  }
  closeSync(descriptor);
  rmSync(file);
  return times.sort((a, b) => a - b)[Math.floor(count / 2)]!;
}

/** A request like one of W1's, with nothing behind it. */
const metric =
  '{"run_id":"0123456789abcdef0123456789abcdef","key":"loss","value":0.125,"timestamp":1700000000000,"step":1}';

async function measureHttp(
  folder: string,
  sizes: LimitSizes,
  driver: Driver,
  put: (name: string, value: number, conditions: Conditions) => void,
): Promise<void> {
  const server = await canned(folder);
  await server.start();
  try {
    const target = `${api}/runs/log-metric`;
    for (let i = 0; i < sizes.repetitions; i++)
      for (const connections of [1, 16]) {
        const { result, conditions } = await watched(server.roots(), () =>
          driver({
            job: 'request',
            base: server.url,
            connections,
            seconds: sizes.seconds,
            warmUpSeconds: 0.5,
            method: 'POST',
            path: target,
            body: metric,
          }),
        );
        put(`bare Node.js HTTP, our driver, c${connections}`, result.opsPerS, conditions);
        if (!hasWrk()) continue;
        const wrk = await watched(server.roots(), async () =>
          wrkRate(folder, server.url + target, connections, sizes.seconds),
        );
        put(`bare Node.js HTTP, wrk, c${connections}`, wrk.result, wrk.conditions);
      }
  } finally {
    await server.stop();
  }
}

function hasWrk(): boolean {
  return (process.env['PATH'] ?? '').split(path.delimiter).some((folder) => wrkIn(folder));
}

function wrkIn(folder: string): boolean {
  try {
    closeSync(openSync(path.join(folder, 'wrk'), 'r'));
    return true;
  } catch {
    return false;
  }
}

function wrkRate(folder: string, url: string, connections: number, seconds: number): number {
  const script = path.join(folder, 'post.lua');
  writeFileSync(
    script,
    `wrk.method = "POST"\nwrk.body = '${metric}'\nwrk.headers["Content-Type"] = "application/json"\n`,
  );
  const args = ['-t1', `-c${connections}`, `-d${Math.ceil(seconds)}s`, '-s', script, url];
  const said = execFileSync('wrk', args, { encoding: 'utf8' });
  return Number(/Requests\/sec:\s+([\d.]+)/.exec(said)?.[1]);
}
