import { AppError } from '../errors.ts';
import type { Dialect } from './dialect.ts';
import { tracking } from './migrations/0001-tracking.ts';
import { registry } from './migrations/0002-registry.ts';
import { holdouts } from './migrations/0003-holdouts.ts';
import { environments } from './migrations/0004-environments.ts';
import { jobs } from './migrations/0005-jobs.ts';
import { evaluations } from './migrations/0006-evaluations.ts';
import { deployments } from './migrations/0007-deployments.ts';
import { decisionSearch } from './migrations/0008-decision-search.ts';
import { waitingIndex } from './migrations/0009-waiting-index.ts';
import { all, get, run, type Tx } from './storage.ts';

/** Numbered, never edited once released. */
export interface Migration {
  readonly number: number;
  readonly name: string;
  readonly statements: (dialect: Dialect) => readonly string[];
}

export const migrations: readonly Migration[] = [
  tracking,
  registry,
  holdouts,
  environments,
  jobs,
  evaluations,
  deployments,
  decisionSearch,
  waitingIndex,
];

/**
 * Brings the schema up to this release inside one transaction, which the engine must hold exclusively: of two servers
 * that start at once the second finds nothing left to do. Returns the numbers applied.
 * Refuses a database that a newer release has migrated (INTERNAL_ERROR with what to do).
 */
export function* migrate(dialect: Dialect, now: number, known: readonly Migration[] = migrations): Tx<number[]> {
  yield* run(
    `create table if not exists migrations(number ${dialect.bigint} primary key, name ${dialect.text} not null, applied_time ${dialect.bigint} not null)`,
  );
  const newest = yield* get<{ number: number }>('select max(number) as number from migrations');
  const last = known.at(-1)!.number;
  if ((newest?.number ?? 0) > last)
    throw new AppError(
      'INTERNAL_ERROR',
      `The database is at schema ${newest?.number}, this release knows schemas up to ${last}. Start the newer release of Cellar that migrated it.`,
    );
  const done = new Set((yield* all<{ number: number }>('select number from migrations')).map((row) => row.number));
  const applied: number[] = [];
  for (const migration of known) {
    if (done.has(migration.number)) continue;
    for (const statement of migration.statements(dialect)) yield* run(statement);
    yield* run('insert into migrations(number, name, applied_time) values (?, ?, ?)', [
      migration.number,
      migration.name,
      now,
    ]);
    applied.push(migration.number);
  }
  return applied;
}
