import { execFileSync, spawn } from 'node:child_process';
import { chownSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Verdict } from './fault.ts';
import type { Orders } from './worker.ts';

const nobody = 65534;
const smallDiskMiB = 64;

/**
 * Runs the faults in a process that may harm nothing: all it owns is a throwaway folder, and where this process is root
 * that one is nobody. The only thing done here with rights is a small tmpfs inside that folder, for the fault that
 * fills a disk; it is gone, like the folder, when this returns.
 */
export async function runUnprivileged(orders: Omit<Orders, 'base' | 'smallDisk'>): Promise<Verdict[]> {
  const base = mkdtempSync(join(tmpdir(), 'cellar-faults-'));
  const isRoot = process.getuid?.() === 0;
  if (isRoot) chownSync(base, nobody, nobody);
  const disk = join(base, 'small-disk');
  const missing = orders.names.includes('disk-full') ? mountSmallDisk(disk, isRoot) : 'not asked for';
  try {
    const smallDisk = missing === undefined ? { folder: disk } : { missing };
    return await runWorker({ ...orders, base, smallDisk }, isRoot ? { uid: nobody, gid: nobody } : {});
  } finally {
    // Lazily: a server that was killed a moment ago may still hold it.
    if (missing === undefined) execFileSync('umount', ['--lazy', disk]);
    rmSync(base, { recursive: true, force: true });
  }
}

/** Why there is no small disk; undefined when there is one. */
function mountSmallDisk(folder: string, isRoot: boolean): string | undefined {
  if (!isRoot || process.platform !== 'linux')
    return `a tmpfs of ${smallDiskMiB} MiB can be mounted by root on Linux only`;
  mkdirSync(folder);
  const options = `size=${smallDiskMiB}m,mode=0700,uid=${nobody},gid=${nobody}`;
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', options, 'cellar-faults', folder], { stdio: 'pipe' });
    return undefined;
  } catch (error) {
    return `no tmpfs could be mounted: ${(error as Error).message.trim()}`;
  }
}

async function runWorker(orders: Orders, identity: { uid?: number; gid?: number }): Promise<Verdict[]> {
  const script = join(import.meta.dirname, 'worker.ts');
  const child = spawn(process.execPath, ['--import', 'tsx', script, JSON.stringify(orders)], {
    ...identity,
    env: { ...process.env, HOME: orders.base, TMPDIR: orders.base },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const interrupt = () => child.kill('SIGINT');
  process.once('SIGINT', interrupt).once('SIGTERM', interrupt);
  const verdicts: Verdict[] = [];
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
  for await (const line of createInterface({ input: child.stdout })) verdicts.push(JSON.parse(line) as Verdict);
  const code = await ended;
  process.off('SIGINT', interrupt).off('SIGTERM', interrupt);
  if (code !== 0) throw new Error(`The process that runs the faults ended with ${code}.`);
  return verdicts;
}
