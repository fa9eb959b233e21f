import { availableParallelism } from 'node:os';
import type { DuckDBConnection, DuckDBDataChunk, DuckDBTimestampValue } from '@duckdb/node-api';
import { AppError } from '../../errors.ts';
import type { Cell } from './digest.ts';

/** Enough for the widest file that is admitted; what needs more goes to the folder on disk. */
const memoryLimit = '512MB';
/** Leaves a core for the requests. */
const threads = Math.min(4, Math.max(1, availableParallelism() - 1));
const spillLimit = '8GB';
const longestQueryMs = 15 * 60_000;

export interface Sandbox {
  /** All rows of a query that has few. */
  rows<R extends object>(sql: string): Promise<R[]>;
  run(sql: string): Promise<void>;
  /** Chunks of a query's answer, in order; nothing is held but one. */
  chunks(sql: string): AsyncIterable<DuckDBDataChunk>;
}

/**
 * Gives `use` an empty in-memory DuckDB that can touch nothing but the folder named: no other file, no address, no
 * extension, and nothing can be set anew. Statements run beside the event loop and are broken off after 15 minutes.
 * Throws NOT_IMPLEMENTED where DuckDB is not installed.
 */
export async function withDuckDb<T>(
  folders: { readonly folder: string; readonly temporary?: string },
  use: (sandbox: Sandbox) => Promise<T>,
): Promise<T> {
  const { DuckDBInstance } = await library();
  const instance = await DuckDBInstance.create(':memory:', {
    memory_limit: memoryLimit,
    threads: String(threads),
    autoinstall_known_extensions: 'false',
    autoload_known_extensions: 'false',
    allow_community_extensions: 'false',
    ...(folders.temporary !== undefined && {
      temp_directory: folders.temporary,
      max_temp_directory_size: spillLimit,
    }),
  });
  try {
    const connection = await instance.connect();
    const timer = setTimeout(() => connection.interrupt(), longestQueryMs);
    try {
      await connection.run(`set timezone = 'UTC'`);
      await connection.run(`set allowed_directories = [${quoted(`${folders.folder}/`)}]`);
      await connection.run('set enable_external_access = false');
      await connection.run('set lock_configuration = true');
      return await use(sandboxOn(connection));
    } finally {
      clearTimeout(timer);
      connection.closeSync();
    }
  } finally {
    instance.closeSync();
  }
}

function sandboxOn(connection: DuckDBConnection): Sandbox {
  return {
    async rows<R extends object>(sql: string) {
      return (await (await connection.run(sql)).getRowObjectsJS()) as R[];
    },
    async run(sql) {
      await connection.run(sql);
    },
    async *chunks(sql) {
      const result = await connection.stream(sql);
      for (
        let chunk = await result.fetchChunk();
        chunk !== null && chunk.rowCount > 0;
        chunk = await result.fetchChunk()
      )
        yield chunk;
    },
  };
}

async function library() {
  try {
    return await import('@duckdb/node-api');
  } catch (cause) {
    throw new AppError(
      'NOT_IMPLEMENTED',
      'Holdouts need DuckDB, which is not installed on the server: npm install @duckdb/node-api',
      { cause },
    );
  }
}

/** The values of a chunk as a digest and a preview take them. */
export function cellsOf(chunk: DuckDBDataChunk): (column: number, row: number) => Cell {
  const vectors = Array.from({ length: chunk.columnCount }, (_, at) => chunk.getColumnVector(at));
  return (column, row) => {
    const value = vectors[column]!.getItem(row);
    return (value instanceof Object ? (value as DuckDBTimestampValue).micros : value) as Cell;
  };
}

/** A text as an SQL literal. */
export const quoted = (text: string): string => `'${text.replaceAll("'", "''")}'`;
/** A name as an SQL identifier. */
export const identifier = (name: string): string => `"${name.replaceAll('"', '""')}"`;
