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
 * Starts every server and gives them the work items. They take turns measure by measure, so that a ratio is of measures
 * that lie seconds apart, however the machine's speed changes. What fails is noted and the others go on. Returns how many
 * failed on Cellar.
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

  /** One server's turn; false when it failed or has no more of it to do. */
  async function turn(name: string, { server, note }: Subject, work: () => Promise<boolean>): Promise<boolean> {
    // What the one before left in the cache for the disk would be waited for by this one's first sync.
    await promisify(execFile)('sync');
    try {
      return await work();
    } catch (error) {
      note(`${name} failed: ${error instanceof Error ? error.message : String(error)}`);
      if (server.product === 'cellar') failures++;
      return false;
    } finally {
      keep();
    }
  }

  async function once(name: string, takers: readonly Subject[], work: (subject: Subject) => Promise<void>) {
    tell(name, takers);
    for (const each of takers)
      await turn(name, each, async () => {
        await work(each);
        return false;
      });
  }

  async function inTurns(item: WorkItem, takers: readonly Subject[]): Promise<void> {
    tell(item.name, takers);
    let going = takers.map((each) => ({ each, work: item.run(each) }));
    while (going.length > 0) {
      const further: typeof going = [];
      for (const taker of going)
        if (await turn(item.name, taker.each, async () => (await taker.work.next()).done !== true)) further.push(taker);
      going = further;
    }
  }

  const tell = (name: string, takers: readonly Subject[]) =>
    say(`${name} ${takers.map(({ server }) => server.name).join(', ')} [${Math.round((Date.now() - began) / 1000)} s]`);

  const items = workItems(python).filter(({ name }) => chosen(name));
  const withStart = chosen('W6');
  const takersOf = (others: readonly string[] = []) =>
    subjects.filter(({ server }) => ['cellar', 'mlflow', ...others].includes(server.product));
  const measured = takersOf(items.flatMap(({ others = [] }) => others));
  const started = withStart ? takersOf() : [];
  if (withStart) await once('W6', started, measureStart);
  for (const each of measured) if (!started.includes(each)) await each.server.start();
  if (withStart) {
    await delay(Math.max(...measured.map(({ sizes }) => sizes.settleSeconds)) * 1000);
    await once('W6', started, measureRest);
  }
  for (const item of items) {
    await inTurns(item, takersOf(item.others));
    if (item === searchRuns) for (const each of started) measureMemory(each, 'after W1 to W4');
  }
  return failures;
}
