import { open, statfs } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { setImmediate } from 'node:timers/promises';
import { type LocalArtifactStore, withFile, writeDurably, writeError } from '../../artifacts/service.ts';
import { AppError, invalid, shown } from '../../errors.ts';
import { taskFor } from './columns.ts';
import { type Cell, holdoutDigest } from './digest.ts';
import { cellsOf, identifier, quoted, type Sandbox, withDuckDb } from './duckdb.ts';
import { type Column, maxHoldoutBytes, type Task } from './holdout.ts';
import { type ColumnProfile, longestText, type Plain, plain, profileOf, type TableProfile } from './profile.ts';
import { type Format, readTable } from './source.ts';

export interface Asked {
  readonly target: string;
  /** Undefined: what the target suggests. */
  readonly task: Task | undefined;
  readonly format: Format;
  /** `column=type` each, for what shall not be inferred. */
  readonly types: readonly string[];
}

/** What is kept beside the rows and only read whole. */
export interface Description extends TableProfile {
  /** The most frequent values of the target, the largest first; null for regression. */
  readonly classes: { readonly value: Plain; readonly count: number }[] | null;
  readonly warnings: string[];
}

export interface Received {
  readonly digest: string;
  readonly task: Task;
  readonly rows: number;
  readonly columnCount: number;
  readonly sizeBytes: number;
  readonly storePath: string;
  readonly description: Description;
}

const mostClassesKept = 1_000;
const manyClasses = 100;
/** Cells encoded before other requests get their turn: a few milliseconds. */
const cellsAtOnce = 10_000;
/** A small file may unpack to very much; this is what the rows may come to. */
const maxEncodedBytes = 16 * maxHoldoutBytes;
/** Where less is left, a write that failed has failed for that. */
const littleSpace = 64 * 1024 * 1024;

/**
 * Reads an uploaded CSV or Parquet file and keeps its rows in `store` as Parquet, by their digest. Memory stays bounded
 * and what is not whole lies in a private folder that is removed. Throws INVALID_PARAMETER_VALUE naming the column, row
 * or line that is wrong, 413 beyond a gigabyte, 507 without space, NOT_IMPLEMENTED without DuckDB.
 */
export function receiveHoldout(
  store: LocalArtifactStore,
  body: Readable,
  asked: Asked,
  inTurn: Turn,
): Promise<Received> {
  return store.withScratch(async (folder) => {
    const upload = join(folder, 'upload');
    try {
      await withFile(upload, 'wx', (file) => writeDurably(file, body, { maxBytes: maxHoldoutBytes }));
    } catch (error) {
      throw writeError(error, 'upload');
    }
    await checkFormat(upload, asked.format);
    return inTurn(async () => {
      const out = join(folder, 'rows.parquet');
      const received = await described(folder, upload, out, asked).catch(async (error) => {
        throw error instanceof AppError || !(await isFull(folder)) ? error : noSpace(error);
      });
      // Rows of that digest that are there already may be open somewhere, and are the same.
      const kept = await store.stat(received.storePath).catch(() => undefined);
      if (kept === undefined) await store.adopt(out, received.storePath);
      return { ...received, sizeBytes: (kept ?? (await store.stat(received.storePath))).size };
    });
  });
}

/** Runs one after the other what takes much memory. */
export type Turn = <T>(act: () => Promise<T>) => Promise<T>;

async function checkFormat(file: string, format: Format): Promise<void> {
  const handle = await open(file, 'r');
  try {
    const { buffer } = await handle.read(Buffer.alloc(4), 0, 4, 0);
    const isParquet = buffer.toString('latin1') === 'PAR1';
    if (format === 'csv' && isParquet) throw invalid("The file is Parquet: expected 'parquet' for parameter 'format'.");
    if (format === 'parquet' && !isParquet) throw invalid('The file is not Parquet: it does not begin with PAR1.');
  } finally {
    await handle.close();
  }
}

