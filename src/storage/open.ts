import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { invalid } from '../errors.ts';
import { migrate } from './migrate.ts';
import { openPostgres, usualPatience } from './postgres.ts';
import { openSqlite } from './sqlite.ts';
import { run, type Storage } from './storage.ts';

export interface StoreOptions {
  /** `postgres://…`, or undefined for SQLite at `<dataDir>/cellar.db`. */
  readonly url: string | undefined;
  readonly dataDir: string;
  readonly durability: 'normal' | 'full';
}

/** Any number; two servers that migrate one PostgreSQL at once take turns on it. */
const migrationLock = 4_120_451;

/** A large table gets its new index only after minutes. */
const migrationMs = 24 * 60 * 60 * 1000;

/** Opens the database that the options name and brings its schema up to date. */
export async function openStorage(options: StoreOptions, now: () => number): Promise<Storage> {
  const { url, dataDir, durability } = options;
  if (url === undefined) {
    mkdirSync(dataDir, { recursive: true, mode: 0o700 });
    const storage = openSqlite({ file: path.join(dataDir, 'cellar.db'), durability });
    try {
      await storage.write(() => migrate(storage.dialect, now()));
      return storage;
    } catch (error) {
      await storage.close();
      throw error;
    }
  }
  if (!/^postgres(ql)?:\/\//.test(url))
    throw invalid(
      `Invalid store '${url.replace(/\/\/.*@/, '//…@')}': expected postgres://user@host/database, or nothing for SQLite in the data folder.`,
    );
  const migrating = openPostgres(url, { ...usualPatience, statementMs: migrationMs });
  const migrated = migrating.write(function* () {
    yield* run('select pg_advisory_xact_lock(?)', [migrationLock]);
    yield* migrate(migrating.dialect, now());
  });
  await migrated.finally(() => migrating.close());
  return openPostgres(url);
}
