import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';

const root = fileURLToPath(new URL('../..', import.meta.url));
const here = fileURLToPath(new URL('.', import.meta.url));
const clients = ['3.17', '2.22'];
const scripts = ['wine.py', 'broad.py'];

/** The Python of each client, made ready once for all stores. */
const pythons = new Map<string, string>();

beforeAll(async () => {
  for (const client of clients) {
    const requirements = path.join(here, `requirements-${client}.txt`);
    const made = await promisify(execFile)(process.execPath, [path.join(root, 'scripts/python-env.mjs'), requirements]);
    pythons.set(client, made.stdout.trim());
  }
});

interface Cellar {
  readonly url: string;
  stop(): Promise<number | null>;
}

/** Starts the executable itself, as a user would, and waits for the line that says where it listens. */
async function startCellar(dataDir: string, store: readonly string[]): Promise<Cellar> {
  const args = [
    path.join(root, 'bin/cellar'),
    'server',
    '--port',
    '0',
    '--data',
    dataDir,
    '--log-level',
    'warn',
    ...store,
  ];
  const server: ChildProcess = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  const exited = new Promise<number | null>((resolve) => server.once('exit', resolve));
  const url = await new Promise<string>((resolve, reject) => {
    createInterface({ input: server.stdout! }).on('line', (line) => {
      const found = /listens on (http[^,\s]+)/.exec(line)?.[1];
      if (found !== undefined) resolve(found);
    });
    exited.then((code) => reject(new Error(`The server ended with code ${code} before it listened.`)));
  });
  return {
    url,
    stop: () => {
      server.kill('SIGTERM');
      return exited;
    },
  };
}

/** Runs a script with one client's Python; answers with its exit code and everything that it wrote. */
function play(client: string, script: string, url: string): Promise<{ code: number | null; output: string }> {
  const python = spawn(pythons.get(client)!, [path.join(here, script)], {
    cwd: tmpdir(),
    env: { ...process.env, MLFLOW_TRACKING_URI: url, PYTHONDONTWRITEBYTECODE: '1', PYTHONUNBUFFERED: '1' },
  });
  let output = '';
  const keep = (text: Buffer) => {
    output += text;
  };
  python.stdout.on('data', keep);
  python.stderr.on('data', keep);
  return new Promise((resolve, reject) => {
    python.once('error', reject);
    python.once('close', (code) => resolve({ code, output }));
  });
}

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
      const { code, output } = await play(client, script, cellar.url);
      expect(code, output).toBe(0);
      expect(output).toMatch(/^Ran [1-9]\d* tests? in /m);
    });
  });
});
