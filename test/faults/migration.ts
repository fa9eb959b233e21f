import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import Database from 'better-sqlite3';
import pg from 'pg';
import { sqliteDialect } from '../../src/storage/dialect.ts';
import { migrations } from '../../src/storage/migrate.ts';
import { startPostgres } from '../support/postgres.ts';
import { Cellar, start } from './cellar.ts';
import { compare, demandWhole } from './compare.ts';
import { type Context, type Fault, type Findings, ms } from './fault.ts';
import { createDatabase } from './first-start.ts';
import { prepare, startLoad } from './load.ts';

const chances = 6;

export const migration: Fault = {
  name: 'migration',
  promise:
    'A migration that is killed has not happened: the next start does it, and the data of the old schema is there.',
  measured: `A folder with data is taken back to schema 1; a process is killed half-way through the last migration, known by a marker; the server is started. The same on PostgreSQL, where a lock holds the migration up half-way. Then ${chances} first starts are killed at a random moment and started again.`,
  async run(context, findings) {
    await killedOnSqlite(context, findings);
    await killedOnPostgres(context, findings);
    await killedAtRandom(context, findings);
  },
};

/** What every migration after the first adds. */
const later = migrations.slice(1).flatMap(({ statements }) => statements(sqliteDialect));
const laterTables = later.flatMap((statement) => /^create table (\w+)/.exec(statement)?.[1] ?? []);
const changedIndexes = later.flatMap((statement) => /^drop index (\w+)/.exec(statement)?.[1] ?? []);
const addedColumns = later.flatMap((statement) => {
  const found = /^alter table (\w+) add column (\w+)/.exec(statement);
  return found === null ? [] : [[found[1], found[2]]];
});
const indexesOfFirst = migrations[0]!
  .statements(sqliteDialect)
  .filter((statement) => changedIndexes.some((index) => statement.startsWith(`create index ${index} `)));
const laterCounters = later
  .filter((statement) => statement.startsWith('insert into counters'))
  .flatMap((statement) => [...statement.matchAll(/\('(\w+)', 0\)/g)].map(([, name]) => name!));

async function killedOnSqlite({ main, folder }: Context, findings: Findings): Promise<void> {
  const data = join(folder, 'sqlite');
  const first = await start({ main, data });
  const ledger = await prepare(first.asker, 'old');
  const load = startLoad(first.asker, ledger, { artifacts: false });
  await delay(500);
  await load.stop();
  await first.server.terminate();
  first.asker.close();
  // The tables of the later migrations go, and so does what the load had in them.
  ledger.versions.length = 0;
  const file = join(data, 'cellar.db');
  const old = new Database(file);
  for (const table of laterTables) old.exec(`drop table ${table}`);
  for (const index of changedIndexes) old.exec(`drop index ${index}`);
  for (const [table, column] of addedColumns) old.exec(`alter table ${table} drop column ${column}`);
  for (const statement of indexesOfFirst) old.exec(statement);
  old.prepare('delete from counters where name in (select value from json_each(?))').run(JSON.stringify(laterCounters));
  old.exec('delete from migrations where number > 1');
  old.close();

  await killHalfWay(file);
  const left = new Database(file);
  const tables = left.prepare(
    "select count(*) from sqlite_master where type = 'table' and name in (select value from json_each(?))",
  );
  const half = tables.pluck().get(JSON.stringify(laterTables));
  left.close();
  findings.figure('SQLite: tables of the killed migration', String(half));
  findings.demand(half === 0, `${half} tables of a migration that was killed are there.`);

  const again = await start({ main, data });
  findings.figure('SQLite: start afterwards', ms(again.wallMs));
  await again.asker.post('registered-models/create', { name: 'after' });
  await again.asker.post('registered-models/create', { name: ledger.model });
  demandWhole(findings, await compare(again.asker, ledger));
  await again.server.kill();
  again.asker.close();
}

/** Kills a process that has executed half of the last migration and hangs in a statement that never ends. */
async function killHalfWay(file: string): Promise<void> {
  const script = join(import.meta.dirname, 'hanging-migration.ts');
  const child = spawn(process.execPath, ['--import', 'tsx', script, file], { stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const marked = new Promise<boolean>((resolve) => child.stdout.once('data', () => resolve(true)));
  try {
    if (!(await Promise.race([marked, ended.then(() => false)])))
      throw new Error('The migration ended before its half.');
  } finally {
    child.kill('SIGKILL');
    await ended;
  }
}

async function killedOnPostgres({ main, folder }: Context, findings: Findings): Promise<void> {
  const postgres = await startPostgres();
  const store = await createDatabase(postgres.url, 'migrated');
  const blocker = new pg.Client({ connectionString: store });
  await blocker.connect();
  try {
    // The server waits for this name, with all of migration 1 and half of migration 2 done and not committed.
    await blocker.query('begin');
    await blocker.query('create table model_versions(x int)');
    const server = new Cellar({ main, data: join(folder, 'postgres'), store });
    const waiting = "select count(*)::int as n from pg_locks where not granted and locktype <> 'advisory'";
    for (let tries = 0; ; tries++) {
      if ((await blocker.query(waiting)).rows[0].n > 0) break;
      if (tries > 1000) throw new Error('The migration did not come to the table that is held.');
      await delay(10);
    }
    await server.kill();
    await blocker.query('rollback');
    const gone = "select count(*)::int as n from pg_stat_activity where application_name = 'cellar'";
    while ((await blocker.query(gone)).rows[0].n > 0) await delay(10);
    const tables = await blocker.query("select count(*)::int as n from pg_tables where schemaname = 'public'");
    findings.figure('PostgreSQL: tables of the killed migration', tables.rows[0].n);
    findings.demand(tables.rows[0].n === 0, `${tables.rows[0].n} tables of a migration that was killed are there.`);

    const again = await start({ main, data: join(folder, 'postgres'), store });
    findings.figure('PostgreSQL: start afterwards', ms(again.wallMs));
    await again.asker.post('registered-models/create', { name: 'after' });
    await again.server.kill();
    again.asker.close();
  } finally {
    await blocker.end();
    await postgres.stop();
  }
}

async function killedAtRandom({ main, folder }: Context, findings: Findings): Promise<void> {
  const usual = await start({ main, data: join(folder, 'usual') });
  await usual.server.kill();
  usual.asker.close();
  for (let chance = 1; chance <= chances; chance++) {
    const data = join(folder, `chance-${chance}`);
    const doomed = new Cellar({ main, data });
    // The last part of a start is where it writes.
    await delay(usual.wallMs * (0.5 + 0.5 * Math.random()));
    await doomed.kill();
    const again = await start({ main, data });
    await again.asker.post('registered-models/create', { name: 'after' });
    await again.asker.post('runs/create', { experiment_id: '0' });
    await again.server.kill();
    again.asker.close();
  }
  findings.figure('first starts killed at random and repeated', chances);
}
