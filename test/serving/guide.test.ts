import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { cellar } from '../support/terminal.ts';
import { championOf, type SampleModels, sampleModels, wineColumns, wineRows } from './models.ts';
import { type ServingServer, startServing } from './server.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const guide = readFileSync(path.join(root, 'docs/guide/serving.md'), 'utf8');

/** The first block of code of a language. */
function block(language: string): string {
  const found = new RegExp(`\`\`\`${language}\\n([\\s\\S]*?)\`\`\``).exec(guide)?.[1];
  if (found === undefined) throw new Error(`The guide has no ${language}.`);
  return found;
}

let models: SampleModels;
let server: ServingServer;
let folder: string;

beforeAll(async () => {
  models = await sampleModels();
  server = await startServing(models);
  folder = mkdtempSync(path.join(tmpdir(), 'cellar-guide-'));
  server.champions.decide(await championOf(models, 'wine-100', { version: 3, decisionId: 'd-3' }));
  await server.serving.settled();
});

afterAll(async () => {
  await server?.close();
  rmSync(folder, { recursive: true, force: true });
});

async function output(program: string, args: readonly string[]): Promise<string> {
  const env = { ...process.env, CELLAR_SERVER: server.url };
  return (await promisify(execFile)(program, args, { env, cwd: root })).stdout;
}

test('the call with curl is answered', async () => {
  expect(JSON.parse(await output('bash', ['-c', block('sh')]))).toEqual({ predictions: [0] });
});

test('the call from Python is answered', async () => {
  expect(await output(models.python, ['-c', block('python')])).toBe('[0] 3\n');
});

test('the call from TypeScript is answered', async () => {
  const file = path.join(folder, 'predict.mts');
  const client = pathToFileURL(path.join(root, 'src/client/index.ts')).href;
  writeFileSync(file, block('ts').replace("'cellar/client'", `'${client}'`));
  expect(await output(process.execPath, ['--import', 'tsx', file])).toBe('[ 0 ] 3\n');
});

test('the commands say what is served, and predict the rows of a file', async () => {
  const file = path.join(folder, 'rows.csv');
  writeFileSync(file, [wineColumns, ...wineRows].map((row) => row.join(',')).join('\n'));
  const told = async (...words: string[]) => {
    const { out, err } = await cellar([...words, '--server', server.url], { now: Date.now() });
    return out + err;
  };
  expect(await told('predict', 'wine', '--env', 'prod', '--csv', file)).toBe(
    '0\n1\n2\n3 predictions by wine-100 version 3 (decision d-3)\n',
  );
  expect(await told('deployments', 'list')).toMatch(
    /wine +prod +live +wine-100 version 3 \(code 1\.0\) +python +1 of 1/,
  );
  expect(await told('deployments', 'show', 'wine', '--env', 'prod')).toContain('python: the service asks for Python');
  expect(await told('deployments', 'logs', 'wine', '--env', 'prod')).toContain('starting wine-100 version 3');
  expect(await told('deployments', 'restart', 'wine', '--env', 'prod')).toContain('live');
  expect(await told('deployments', 'show', 'beer', '--env', 'prod')).toContain(
    "No champion of 'beer' is served on 'prod'",
  );
});
