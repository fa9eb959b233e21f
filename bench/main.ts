import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import Table from 'cli-table3';
import { makeReady } from '../scripts/checkout.mjs';
import { KnownFailure, told } from '../scripts/known-failure.mjs';
import { pythonEnvironment } from '../scripts/python-env.mjs';
import { buildDriver, type Driver } from './driver.ts';
import { fullLimits, measureLimits, quickLimits } from './limits.ts';
import { machine, versionOf } from './machine.ts';
import { writeReport } from './report.ts';
import { type Result, type ServerResult, writeResult } from './results.ts';
import { canned } from './servers/canned.ts';
import { cellar } from './servers/cellar.ts';
import { fastTrackMl } from './servers/fasttrackml.ts';
import { mlflow } from './servers/mlflow.ts';
import { type Database, startDatabase } from './servers/postgres.ts';
import type { Server } from './servers/server.ts';
import { full, quick } from './sizes.ts';
import { type Subject, subject } from './subject.ts';
import { boundTable, comparisons, goalsTable, limitsTable } from './tables.ts';
import { takeTurns, workItems } from './turns.ts';

const usage = `npm run bench -- [options]

Starts Cellar, MLflow's own server and FastTrackML, gives them the same work in turns, measure by measure, and prints how
many times better Cellar is.
Needs Linux, Go, and Python 3.10 to 3.13.

  --postgres            both on PostgreSQL as well, besides SQLite
  --only W1,W4          only these work items; "limits" for what the machine can do
  --peer none           Cellar alone
  --quick               everything for a moment, to see that it works; the figures mean nothing
  --durability full     Cellar also survives a power cut
  --json FILE           where to keep the result (default: .cache/bench/last.json); published ones are in bench/results/
  --report              write docs/reference/benchmarks.md from the newest result in bench/results/ that
                        measured every goal, and do nothing else

  BENCH_MLFLOW_PYTHON=PROGRAM in the environment names a Python that has mlflow 3.17.2 (and psycopg2 for --postgres);
  without it one is made in .cache/.`;

const { values: options } = parseArgs({
  options: {
    postgres: { type: 'boolean', default: false },
    only: { type: 'string' },
    peer: { type: 'string', default: 'mlflow' },
    quick: { type: 'boolean', default: false },
    durability: { type: 'string', default: 'normal' },
    json: { type: 'string' },
    report: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});

const root = path.join(import.meta.dirname, '..');
const say = (line: string) => process.stdout.write(`${line}\n`);

/** Starts what is measured and hands it out; whatever was started ends with the work. */
async function withServers(work: (servers: readonly Server[], python: string) => Promise<void>): Promise<void> {
  const folder = mkdtempSync(path.join(tmpdir(), 'cellar-bench-'));
  const databases: Database[] = [];
  const servers: Server[] = [];
  process.once('SIGINT', () => process.exit(130)).once('SIGTERM', () => process.exit(143));
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  try {
    const python = await mlflowPython();
    for (const onPostgres of options.postgres ? [false, true] : [false])
      for (const product of options.peer === 'none' ? ['cellar'] : ['mlflow', 'cellar']) {
        const postgres = onPostgres ? await startDatabase() : undefined;
        if (postgres !== undefined) databases.push(postgres);
        const own = path.join(folder, `${product}-${onPostgres ? 'postgres' : 'sqlite'}`);
        servers.push(
          product === 'cellar' ? await cellar(own, options.durability, postgres) : await mlflow(python, own, postgres),
        );
      }
    if (options.peer !== 'none') servers.push(await fastTrackMl(path.join(folder, 'fasttrackml-sqlite')));
    servers.push(await canned(path.join(folder, 'canned')));
    await work(servers, python);
  } finally {
    for (const server of servers) await server.stop();
    for (const database of databases) await database.stop();
  }
}

function mlflowPython(): Promise<string> {
  const named = process.env['BENCH_MLFLOW_PYTHON'];
  if (named !== undefined) return Promise.resolve(named);
  return pythonEnvironment(
    path.join(root, options.postgres ? 'bench/mlflow/requirements.txt' : 'test/clients/requirements-3.17.txt'),
  );
}

/** Throws for what no run could do. */
function checkOptions(): void {
  if (!['mlflow', 'none'].includes(options.peer))
    throw new KnownFailure(`--peer is mlflow or none, not ${options.peer}.`);
  const names = ['limits', 'W6', ...workItems('').map(({ name }) => name)];
  for (const name of options.only?.split(',') ?? [])
    if (!names.includes(name))
      throw new KnownFailure(`There is no work item ${name}: --only takes ${names.join(', ')}.`);
}

async function bench(): Promise<void> {
  checkOptions();
  const sizes = options.quick ? quick : full;
  const only = options.only?.split(',');
  const file = path.resolve(options.json ?? path.join(root, '.cache/bench/last.json'));
  mkdirSync(path.dirname(file), { recursive: true });
  const startTime = Date.now();
  await makeReady(root);
  const driver = await buildDriver();

  await withServers(async (servers, python) => {
    const result: Result = {
      startTime,
      minutes: 0,
      command: shownCommand(process.argv.slice(2)),
      machine: machine(),
      sizes: { ...sizes },
      servers: [],
      limits: await limitsIf(only === undefined || only.includes('limits'), driver),
    };
    const subjects: Subject[] = [];
    for (const server of servers) {
      const version = await versionOf(server, python);
      const into: ServerResult = { name: server.name, command: server.command, version, figures: {}, notes: [] };
      result.servers.push(into);
      subjects.push(subject(server, sizes, driver, into));
    }
    const keep = () => {
      result.minutes = (Date.now() - startTime) / 60_000;
      writeResult(file, result);
    };
    const failures = await takeTurns(subjects, python, only, { say, keep });
    keep();
    show(result);
    if (options.quick) say('These figures mean nothing: --quick measures for a moment only.');
    say(`The result is in ${path.relative(process.cwd(), file)}.`);
    if (failures > 0) process.exitCode = 1;
  });
}

/** Without the name of the file that keeps the result. */
function shownCommand(args: readonly string[]): string {
  const kept = args.filter((arg, i) => !arg.startsWith('--json') && args[i - 1] !== '--json');
  return ['npm run bench --', ...kept].join(' ');
}

async function limitsIf(wanted: boolean, driver: Driver) {
  if (!wanted) return {};
  say('limits of the machine');
  const folder = mkdtempSync(path.join(tmpdir(), 'cellar-bench-limits-'));
  return measureLimits(folder, options.quick ? quickLimits : fullLimits, driver);
}

function show(result: Result): void {
  for (const { title, head, rows } of [
    limitsTable(result),
    ...comparisons(result),
    boundTable(result),
    goalsTable(result),
  ]) {
    if (rows.length === 0) continue;
    const table = new Table({
      head: [...head],
      style: { head: [], border: [], compact: true },
      colAligns: head.map((_, i) => (i < 2 ? 'left' : 'right')),
    });
    for (const row of rows) table.push([...row]);
    say(`\n${title}\n${table.toString()}`);
  }
  for (const { name, notes } of result.servers) for (const note of notes) say(`${name}: ${note}`);
}

try {
  if (options.help) say(usage);
  else if (options.report) say(`Wrote ${writeReport()}.`);
  else await bench();
} catch (error) {
  process.stderr.write(`${told(error)}\n`);
  process.exitCode = 1;
}
