import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import pg from 'pg';
import { type RunningPostgres, startPostgres } from '../support/postgres.ts';
import type { Asker } from './ask.ts';
import { Cellar } from './cellar.ts';
import { type Context, type Fault, type Findings, spread } from './fault.ts';

const races = 3;
const names = 15;
const versions = 20;

export const firstStart: Fault = {
  name: 'first-start',
  promise:
    'Of two servers that start at once on one new folder one runs and the other says why it does not. On one new PostgreSQL both run: names are unique, version numbers have no gap and no double, and when one is killed the other goes on.',
  measured: `${races} races of two processes on a new folder; ${races} races on a new database, after each of which both servers create the same ${names} experiments and models and ${versions} versions of one model at the same time.`,
  async run(context, findings) {
    const refusals: number[] = [];
    for (let race = 1; race <= races; race++)
      refusals.push(await raceOnFolder(context, join(context.folder, `race-${race}`), findings));
    findings.figure('races on one folder', races);
    findings.figure('until the other had said why and ended', spread(refusals));
    context.say('races on one folder: done');
    const postgres = await startPostgres();
    try {
      for (let race = 1; race <= races; race++) await raceOnDatabase(context, postgres, race, findings);
    } finally {
      await postgres.stop();
    }
    findings.figure('races on one PostgreSQL', races);
    findings.figure('names asked for on both at once', 2 * races * names);
    findings.figure('versions of one model made by both', races * versions);
  },
};

/** Returns after how long both had started or given up. */
async function raceOnFolder({ main }: Context, data: string, findings: Findings): Promise<number> {
  const began = performance.now();
  const racers = [new Cellar({ main, data }), new Cellar({ main, data })];
  try {
    const outcomes = await Promise.allSettled(racers.map((racer) => racer.ready()));
    const winners = outcomes.flatMap((outcome) => (outcome.status === 'fulfilled' ? [outcome.value] : []));
    findings.demand(winners.length === 1, `${winners.length} of two servers ran on one folder.`);
    for (const asker of winners) {
      const { status } = await asker.send('GET', '/api/2.0/mlflow/experiments/get?experiment_id=0');
      findings.demand(status === 200, `The server that won answered ${status}.`);
      asker.close();
    }
    const tookMs = performance.now() - began;
    for (const [i, outcome] of outcomes.entries()) {
      if (outcome.status === 'fulfilled') continue;
      const { code } = await racers[i]!.ended;
      const { log } = racers[i]!;
      findings.demand(code === 1, `The server that lost ended with ${code}.`);
      findings.demand(
        /Another Cellar server uses the data folder/.test(log) && !/\n\s+at /.test(log),
        `The server that lost said: ${log}`,
      );
    }
    return tookMs;
  } finally {
    for (const racer of racers) await racer.kill();
  }
}

async function raceOnDatabase(
  context: Context,
  postgres: RunningPostgres,
  race: number,
  findings: Findings,
): Promise<void> {
  const store = await createDatabase(postgres.url, `race_${race}`);
  // Artifacts are shared as well: two servers of one database work on one artifact folder.
  const data = join(context.folder, `shared-${race}`);
  mkdirSync(data);
  const racers = [new Cellar({ main: context.main, data, store }), new Cellar({ main: context.main, data, store })];
  try {
    const askers = await Promise.all(racers.map((racer) => racer.ready()));
    await demandUniqueNames(askers, findings);
    await demandVersionsInRow(askers, findings);
    await racers[0]!.kill();
    const alone = await askers[1]!.send('POST', '/api/2.0/mlflow/runs/create', { experiment_id: '0' });
    findings.demand(alone.status === 200, `When one server was killed the other answered ${alone.status}.`);
    for (const asker of askers) asker.close();
  } finally {
    for (const racer of racers) await racer.kill();
  }
}

export async function createDatabase(server: string, name: string): Promise<string> {
  const client = new pg.Client({ connectionString: server });
  await client.connect();
  await client.query(`create database ${name}`);
  await client.end();
  return Object.assign(new URL(server), { pathname: `/${name}` }).href;
}

/** Each name is asked for on both servers at once: one gets it, the other is told that it exists. */
async function demandUniqueNames(askers: readonly Asker[], findings: Findings): Promise<void> {
  for (const noun of ['experiments', 'registered-models'])
    await Promise.all(
      Array.from({ length: names }, async (_, i) => {
        const answers = await Promise.all(
          askers.map((asker) => asker.send('POST', `/api/2.0/mlflow/${noun}/create`, { name: `name ${i}` })),
        );
        const codes = answers.map(({ status, body }) =>
          status === 200 ? 'created' : /"error_code":"(\w+)"/.exec(body.toString())?.[1],
        );
        const right = codes.sort().join() === 'RESOURCE_ALREADY_EXISTS,created';
        findings.demand(right, `Two servers asked at once to create one of ${noun} answered ${codes.join(' and ')}.`);
      }),
    );
}

async function demandVersionsInRow(askers: readonly Asker[], findings: Findings): Promise<void> {
  await askers[0]!.post('registered-models/create', { name: 'raced' });
  const made = await Promise.all(
    Array.from({ length: versions }, async (_, i) => {
      const reply = await askers[i % 2]!.post('model-versions/create', { name: 'raced', source: `s3://models/${i}` });
      return Number(reply.model_version!.version);
    }),
  );
  const inRow = made.sort((a, b) => a - b).every((version, i) => version === i + 1);
  findings.demand(inRow, `Version numbers made by two servers: ${made.join(', ')}.`);
}
