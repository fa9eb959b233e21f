import Database from 'better-sqlite3';
import { AppError } from '../errors.ts';
import { sqliteDialect } from './dialect.ts';
import { SqliteLog } from './sqlite-log.ts';
import { LongReads } from './sqlite-long-reads.ts';
import { sqliteStatements } from './sqlite-statements.ts';
import type { Storage, Tx } from './storage.ts';

export interface SqliteOptions {
  readonly file: string;
  /** `normal`: a commit survives the death of the process. `full`: also a power cut, at the price of an fsync. */
  readonly durability: 'normal' | 'full';
}

interface Pending {
  readonly body: () => Tx<unknown>;
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: unknown) => void;
}

type Outcome = { readonly value: unknown } | { readonly error: unknown };

/**
 * The embedded engine. Statements run synchronously; the bodies given to `write` during one turn of the event loop
 * share one commit (group commit); one that throws takes nothing else with it.
 */
export function openSqlite(options: SqliteOptions): Storage {
  const db = new Database(options.file);
  db.pragma('journal_mode = WAL');
  db.pragma(`synchronous = ${options.durability === 'full' ? 'FULL' : 'NORMAL'}`);
  db.pragma('busy_timeout = 5000');
  db.pragma('cache_size = -32768');
  db.pragma('mmap_size = 1073741824');
  db.pragma('temp_store = MEMORY');
  db.pragma('wal_autocheckpoint = 0');
  // After a long read the log may be larger; its file is cut back to this when it starts anew.
  db.pragma('journal_size_limit = 67108864');

  const { execute, clear } = sqliteStatements(db);
  const begin = db.prepare('begin immediate');
  const commit = db.prepare('commit');
  const rollback = db.prepare('rollback');
  const savepoint = db.prepare('savepoint part');
  const release = db.prepare('release part');
  const rollbackToSavepoint = db.prepare('rollback to part');

  function drive<T>(body: () => Tx<T>, committed: (() => void)[]): T {
    const steps = body();
    let next = steps.next();
    while (!next.done) {
      let result: unknown;
      try {
        result = execute(next.value, committed);
      } catch (error) {
        next = steps.throw(translated(error));
        continue;
      }
      next = steps.next(result);
    }
    return next.value;
  }

  const logState = db.prepare('pragma wal_checkpoint(noop)').raw();
  const log = new SqliteLog({
    file: options.file,
    pages: () => (logState.get() as [busy: number, pages: number, copied: number])[1],
    released: flushSoon,
  });

  const longReads = new LongReads(options.file, log);
  let queue: Pending[] = [];
  let scheduled = false;

  /** Runs every body in one transaction; a throw takes all of them back and comes out. */
  function runTogether(group: readonly Pending[], committed: (() => void)[]): Outcome[] {
    begin.run();
    const outcomes = group.map((pending) => ({ value: drive(pending.body, committed) }));
    commit.run();
    return outcomes;
  }

  /** Runs every body under a savepoint of its own, so that one that throws takes nothing else with it. */
  function runApart(group: readonly Pending[], committed: (() => void)[]): Outcome[] {
    begin.run();
    const outcomes = group.map((pending): Outcome => {
      const waiting = committed.length;
      savepoint.run();
      try {
        const value = drive(pending.body, committed);
        release.run();
        return { value };
      } catch (error) {
        committed.length = waiting;
        // A full disk rolls back the whole transaction by itself; then no neighbour can be kept either.
        if (!db.inTransaction) throw error;
        rollbackToSavepoint.run();
        release.run();
        return { error };
      }
    });
    commit.run();
    return outcomes;
  }

  /** Savepoints cost as much as a small write, so they are only used once a body of the group has thrown. */
  function runGroup(group: readonly Pending[], committed: (() => void)[]): Outcome[] {
    let failure: unknown;
    for (const attempt of group.length === 1 ? [runTogether] : [runTogether, runApart]) {
      try {
        return attempt(group, committed);
      } catch (error) {
        if (db.inTransaction) rollback.run();
        committed.length = 0;
        failure = translated(error);
      }
    }
    return group.map(() => ({ error: failure }));
  }

  function flushSoon(): void {
    if (scheduled || queue.length === 0 || log.held) return;
    scheduled = true;
    // One more turn of the event loop: what it brings shares the commit (docs/decisions/0013).
    setImmediate(() => setImmediate(flush));
  }

  function flush(): void {
    scheduled = false;
    if (log.held || queue.length === 0) return;
    const group = queue;
    queue = [];
    const committed: (() => void)[] = [];
    const outcomes = runGroup(group, committed);
    // Once those who wait have been answered.
    setImmediate(() => log.committed());
    for (const action of committed) action();
    for (const [i, pending] of group.entries()) {
      const outcome = outcomes[i]!;
      if ('error' in outcome) pending.reject(outcome.error);
      else pending.resolve(outcome.value);
    }
  }

  const spent = new Error('The read looked at more rows than its budget.');
  let budgetLeft = Number.POSITIVE_INFINITY;
  db.function('charged', (_column) => {
    if (budgetLeft-- <= 0) throw spent;
    return 1;
  });

  function read<T>(body: () => Tx<T>, budget: number): T {
    const committed: (() => void)[] = [];
    budgetLeft = budget;
    try {
      const value = drive(body, committed);
      for (const action of committed) action();
      return value;
    } finally {
      budgetLeft = Number.POSITIVE_INFINITY;
    }
  }

  async function readLong<T>(body: () => Tx<T>, budget: number | undefined): Promise<T> {
    if (budget !== undefined)
      try {
        return await readInTurn(body, budget);
      } catch (error) {
        if (error !== spent) throw error;
      }
    return longReads.read(body);
  }

  /**
   * Reads too wait for the end of the turn, and are answered together: connections that are answered together ask
   * again together, so the loop turns, and the system is called, once for many requests (docs/decisions/0004).
   */
  let reads: (() => void)[] = [];
  function readInTurn<T>(body: () => Tx<T>, budget = Number.POSITIVE_INFINITY): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      if (reads.length === 0) setImmediate(answerReads);
      reads.push(() => {
        try {
          resolve(read(body, budget));
        } catch (error) {
          reject(error);
        }
      });
    });
  }
  function answerReads(): void {
    const waiting = reads;
    reads = [];
    for (const answer of waiting) answer();
  }

  return {
    dialect: sqliteDialect,
    exclusive: true,
    read: (body, options) => (options?.long === true ? readLong(body, options.budget) : readInTurn(body)),
    write: <T>(body: () => Tx<T>) =>
      new Promise<T>((resolve, reject) => {
        queue.push({ body, resolve: resolve as (value: unknown) => void, reject });
        flushSoon();
      }),
    ping: async () => {
      db.prepare('select 1').get();
    },
    close: async () => {
      await longReads.close();
      await log.close();
      if (queue.length > 0) flush();
      answerReads();
      clear();
      db.close();
    },
  };
}

function translated(error: unknown): unknown {
  const code = (error as { code?: unknown } | null)?.code;
  if (code === 'SQLITE_FULL' || code === 'SQLITE_IOERR_WRITE' || code === 'SQLITE_IOERR_SHMSIZE')
    return new AppError(
      'INTERNAL_ERROR',
      'The server has no space left to store this; nothing of the request was written.',
      {
        cause: error,
        status: 507,
      },
    );
  if (code === 'SQLITE_BUSY')
    return new AppError('TEMPORARILY_UNAVAILABLE', 'The database is busy.', { cause: error, retryAfterSeconds: 1 });
  return error;
}
