import { availableParallelism, loadavg } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import type { Asker } from './ask.ts';
import { bareNodeMs, type Cellar, type Start, start } from './cellar.ts';
import { type Comparison, compare, demandWhole, sum } from './compare.ts';
import { type Fault, type Findings, ms, quantile, spread } from './fault.ts';
import { type Ledger, prepare, startLoad } from './load.ts';

const restartLimitMs = 1000;

export const kill: Fault = {
  name: 'kill',
  promise:
    'Every acknowledged write survives kill -9; a batch is all or nothing; no partial artifact is visible; the restart takes less than 1 s.',
  measured:
    'Thirteen writers (runs, log-metric, log-batch of 60 rows, tags, model versions, artifacts) are at work when the process group is killed at a random moment. The server is started again on the same folder and asked for everything it had acknowledged, in this round and, at the end, in all rounds.',
  async run({ main, folder, rounds, say }, findings) {
    const starts: Start[] = [];
    const rounded: Comparison[] = [];
    const ledgers: Ledger[] = [];
    let underWay = 0;
    let { server, asker } = await start({ main, data: folder });
    for (let round = 1; round <= rounds; round++) {
      const ledger = await prepare(asker, `round-${round}`);
      ledgers.push(ledger);
      underWay += await loadUntilKilled(server, asker, ledger);
      const started = await start({ main, data: folder });
      ({ server, asker } = started);
      starts.push(started);
      const found = await compare(asker, ledger);
      rounded.push(found);
      say(`round ${round}: ${found.acknowledged} acknowledged, ${found.lost} lost, restart ${ms(started.wallMs)}`);
    }
    // What survived one kill must survive the next ones too.
    const later = sum(await inTurn(ledgers, (ledger) => compare(asker, ledger)));
    await server.kill();

    findings.figure('rounds', rounds);
    findings.figure('requests under way when killed', underWay);
    demandWhole(findings, sum(rounded));
    findings.demand(
      later.lost + later.doubled + later.half + later.partial === 0,
      'A later kill took what an earlier one had left.',
    );
    demandQuickRestart(findings, starts);
  },
};

async function loadUntilKilled(server: Cellar, asker: Asker, ledger: Ledger): Promise<number> {
  const load = startLoad(asker, ledger);
  await delay(400 + Math.random() * 800);
  const { underWay } = load;
  await server.kill();
  await load.stop();
  asker.close();
  return underWay;
}

/** On a machine with more to do than it has processors the clock counts waiting; the processor time does not. */
function demandQuickRestart(findings: Findings, starts: readonly Start[]): void {
  const wall = starts.map((each) => each.wallMs);
  const cpu = starts.map((each) => each.cpuMs);
  const busy = (loadavg()[0] ?? 0) > availableParallelism();
  findings.figure('restart to first answer', spread(wall));
  findings.figure('processor time of it', spread(cpu));
  findings.figure('bare Node.js start beside it', ms(quantile([1, 2, 3].map(bareNodeMs), 0.5)));
  const [clock, processor] = [quantile(wall, 0.5), quantile(cpu, 0.5)];
  const byProcessor = busy && processor < clock;
  findings.figure('judged by', byProcessor ? 'processor time, as the machine was busy' : 'the clock');
  const judged = byProcessor ? processor : clock;
  findings.demand(judged < restartLimitMs, `The restart took ${ms(judged)}, promised are ${restartLimitMs} ms.`);
}

async function inTurn<T, R>(items: readonly T[], act: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  for (const item of items) results.push(await act(item));
  return results;
}
