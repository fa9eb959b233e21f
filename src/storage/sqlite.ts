import { statSync } from 'node:fs';
import Database from 'better-sqlite3';
import { AppError } from '../errors.ts';
import { groupBy } from '../group-by.ts';
import { sqliteDialect } from './dialect.ts';
import { LongReads } from './sqlite-long-reads.ts';
import type { Insert, Step, Storage, Tx, Value } from './storage.ts';

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

/** Twice of what the log reaches between two checkpoints when nothing holds it up. */
const largeLogBytes = 32 * 1024 * 1024;

/** Rows of the largest insert statement; beyond it more rows a statement stop paying. */
const mostRows = 128;

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
  db.pragma('wal_autocheckpoint = 4000');
  // After a long read the log may be larger; its file is cut back to this when it starts anew.
  db.pragma(`journal_size_limit = ${largeLogBytes}`);

  const statements = new Map<string, Database.Statement>();
  const rawStatements = new Map<string, Database.Statement>();
  const inserts = new Map<Insert, Map<number, Database.Statement>>();
  const prepare = (cache: Map<string, Database.Statement>, sql: string, raw: boolean): Database.Statement => {
    let statement = cache.get(sql);
    if (statement === undefined) {
      if (cache.size >= 1000) cache.delete(cache.keys().next().value as string);
      statement = db.prepare(sql);
      if (raw) statement.raw(true);
      cache.set(sql, statement);
    }
    return statement;
  };

  const begin = db.prepare('begin immediate');
  const commit = db.prepare('commit');
  const rollback = db.prepare('rollback');
  const savepoint = db.prepare('savepoint part');
  const release = db.prepare('release part');
  const rollbackToSavepoint = db.prepare('rollback to part');

  function execute(step: Step, committed: (() => void)[]): unknown {
    switch (step.kind) {
      case 'get':
        return prepare(statements, step.sql, false).get(...step.params);
      case 'all':
        return prepare(statements, step.sql, false).all(...step.params);
      case 'values':
        return prepare(rawStatements, step.sql, true).all(...step.params);
      case 'run': {
        const statement = prepare(statements, step.sql, false);
        return statement.reader ? statement.all(...step.params).length : statement.run(...step.params).changes;
      }
      case 'insert':
        return insert(step.insert, step.rows);
      case 'afterCommit':
        committed.push(step.action);
        return undefined;
    }
  }

  function insert(spec: Insert, rows: readonly (readonly Value[])[]): unknown {
    if (spec.countBy === undefined) return insertAll(spec, rows);
    const by = Object.keys(spec.columns).indexOf(spec.countBy);
    const groups = groupBy(rows, (row) => row[by]!);
    const counts = new Map<Value, number>();
    if (groups.size > 1) {
      // Nearly always every row is new, and the counts are known without a statement a group.
      savepoint.run();
      const changes = insertAll(spec, [...groups.values()].flat());
      if (changes !== rows.length) rollbackToSavepoint.run();
      release.run();
      if (changes === rows.length) {
        for (const [value, group] of groups) counts.set(value, group.length);
        return counts;
      }
    }
    for (const [value, group] of groups) counts.set(value, insertAll(spec, group));
    return counts;
  }

  /** In statements of 128, 64, 32, … rows, so that few of them are prepared and few are run. */
  function insertAll(spec: Insert, rows: readonly (readonly Value[])[]): number {
    let changes = 0;
    let at = 0;
    for (let count = mostRows; count >= 1; count /= 2)
      for (; rows.length - at >= count; at += count) {
        const values = count === 1 ? rows[at]! : rows.slice(at, at + count).flat();
        changes += insertOf(spec, count).run(values).changes;
      }
    return changes;
  }

  function insertOf(spec: Insert, count: number): Database.Statement {
    const bySize = inserts.get(spec) ?? new Map<number, Database.Statement>();
    inserts.set(spec, bySize);
    const statement = bySize.get(count) ?? db.prepare(insertText(spec, count));
    bySize.set(count, statement);
    return statement;
  }

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

  /**
   * The log starts anew only when nobody reads from it. Long reads that follow one another would keep it growing for as
   * long as they do, so a large one is written back in the moment between two of them.
   */
  function shortenLog(): void {
    if ((statSync(`${options.file}-wal`, { throwIfNoEntry: false })?.size ?? 0) <= largeLogBytes) return;
    try {
      db.pragma('wal_checkpoint(TRUNCATE)');
    } catch (error) {
      // A full disk: the log stays, and what is in it is safe.
      if (!(translated(error) instanceof AppError)) throw error;
    }
  }

  const longReads = new LongReads(options.file, shortenLog);
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

  function flush(): void {
    scheduled = false;
    const group = queue;
    queue = [];
    const committed: (() => void)[] = [];
    const outcomes = runGroup(group, committed);
    for (const action of committed) action();
    for (const [i, pending] of group.entries()) {
      const outcome = outcomes[i]!;
      if ('error' in outcome) pending.reject(outcome.error);
      else pending.resolve(outcome.value);
    }
  }

  function read<T>(body: () => Tx<T>): T {
    const committed: (() => void)[] = [];
    const value = drive(body, committed);
    for (const action of committed) action();
    return value;
  }

  /**
   * Reads too wait for the end of the turn, and are answered together: connections that are answered together ask
   * again together, so the loop turns, and the system is called, once for many requests (docs/decisions/0004).
   */
  let reads: (() => void)[] = [];
  function readInTurn<T>(body: () => Tx<T>): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      if (reads.length === 0) setImmediate(answerReads);
      reads.push(() => {
        try {
          resolve(read(body));
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
    read: (body, options) => (options?.long === true ? longReads.read(body) : readInTurn(body)),
    write: <T>(body: () => Tx<T>) =>
      new Promise<T>((resolve, reject) => {
        queue.push({ body, resolve: resolve as (value: unknown) => void, reject });
        if (scheduled) return;
        scheduled = true;
        setImmediate(flush);
      }),
    ping: async () => {
      db.prepare('select 1').get();
    },
    close: async () => {
      if (queue.length > 0) flush();
      answerReads();
      await longReads.close();
      statements.clear();
      rawStatements.clear();
      inserts.clear();
      db.close();
    },
  };
}

function insertText(spec: Insert, rows: number): string {
  const columns = Object.keys(spec.columns);
  const row = `(${columns.map(() => '?').join(',')})`;
  const values = new Array(rows).fill(row).join(',');
  return `insert into ${spec.table}(${columns.join(',')}) values ${values} ${spec.onConflict ?? ''}`;
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
