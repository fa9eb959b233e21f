import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { type Cellar, play, pythonFor, startCellar } from './programs.ts';

const here = fileURLToPath(new URL('.', import.meta.url));
const clients = ['3.17', '2.22'];
const scripts = ['wine.py', 'broad.py'];

/** The Python of each client, made ready once for all stores. */
const pythons = new Map<string, string>();

beforeAll(async () => {
  for (const client of clients) {
    pythons.set(client, await pythonFor(path.join(here, `requirements-${client}.txt`)));
  }
});

async function aDatabase(postgresUrl: string): Promise<string> {
  const name = `clients_${randomUUID().replaceAll('-', '')}`;
  const admin = new pg.Client({ connectionString: postgresUrl });
  await admin.connect();
  await admin.query(`create database ${name}`);
  await admin.end();
  const url = new URL(postgresUrl);
  url.pathname = `/${name}`;
  return url.href;
}

const stores = {
  SQLite: async () => [],
  PostgreSQL: async () => ['--store', await aDatabase(inject('postgresUrl'))],
};

describe.each(Object.entries(stores))('the unmodified Python client, on %s', (_name, storeOptions) => {
  let folder: string;
  let cellar: Cellar;

  beforeAll(async () => {
    folder = mkdtempSync(path.join(tmpdir(), 'cellar clients '));
    cellar = await startCellar(folder, await storeOptions());
  });

  afterAll(async () => {
    const code = await cellar?.stop();
    rmSync(folder, { recursive: true, force: true });
    expect(code).toBe(0);
  });

  describe.each(clients)('%s', (client) => {
    it.each(scripts)('plays %s to its end', async (script) => {
      const { code, output } = await play(pythons.get(client)!, [path.join(here, script)], cellar.url);
      expect(code, output).toBe(0);
      expect(output).toMatch(/^Ran [1-9]\d* tests? in /m);
    });
  });
});
