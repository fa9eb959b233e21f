import { execFile } from 'node:child_process';
import { readFileSync, readlinkSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { promisify } from 'node:util';
import { jobVariable } from './environment.ts';

export interface ProcessEntry {
  readonly pid: number;
  /** The session on Linux, the process group elsewhere: a job's process leads one, and what it starts belongs to it. */
  readonly group: number;
  /** When it started, as the system says it: with `pid` it tells a process from a later one of the same number. */
  readonly startedAt: string;
}

/** The processes of this machine, as far as jobs are concerned. */
export interface ProcessTable {
  list(): Promise<ProcessEntry[]>;
  /** Bytes of memory that a process holds; 0 when it is gone. */
  memoryOf(pid: number): Promise<number>;
  /** The job that a process says it belongs to by its environment; undefined where that cannot be seen. */
  jobOf(pid: number): Promise<string | undefined>;
}

export const processTable: ProcessTable = process.platform === 'linux' ? linuxTable() : portableTable();

function linuxTable(): ProcessTable {
  // What has ended meanwhile is not there any more, or answers with nothing.
  const read = (pid: number, file: string) => readFile(`/proc/${pid}/${file}`, 'latin1').catch(() => '');
  return {
    async list() {
      const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name)).map(Number);
      const entries = await Promise.all(pids.map(async (pid) => entryOf(pid, await read(pid, 'stat'))));
      return entries.filter((entry) => entry !== undefined);
    },
    async memoryOf(pid) {
      const resident = /^VmRSS:\s+(\d+) kB$/m.exec(await read(pid, 'status'));
      return resident === null ? 0 : Number(resident[1]) * 1024;
    },
    async jobOf(pid) {
      const prefix = `${jobVariable}=`;
      const found = (await read(pid, 'environ')).split('\0').find((variable) => variable.startsWith(prefix));
      return found?.slice(prefix.length);
    },
  };
}

/** The name of a program may hold spaces and brackets; the numbers follow the last bracket. */
function entryOf(pid: number, stat: string): ProcessEntry | undefined {
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const [state, , , session] = fields;
  const startedAt = fields[19];
  if (session === undefined || startedAt === undefined || state === 'Z' || state === 'X') return undefined;
  return { pid, group: Number(session), startedAt };
}

function portableTable(): ProcessTable {
  const ps = async (...args: string[]) =>
    (await promisify(execFile)('ps', args).catch(() => ({ stdout: '' }))).stdout.split('\n');
  return {
    async list() {
      const lines = await ps('-A', '-o', 'pid=,pgid=,lstart=');
      return lines.flatMap((line) => {
        const found = /^\s*(\d+)\s+(\d+)\s+(.+?)\s*$/.exec(line);
        return found === null ? [] : [{ pid: Number(found[1]), group: Number(found[2]), startedAt: found[3]! }];
      });
    },
    memoryOf: async (pid) => Number((await ps('-p', String(pid), '-o', 'rss='))[0]?.trim() || 0) * 1024,
    jobOf: async () => undefined,
  };
}

/** Names this machine, this boot of it and this world of process numbers. */
export function thisHost(): string {
  const tryRead = (read: () => string) => {
    try {
      return read().trim();
    } catch {
      return '';
    }
  };
  const boot = tryRead(() => readFileSync('/proc/sys/kernel/random/boot_id', 'latin1'));
  const pids = tryRead(() => readlinkSync('/proc/self/ns/pid'));
  return [hostname(), boot, pids].filter((part) => part !== '').join(' ');
}
