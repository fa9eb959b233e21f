import { rmSync } from 'node:fs';
import { mkdtemp, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import type { Json, TestServer } from './app.ts';

export interface Upload {
  readonly name?: string;
  readonly target?: string;
  readonly task?: string;
  readonly format?: string;
  readonly types?: readonly string[];
  readonly actor?: string;
}

/** Sends a file as a version of a holdout. */
export async function putHoldout(server: TestServer, content: string | Buffer, given: Upload = {}) {
  const { name = 'wine', target = 'class', format = typeof content === 'string' ? 'csv' : 'parquet' } = given;
  const url = new URL(`/api/v1/holdouts/${name}/versions`, server.url);
  url.searchParams.set('target', target);
  url.searchParams.set('format', format);
  if (given.task !== undefined) url.searchParams.set('task', given.task);
  for (const type of given.types ?? []) url.searchParams.append('types', type);
  const response = await fetch(url, {
    method: 'PUT',
    body: typeof content === 'string' ? content : new Uint8Array(content),
    ...(given.actor !== undefined && { headers: { 'x-cellar-actor': given.actor } }),
  });
  return { status: response.status, body: (await response.json()) as Json };
}

/** The bytes of a Parquet file with the rows of a query. */
export async function parquet(query: string): Promise<Buffer> {
  const folder = await mkdtemp(path.join(tmpdir(), 'cellar-test-'));
  const file = path.join(folder, 'rows.parquet');
  const instance = await DuckDBInstance.create(':memory:');
  try {
    const connection = await instance.connect();
    await connection.run(`copy (${query}) to '${file}' (format parquet)`);
    connection.closeSync();
    return await readFile(file);
  } finally {
    instance.closeSync();
    rmSync(folder, { recursive: true });
  }
}
