import type { Dialect } from './dialect.ts';

/** What a statement binds and returns. Booleans, dates and bigints never reach the database. */
export type Value = string | number | null;
export type Row = Record<string, Value>;

/** One step of a transaction; the engine executes it and sends the result back in. */
export type Step =
  | { readonly kind: 'all'; readonly sql: string; readonly params: readonly unknown[] }
  | { readonly kind: 'values'; readonly sql: string; readonly params: readonly unknown[] }
  | { readonly kind: 'numbers'; readonly sql: string; readonly params: readonly unknown[] }
  | { readonly kind: 'get'; readonly sql: string; readonly params: readonly unknown[] }
  | { readonly kind: 'run'; readonly sql: string; readonly params: readonly unknown[] }
  | { readonly kind: 'insert'; readonly insert: Insert; readonly rows: readonly (readonly Value[])[] }
  | { readonly kind: 'afterCommit'; readonly action: () => void };

/**
 * A piece of a transaction: a generator that yields statements. SQLite runs it to its end without giving up the
 * thread, PostgreSQL awaits every step; the same text serves both, and nothing but statements can happen inside.
 * Compose with `yield*`. A body may be run again from its start, so it must have no effect outside the database;
 * what must follow a commit goes through `afterCommit`.
 */
export type Tx<T> = Generator<Step, T, unknown>;

/** Rows as objects. SQL is written with `?` on both engines. */
export function* all<R extends object = Row>(sql: string, params: readonly unknown[] = []): Tx<R[]> {
  return (yield { kind: 'all', sql, params }) as R[];
}

/** Rows as arrays in column order: about twice as fast as `all` on long results. */
export function* values<R extends readonly Value[] = Value[]>(sql: string, params: readonly unknown[] = []): Tx<R[]> {
  return (yield { kind: 'values', sql, params }) as R[];
}

/**
 * The values of rows that are all numbers, one row after the other: several times as fast as `values` on long results,
 * and handed from thread to thread without a copy. Every column needs a name of its own.
 */
export function* numbers(sql: string, params: readonly unknown[] = []): Tx<Float64Array> {
  return (yield { kind: 'numbers', sql, params }) as Float64Array;
}

/** The first row, or undefined. */
export function* get<R extends object = Row>(sql: string, params: readonly unknown[] = []): Tx<R | undefined> {
  return (yield { kind: 'get', sql, params }) as R | undefined;
}

/** Executes a statement and returns how many rows it changed. */
export function* run(sql: string, params: readonly unknown[] = []): Tx<number> {
  return (yield { kind: 'run', sql, params }) as number;
}

/** Inserts many rows: one prepared statement (SQLite), one round trip (PostgreSQL). Returns how many rows changed. */
export function* insertRows(insert: Insert, rows: readonly (readonly Value[])[]): Tx<number> {
  if (rows.length === 0) return 0;
  return (yield { kind: 'insert', insert, rows }) as number;
}

/** Like `insertRows`, and returns the number of rows really inserted for each value of the column `insert.countBy`. */
export function* insertCounting<V extends Value>(
  insert: Insert & { readonly countBy: string },
  rows: readonly (readonly Value[])[],
): Tx<Map<V, number>> {
  if (rows.length === 0) return new Map();
  return (yield { kind: 'insert', insert, rows }) as Map<V, number>;
}

/** Runs `action` right after the commit and before any answer is sent; never when the transaction is rolled back. */
export function* afterCommit(action: () => void): Tx<void> {
  yield { kind: 'afterCommit', action };
}

/** A multi-row insert, declared once at module level. */
export interface Insert {
  readonly table: string;
  /** Column name to its type, in the order of the values of a row. */
  readonly columns: Readonly<Record<string, 'bigint' | 'double precision' | 'text' | 'smallint'>>;
  /** E.g. `on conflict do nothing`. */
  readonly onConflict?: string;
  /** Count the rows really inserted by this column. */
  readonly countBy?: string;
}

export interface Storage {
  readonly dialect: Dialect;
  /**
   * Runs statements that only read, on one consistent snapshot. `long` ones, which may take more than a few
   * milliseconds, run beside the event loop. With a `budget` a long one is first tried as a short one, and given up when
   * it has looked at more rows than that; only rows that its statements charge (`dialect.charged`) are seen.
   */
  read<T>(body: () => Tx<T>, options?: { readonly long?: boolean; readonly budget?: number }): Promise<T>;
  /**
   * Runs a transaction and resolves after its commit; a throw rolls back this body alone. On SQLite all bodies that
   * wait at the end of an event-loop turn share one commit.
   */
  write<T>(body: () => Tx<T>): Promise<T>;
  /** True when this process is the only one that writes to the database, so that what it read may be cached. */
  readonly exclusive: boolean;
  /** Resolves when the database answers. */
  ping(): Promise<void>;
  close(): Promise<void>;
}
