import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import pg from 'pg';
import { describe, inject } from 'vitest';

export type Engine = 'sqlite' | 'postgres';

/** An empty place to keep data in: a folder, and a database of its own when the engine is PostgreSQL. */
export interface Place {
  readonly dataDir: string;
  /** For `--store`; undefined is SQLite in the folder. */
  readonly store: string | undefined;
  remove(): Promise<void>;
}

let made = 0;

export async function makePlace(engine: Engine): Promise<Place> {
  const dataDir = mkdtempSync(path.join(tmpdir(), 'cellar-test-'));
  const removeFolder = () => rmSync(dataDir, { recursive: true, force: true });
  if (engine === 'sqlite') return { dataDir, store: undefined, remove: async () => removeFolder() };
  const server = inject('postgresUrl');
  const name = `test_${process.pid}_${++made}`;
  await asAdministrator(server, `create database ${name}`);
  return {
    dataDir,
    store: Object.assign(new URL(server), { pathname: `/${name}` }).href,
    remove: async () => {
      await asAdministrator(server, `drop database ${name} with (force)`);
      removeFolder();
    },
  };
}

async function asAdministrator(server: string, statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: server });
  await client.connect();
  await client.query(statement);
  await client.end();
}

/** The whole suite `define` on each engine; CELLAR_TEST_ENGINES narrows it, e.g. to `sqlite`. */
export function onEveryEngine(define: (engine: Engine) => void): void {
  const engines = (process.env['CELLAR_TEST_ENGINES'] ?? 'sqlite,postgres').split(',') as Engine[];
  for (const engine of engines) describe(`on ${engine}`, () => define(engine));
}
