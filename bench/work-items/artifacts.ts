import { open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { withPeakMemory } from '../processes.ts';
import { artifacts, type Subject } from '../subject.ts';
import type { WorkItem } from './work-item.ts';

const MiB = 1024 * 1024;
const smallBytes = 4096;

export const transferArtifacts: WorkItem = {
  name: 'W7',
  what: 'artifact proxy: large files up and down, contents compared; many files of 4 KiB at 8 connections',
  async *run(subject) {
    const base = `${artifacts}/bench-${subject.nonce}`;
    await subject.call('PUT', `${base}/probe.bin`, Buffer.from('probe'));
    for (const size of subject.sizes.filesMiB) yield* large(subject, base, size);
    yield* small(subject, base);
  },
};

async function* large(subject: Subject, base: string, size: number) {
  for (let i = 0; i < subject.sizes.repetitions; i++)
    for (const [verb, job] of [
      ['upload', 'put'],
      ['download', 'get'],
    ] as const) {
      const name = `W7 ${verb} ${size} MiB`;
      const transfer = { job, path: `${base}/${size}-${i}`, size: size * MiB, files: 1, maxOps: 1 };
      const { result, peakMiB } = await withPeakMemory(subject.server.roots(), () =>
        subject.drive(name, transfer, () => touchMemory(size)),
      );
      subject.figure(`${name} rate`, 'MiB/s', result.outcome.itemsPerS / MiB, result.conditions);
      subject.figure(`${name} server CPU`, 'ms/op', result.conditions.serverCpuSeconds * 1000, result.conditions);
      subject.figure(`${name} peak anonymous memory`, 'MiB', peakMiB, result.conditions);
      yield;
    }
}

/**
 * Writes a file of so many MiB and deletes it. A virtual machine gets its memory page by page, at a price many times that of
 * a write; whichever server was the first to fill the cache would pay it, and
 * again after two seconds, when what nobody uses has gone back.
 */
async function touchMemory(size: number): Promise<void> {
  for (let pass = 1; pass <= mostPasses; pass++) {
    const began = performance.now();
    await writeAndDelete(size);
    const msPerMiB = (performance.now() - began) / size;
    fastestPass = Math.min(fastestPass, msPerMiB);
    if (pass > 1 && msPerMiB < 1.5 * fastestPass) return;
  }
}

const mostPasses = 6;
/** In milliseconds a MiB. */
let fastestPass = Number.POSITIVE_INFINITY;

async function writeAndDelete(size: number): Promise<void> {
  const place = path.join(tmpdir(), `cellar-bench-${process.pid}.bin`);
  const file = await open(place, 'w');
  try {
    const block = Buffer.alloc(MiB);
    for (let i = 0; i < size; i++) await file.write(block);
  } finally {
    await file.close();
    await rm(place);
  }
}

async function* small(subject: Subject, base: string) {
  const files = subject.sizes.smallFiles;
  for (let i = 0; i < subject.sizes.repetitions; i++)
    for (const [verb, job] of [
      ['upload', 'put-files'],
      ['download', 'get-files'],
    ] as const) {
      const name = `W7 ${verb} 4 KiB files c8`;
      const path = `${base}/many-${i}`;
      const { outcome, conditions } = await subject.drive(name, {
        job,
        path,
        size: smallBytes,
        files,
        maxOps: files,
        connections: 8,
      });
      subject.record(name, outcome, conditions, { rate: 'files/s', quantiles: ['p99'] });
      yield;
    }
}
