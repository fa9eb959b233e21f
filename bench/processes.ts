import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';

/** What /proc says of processes and of the machine. Linux only, as is the whole benchmark. */

/** USER_HZ is 100 on every Linux that Node.js runs on. */
const ticksASecond = 100;

interface Process {
  readonly parent: number;
  /** With that of children that ended and were waited for. */
  readonly cpuSeconds: number;
}

function processes(): Map<number, Process> {
  const table = new Map<number, Process>();
  for (const name of readdirSync('/proc')) {
    const stat = /^\d+$/.test(name) ? textOf(`/proc/${name}/stat`) : undefined;
    if (stat === undefined) continue;
    // The name of the program stands in brackets and may hold anything.
    const fields = stat
      .slice(stat.lastIndexOf(')') + 2)
      .split(' ')
      .map(Number);
    const ticks = fields.slice(11, 15).reduce((sum, value) => sum + value, 0);
    table.set(Number(name), { parent: fields[1] ?? 0, cpuSeconds: ticks / ticksASecond });
  }
  return table;
}

/** Undefined when the process ended meanwhile. */
function textOf(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}

/** The process that started another one. */
export function parentOf(pid: number): number {
  const found = processes().get(pid);
  if (found === undefined) throw new Error(`There is no process ${pid}.`);
  return found.parent;
}

/** The roots that are alive, and all that descend from them. */
function treeOf(roots: readonly number[], table: ReadonlyMap<number, Process>): number[] {
  const children = new Map<number, number[]>();
  for (const [pid, { parent }] of table) {
    const siblings = children.get(parent);
    if (siblings === undefined) children.set(parent, [pid]);
    else siblings.push(pid);
  }
  const found = roots.filter((root) => table.has(root));
  for (let i = 0; i < found.length; i++) found.push(...(children.get(found[i]!) ?? []));
  return found;
}

/** CPU time of whole process trees so far. */
export function cpuSecondsOf(roots: readonly number[]): number {
  const table = processes();
  return treeOf(roots, table).reduce((sum, pid) => sum + (table.get(pid)?.cpuSeconds ?? 0), 0);
}

export interface Memory {
  /** Summed over the processes: pages that they share count in each. */
  readonly rssMiB: number;
  /** Shared pages shared out. */
  readonly pssMiB: number;
  /** Without files that are mapped, whose pages the system takes back as it likes. */
  readonly anonymousMiB: number;
  readonly processes: number;
}

export function memoryOf(roots: readonly number[]): Memory {
  const pids = treeOf(roots, processes());
  const maps = pids.map((pid) => textOf(`/proc/${pid}/smaps_rollup`) ?? '');
  const sum = (field: string) =>
    maps.reduce((total, text) => total + Number(new RegExp(`^${field}:\\s+(\\d+) kB`, 'm').exec(text)?.[1] ?? 0), 0) /
    1024;
  return { rssMiB: sum('Rss'), pssMiB: sum('Pss'), anonymousMiB: sum('Anonymous'), processes: pids.length };
}

/** Anonymous memory of whole process trees in MiB, from counters; `memoryOf` has every page walked. */
function anonymousMiBOf(roots: readonly number[]): number {
  const statuses = treeOf(roots, processes()).map((pid) => textOf(`/proc/${pid}/status`) ?? '');
  return statuses.reduce((sum, text) => sum + Number(/^RssAnon:\s+(\d+) kB/m.exec(text)?.[1] ?? 0), 0) / 1024;
}

const sampleEveryMs = 100;

/** Does the work and tells the greatest anonymous memory of the trees meanwhile. */
export async function withPeakMemory<T>(roots: readonly number[], work: () => Promise<T>) {
  let peakMiB = anonymousMiBOf(roots);
  const timer = setInterval(() => {
    peakMiB = Math.max(peakMiB, anonymousMiBOf(roots));
  }, sampleEveryMs);
  try {
    return { result: await work(), peakMiB };
  } finally {
    clearInterval(timer);
  }
}

/** CPU time that the whole machine has used, and what its host took away from it. */
function machineBusySeconds(): number {
  const [user = 0, nice = 0, system = 0, , , ...others] = readFileSync('/proc/stat', 'utf8')
    .split('\n', 1)[0]!
    .split(/\s+/)
    .slice(1)
    .map(Number);
  const [irq = 0, softirq = 0, steal = 0] = others;
  return (user + nice + system + irq + softirq + steal) / ticksASecond;
}

/** What the machine did during a measure. */
export interface Conditions {
  readonly seconds: number;
  /** Load average over a minute at the end of the measure. */
  readonly load: number;
  readonly serverCpuSeconds: number;
  /** Cores that neither the server nor the benchmark itself used. */
  readonly othersCores: number;
}

/** Does the work and tells what the machine did meanwhile. */
export async function watched<T>(roots: readonly number[], work: () => Promise<T>) {
  const before = snapshot(roots);
  const result = await work();
  const after = snapshot(roots);
  const seconds = (after.atMs - before.atMs) / 1000;
  const serverCpuSeconds = after.server - before.server;
  const others = after.machine - before.machine - serverCpuSeconds - (after.own - before.own);
  const load = Number(readFileSync('/proc/loadavg', 'utf8').split(' ', 1)[0]);
  const conditions: Conditions = { seconds, load, serverCpuSeconds, othersCores: Math.max(0, others / seconds) };
  return { result, conditions };
}

const snapshot = (roots: readonly number[]) => ({
  atMs: performance.now(),
  machine: machineBusySeconds(),
  server: cpuSecondsOf(roots),
  // The driver is a child of ours, and counts once it has ended.
  own: processes().get(process.pid)?.cpuSeconds ?? 0,
});

const quietCores = 0.5;
const probeMs = 400;
const retryMs = 600;

/** Waits until the rest of the machine uses little, at most for `patienceMs`. Returns how much patience is left. */
export async function untilQuiet(roots: readonly number[], patienceMs: number): Promise<number> {
  const end = performance.now() + patienceMs;
  while (performance.now() < end) {
    const { conditions } = await watched(roots, () => delay(probeMs));
    if (conditions.othersCores < quietCores) break;
    await delay(retryMs);
  }
  return Math.max(0, end - performance.now());
}
