import { execFile } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createClient } from '../../src/client/browser.ts';
import { withServer } from '../support/app.ts';

const run = promisify(execFile);
const root = fileURLToPath(new URL('../..', import.meta.url));
const server = withServer('sqlite');
let example: string;

/** The example as its reader has it: installed from its own package.json, next to a built checkout. */
beforeAll(async () => {
  example = mkdtempSync(path.join(tmpdir(), 'cellar-wine-typescript-'));
  cpSync(path.join(root, 'examples/wine-typescript'), example, {
    recursive: true,
    filter: (from) => path.basename(from) !== 'node_modules',
  });
  const manifest = path.join(example, 'package.json');
  writeFileSync(manifest, readFileSync(manifest, 'utf8').replace('file:../..', `file:${root}`));
  await run(process.execPath, [path.join(root, 'bin/cellar'), '--version']);
  await run('npm', ['install', '--no-audit', '--no-fund', '--loglevel=error'], { cwd: example });
});
afterAll(() => rmSync(example, { recursive: true, force: true }));

it('passes the type checker', async () => {
  await run('npm', ['run', 'types', '--silent'], { cwd: example });
});

it('trains, tracks and registers as its README says', async () => {
  const env = { ...process.env, MLFLOW_TRACKING_URI: server.url, NO_COLOR: '1' };
  const { stdout } = await run('npm', ['start', '--silent'], { cwd: example, env });
  const readme = readFileSync(path.join(example, 'README.md'), 'utf8');
  for (const line of stdout.trim().split('\n').slice(0, 3))
    expect(readme).toContain(line.replace(/\(run .*\)/, '(run …)'));
  expect(stdout).toContain(`Registered winetest-typescript version 1 on ${server.url}`);

  const client = createClient({ trackingUri: server.url });
  const version = await client.getModelVersion('winetest-typescript', '1');
  const best = await client.getRun(version.runId);
  expect(best).toMatchObject({ status: 'FINISHED', datasets: [{ name: 'wine', context: 'training' }] });
  expect(best.metrics.get('Accuracy')?.value).toBe(1);
  expect(await client.getMetricHistory(version.runId, 'training_loss').all()).toHaveLength(100);
  const modelId = best.modelOutputs[0]?.modelId ?? '';
  const model = await (await client.downloadArtifact({ modelId }, 'model.json')).json();
  expect(model).toMatchObject({ kind: 'softmax-regression', classes: 3 });
});
