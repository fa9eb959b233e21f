import { setTimeout as delay } from 'node:timers/promises';
import { startPostgres } from '../support/postgres.ts';
import { type Asker, rest } from './ask.ts';
import { start } from './cellar.ts';
import { compare, demandWhole } from './compare.ts';
import { type Fault, type Findings, ms, quantile } from './fault.ts';
import { openLink } from './link.ts';
import { type Load, prepare, startLoad } from './load.ts';

const answerLimitMs = 5000;
const backLimitMs = 10_000;
const downMs = 2500;
/** Long enough that a request which waits for the database at all exceeds the limit. */
const silentMs = 6000;

/** A way for a database to go away and to come back. */
interface Outage {
  readonly name: string;
  readonly lastsMs: number;
  begin(): Promise<void> | void;
  end(): Promise<void> | void;
}

export const database: Fault = {
  name: 'database',
  promise:
    'While PostgreSQL is down requests get 503 with Retry-After within 5 s; within 10 s of its return writes succeed; nothing acknowledged is lost and nothing is done twice.',
  measured:
    'The writers are at work while PostgreSQL is stopped in order (fast) and as by a crash (immediate), for 2.5 s each, and while the network to it is silent for 6 s; a request in the middle of its transaction when the silence begins waits for the network, two minutes at most, and is not held to the 5 s. At the end everything acknowledged is compared.',
  async run({ main, folder, say }, findings) {
    const postgres = await startPostgres();
    const link = await openLink(Number(new URL(postgres.url).port));
    try {
      const store = Object.assign(new URL(postgres.url), { port: String(link.port) }).href;
      const { server, asker } = await start({ main, data: folder, store });
      const ledger = await prepare(asker, 'database');
      const load = startLoad(asker, ledger, { afterFailureMs: 50, artifacts: false });
      await delay(1000);
      const resume = postgres.resume;
      const outages: readonly Outage[] = [
        { name: 'stopped in order', lastsMs: downMs, begin: () => postgres.halt('fast'), end: resume },
        { name: 'crashed', lastsMs: downMs, begin: () => postgres.halt('immediate'), end: resume },
        { name: 'silent', lastsMs: silentMs, begin: link.freeze, end: link.thaw },
      ];
      for (const outage of outages) {
        await demandAnswers(outage, load, asker, findings);
        findings.demand(server.alive, `The server did not outlive its database: ${server.log.slice(-2000)}`);
        say(`${outage.name}: done`);
      }
      await load.stop();
      demandWhole(findings, await compare(asker, ledger));
      await server.kill();
      asker.close();
    } finally {
      await link.close();
      await postgres.stop();
    }
  },
};

async function demandAnswers(outage: Outage, load: Load, asker: Asker, findings: Findings): Promise<void> {
  const { name } = outage;
  const refusedBefore = load.exchanges.filter((each) => each.outcome !== 'done').length;
  await outage.begin();
  const downAt = performance.now();
  await delay(outage.lastsMs / 2);
  await demandReads(outage, asker, findings);
  await delay(Math.max(0, downAt + outage.lastsMs - performance.now()));
  await outage.end();
  const upAt = performance.now();
  const wrote = () => load.exchanges.find((each) => each.sentAt > upAt && each.outcome === 'done');
  while (wrote() === undefined && performance.now() - upAt < backLimitMs) await delay(5);
  const back = wrote();
  findings.figure(`${name}: first write after the return`, back === undefined ? 'none' : ms(back.endedAt - upAt));
  findings.demand(back !== undefined, `No write succeeded within ${backLimitMs} ms of the return (${name}).`);

  const refused = load.exchanges.filter((each) => each.outcome !== 'done').slice(refusedBefore);
  // What was in the middle of a transaction may be told later, or be done after all.
  const times = refused.filter((each) => each.sentAt > downAt).map((each) => each.endedAt - each.sentAt);
  findings.figure(`${name}: requests refused`, refused.length);
  if (times.length > 0)
    findings.figure(`${name}: time to the refusal`, `p50 ${ms(quantile(times, 0.5))}, worst ${ms(quantile(times, 1))}`);
  findings.demand(!(quantile(times, 1) > answerLimitMs), `A refusal took ${ms(quantile(times, 1))} (${name}).`);
  findings.demand(!refused.some((each) => each.outcome === 'lost'), `Requests got no answer (${name}).`);
  for (const { answer } of refused) {
    if (answer === undefined) continue;
    const text = answer.body.toString('utf8', 0, 200);
    findings.demand(answer.status === 503, `Without a database a request was answered ${answer.status} ${text}`);
    findings.demand(answer.headers['retry-after'] !== undefined, `A 503 came without Retry-After: ${text}`);
    findings.demand(text.includes('"error_code"'), `An error without a code: ${text}`);
  }
}

async function demandReads({ name }: Outage, asker: Asker, findings: Findings): Promise<void> {
  const health = await asker.send('GET', '/health');
  findings.demand(health.status === 200, `/health was answered ${health.status} (${name}).`);
  for (const path of ['/ready', `${rest}experiments/get?experiment_id=0`]) {
    const { status, headers, ms: took } = await asker.send('GET', path);
    findings.figure(`${name}: ${path.split('?')[0]}`, `${status} after ${ms(took)}`);
    const right = status === 503 && headers['retry-after'] !== undefined;
    findings.demand(right, `${path} was answered ${status} (${name}).`);
    findings.demand(took < answerLimitMs, `${path} took ${ms(took)} (${name}).`);
  }
}
