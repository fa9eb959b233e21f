import { execFile } from 'node:child_process';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import type { Subject } from './subject.ts';
import { transferArtifacts } from './work-items/artifacts.ts';
import { pythonClient } from './work-items/client.ts';
import { metricHistory } from './work-items/history.ts';
import { mixedLoad } from './work-items/mixed.ts';
import { readRegistry } from './work-items/registry.ts';
import { searchRuns } from './work-items/searching.ts';
import { measureMemory, measureRest, measureStart } from './work-items/starting.ts';
import type { WorkItem } from './work-items/work-item.ts';
import { lifecycle, logBatch, logMetric } from './work-items/writing.ts';

/** The order of work: memory is measured after the first four. */
export const workItems = (python: string): readonly WorkItem[] => [
  logMetric,
  logBatch,
  lifecycle,
  searchRuns,
  pythonClient(python),
  metricHistory,
  readRegistry,
  transferArtifacts,
  mixedLoad,
];

interface Listener {
  readonly say: (line: string) => void;
  /** Called after every turn, so that a run that is broken off leaves what it found. */
  readonly keep: () => void;
}

/**
 * Starts every server and gives each the work items in turns, one at a time, so that a ratio is of measures minutes
 * apart. A work item that fails is noted and the others go on. Returns how many failed on Cellar.
 */
export async function takeTurns(
  subjects: readonly Subject[],
  python: string,
  only: readonly string[] | undefined,
  { say, keep }: Listener,
): Promise<number> {
  const chosen = (name: string) => only === undefined || only.includes(name);
  const began = Date.now();
  let failures = 0;
  const turn = async (name: string, { server, note }: Subject, work: () => Promise<void>) => {
    say(`${name} ${server.name} [${Math.round((Date.now() - began) / 1000)} s]`);
    // What the one before left in the cache for the disk would be waited for by this one's first sync.
    await promisify(execFile)('sync');
    try {
      await work();
    } catch (error) {
      note(`${name} failed: ${error instanceof Error ? error.message : String(error)}`);
      if (server.product === 'cellar') failures++;
    }
    keep();
  };

  const items = workItems(python).filter(({ name }) => chosen(name));
  const withStart = chosen('W6');
  const measured = subjects.filter(({ server }) => server.product !== 'canned' || items.some(({ canned }) => canned));
  for (const each of measured) {
    if (withStart && each.server.product !== 'canned') await turn('W6', each, () => measureStart(each));
    else await each.server.start();
  }
  if (withStart) {
    await delay(Math.max(...measured.map(({ sizes }) => sizes.settleSeconds)) * 1000);
    for (const each of measured) if (each.server.product !== 'canned') await turn('W6', each, () => measureRest(each));
  }
  for (const item of items) {
    for (const each of measured)
      if (item.canned || each.server.product !== 'canned') await turn(item.name, each, () => item.run(each));
    if (withStart && item === searchRuns)
      for (const each of measured) if (each.server.product !== 'canned') measureMemory(each, 'after W1 to W4');
  }
  return failures;
}
