import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { invalid } from '../errors.ts';
import { migrate } from './migrate.ts';
import { openPostgres } from './postgres.ts';
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

/** Opens the database that the options name and brings its schema up to date. */
export async function openStorage(options: StoreOptions, now: () => number): Promise<Storage> {
  const storage = connect(options);
  try {
    await storage.write(function* () {
      if (storage.dialect.name === 'postgres') yield* run('select pg_advisory_xact_lock(?)', [migrationLock]);
      return yield* migrate(storage.dialect, now());
    });
    return storage;
  } catch (error) {
    await storage.close();
    throw error;
  }
}

function connect(options: StoreOptions): Storage {
  if (options.url === undefined) {
    mkdirSync(options.dataDir, { recursive: true, mode: 0o700 });
    return openSqlite({ file: path.join(options.dataDir, 'cellar.db'), durability: options.durability });
  }
  if (/^postgres(ql)?:\/\//.test(options.url)) return openPostgres(options.url);
  throw invalid(
    `Invalid store '${options.url.replace(/\/\/.*@/, '//…@')}': expected postgres://user@host/database, or nothing for SQLite in the data folder.`,
  );
}
