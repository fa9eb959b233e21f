import { setTimeout as delay } from 'node:timers/promises';
import { type RunningPostgres, startPostgres } from '../support/postgres.ts';
import { rest } from './ask.ts';
import { start } from './cellar.ts';
import { compare, demandWhole } from './compare.ts';
import { type Fault, type Findings, ms, quantile } from './fault.ts';
import { type Exchange, type Load, prepare, startLoad } from './load.ts';

const answerLimitMs = 5000;
const backLimitMs = 10_000;
const downMs = 2500;

export const database: Fault = {
  name: 'database',
  promise:
    'While PostgreSQL is down requests get 503 with Retry-After within 5 s; within 10 s of its return writes succeed; nothing acknowledged is lost and nothing is done twice.',
  measured:
    'The writers are at work while PostgreSQL is stopped in order (fast) and, after its return, as by a crash (immediate), for 2.5 s each. At the end everything acknowledged is compared.',
  async run({ main, folder, say }, findings) {
    const postgres = await startPostgres();
    try {
      const { server, asker } = await start({ main, data: folder, store: postgres.url });
      const ledger = await prepare(asker, 'database');
      const load = startLoad(asker, ledger, { afterFailureMs: 50 });
      await delay(1000);
      for (const how of ['fast', 'immediate'] as const) {
        await stopAndStart(postgres, how, load, findings);
        await delay(500);
        say(`${how} stop: done`);
      }
      await load.stop();
      const health = await asker.send('GET', '/health');
      findings.demand(health.status === 200 && server.alive, 'The server did not outlive its database.');
      demandAnswers(load.exchanges, findings);
      demandWhole(findings, await compare(asker, ledger));
      await demandPatience(postgres, asker, findings);
      await server.kill();
      asker.close();
    } finally {
      await postgres.stop();
    }
  },
};

async function stopAndStart(
  postgres: RunningPostgres,
  how: 'fast' | 'immediate',
  load: Load,
  findings: Findings,
): Promise<void> {
  await postgres.halt(how);
  const downAt = performance.now();
  await delay(downMs);
  await postgres.resume();
  const upAt = performance.now();
  const wrote = () => load.exchanges.find((each) => each.sentAt > upAt && each.outcome === 'done');
  while (wrote() === undefined && performance.now() - upAt < backLimitMs) await delay(5);
  const backMs = (wrote()?.endedAt ?? Number.NaN) - upAt;
  const meanwhile = load.exchanges.filter((each) => each.sentAt > downAt && each.sentAt < upAt - 100);
  findings.figure(`${how} stop: requests while down`, meanwhile.length);
  findings.figure(`${how} stop: first write after the return`, ms(backMs));
  findings.demand(meanwhile.length > 0, 'No request was made while the database was down.');
  findings.demand(backMs < backLimitMs, `No write succeeded within ${backLimitMs} ms of the return (${how} stop).`);
}

function demandAnswers(exchanges: readonly Exchange[], findings: Findings): void {
  const failed = exchanges.filter((each) => each.outcome !== 'done');
  const lost = failed.filter((each) => each.outcome === 'lost').length;
  const times = failed.map((each) => each.endedAt - each.sentAt);
  findings.figure('requests refused', failed.length);
  findings.figure('time to the refusal', `p50 ${ms(quantile(times, 0.5))}, worst ${ms(quantile(times, 1))}`);
  findings.demand(lost === 0, `${lost} requests got no answer.`);
  findings.demand(quantile(times, 1) < answerLimitMs, `A refusal took ${ms(quantile(times, 1))}.`);
  for (const { answer } of failed) {
    if (answer === undefined) continue;
    const text = answer.body.toString('utf8', 0, 200);
    findings.demand(answer.status === 503, `A request without a database was answered ${answer.status} ${text}`);
    findings.demand(answer.headers['retry-after'] !== undefined, `A 503 came without Retry-After: ${text}`);
    findings.demand(text.includes('"error_code"'), `An error without a code: ${text}`);
  }
}

/** A single request that comes when the database is long gone, on a server whose connections are all broken. */
async function demandPatience(
  postgres: RunningPostgres,
  asker: Awaited<ReturnType<typeof start>>['asker'],
  findings: Findings,
): Promise<void> {
  await postgres.halt('immediate');
  await delay(200);
  for (const path of ['/ready', `${rest}experiments/get?experiment_id=0`]) {
    const { status, headers, ms: took } = await asker.send('GET', path);
    findings.figure(`a read while down: ${path.split('?')[0]}`, `${status} after ${ms(took)}`);
    findings.demand(
      status === 503 && headers['retry-after'] !== undefined,
      `${path} was answered ${status} while the database was down.`,
    );
    findings.demand(took < answerLimitMs, `${path} took ${ms(took)} while the database was down.`);
  }
  const { status } = await asker.send('GET', '/health');
  findings.demand(status === 200, `/health was answered ${status} while the database was down.`);
}