const described = (folder: string, upload: string, out: string, asked: Asked) =>
  withDuckDb({ folder, temporary: join(folder, 'spill') }, async (sandbox) => {
    const columns = await readTable(sandbox, upload, asked.format, asked, out);
    const relation = parquetRelation(out);
    const target = columns.find((column) => column.name === asked.target)!;
    const distinct = await checkTarget(sandbox, relation, target);
    const task = taskFor(target, distinct, asked.task);
    const { digest, rows } = await digestOf(sandbox, relation, { task, target: target.name, columns });
    const classes = task === 'classification' ? await classesOf(sandbox, relation, target) : null;
    const profile = await profileOf(sandbox, relation, columns, rows);
    const description = { ...profile, classes, warnings: warningsFor(task, target, distinct, profile.columns) };
    return { digest, task, rows, columnCount: columns.length, storePath: storePathOf(digest), description };
  });

export const parquetRelation = (file: string): string => `read_parquet(${quoted(file)}, hive_partitioning = false)`;

const storePathOf = (digest: string) => `holdouts/${digest.slice(0, 2)}/${digest}.parquet`;

/** How many different values the target has. */
async function checkTarget(sandbox: Sandbox, relation: string, { name, type }: Column): Promise<number> {
  const value = identifier(name);
  const bad = type === 'double' ? `v is null or not isfinite(v)` : 'v is null';
  const [first] = await sandbox.rows<{ n: bigint | null; v: number | null }>(
    `select min(n) as n, arg_min(v, n) as v from (select row_number() over () as n, ${value} as v from ${relation}) where ${bad}`,
  );
  if (typeof first?.n === 'bigint')
    throw invalid(
      first.v === null
        ? `Row ${first.n} has no value in the target ${shown(name)}: expected one in every row.`
        : `Row ${first.n} has ${first.v} in the target ${shown(name)}: expected a finite number.`,
    );
  const [counted] = await sandbox.rows<{ n: bigint }>(`select count(distinct ${value}) as n from ${relation}`);
  return Number(counted?.n ?? 0);
}

async function digestOf(
  sandbox: Sandbox,
  relation: string,
  holdout: { task: Task; target: string; columns: readonly Column[] },
): Promise<{ digest: string; rows: number }> {
  const hash = holdoutDigest(holdout);
  const rowsAtOnce = Math.max(1, Math.floor(cellsAtOnce / holdout.columns.length));
  for await (const chunk of sandbox.chunks(`select * from ${relation}`)) {
    const cell: (column: number, row: number) => Cell = cellsOf(chunk);
    for (let from = 0; from < chunk.rowCount; from += rowsAtOnce) {
      hash.addRows(from, Math.min(from + rowsAtOnce, chunk.rowCount), cell);
      await setImmediate();
    }
    if (hash.bytes > maxEncodedBytes)
      throw invalid(`The rows of the file come to more than ${maxEncodedBytes} bytes: expected fewer.`);
  }
  return { digest: hash.end(), rows: hash.rows };
}

/** Long texts are counted apart and then cut, so two classes that begin alike stay two. */
async function classesOf(sandbox: Sandbox, relation: string, { name, type }: Column) {
  const value = identifier(name);
  const shownValue = type === 'string' ? `left(v, ${longestText})` : 'v';
  const rows = await sandbox.rows<{ v: string | bigint | number | boolean; n: bigint }>(
    `select ${shownValue} as v, n from (
       select ${value} as v, count(*) as n from ${relation} group by all order by n desc, v limit ${mostClassesKept})`,
  );
  return rows.map(({ v, n }) => ({ value: plain(v), count: Number(n) }));
}

function warningsFor(task: Task, target: Column, distinct: number, columns: readonly ColumnProfile[]): string[] {
  const warnings: string[] = [];
  const name = shown(target.name);
  if (distinct === 1)
    warnings.push(`Every row has the same value in the target ${name}: any model that knows it scores perfectly.`);
  if (task === 'classification' && distinct > manyClasses)
    warnings.push(`The target ${name} has ${distinct} different values: is this regression?`);
  for (const column of columns)
    if (column.count === 0) warnings.push(`Column ${shown(column.name)} has no value in any row.`);
  return warnings;
}

async function isFull(folder: string): Promise<boolean> {
  const { bavail, bsize } = await statfs(folder);
  return bavail * bsize < littleSpace;
}

const noSpace = (cause: unknown) =>
  new AppError('INTERNAL_ERROR', 'There is no space left for holdouts on the server.', { cause, status: 507 });
