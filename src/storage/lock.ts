import { mkdirSync } from 'node:fs';
import path from 'node:path';
import Database from 'better-sqlite3';
import { AppError } from '../errors.ts';

/**
 * Makes this process the only server on a data folder: SQLite's own file lock on a small database, which the system
 * releases however the process ends. Returns the release.
 * Throws TEMPORARILY_UNAVAILABLE when another server still holds it after `waitMs`.
 */
export function lockDataFolder(dataDir: string, waitMs = 3000): () => void {
  mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  const db = new Database(path.join(dataDir, 'server.lock'), { timeout: waitMs });
  try {
    db.pragma('journal_mode = MEMORY');
    db.exec('begin exclusive');
  } catch (cause) {
    db.close();
    throw new AppError(
      'TEMPORARILY_UNAVAILABLE',
      `Another Cellar server uses the data folder '${dataDir}'. Stop it, choose another --data, or share one PostgreSQL with --store.`,
      { cause },
    );
  }
  return () => db.close();
}
