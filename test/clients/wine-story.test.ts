import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createClient } from '../../src/client/browser.ts';
import { withServer } from '../support/app.ts';
import { play, pythonFor } from './programs.ts';

const examples = fileURLToPath(new URL('../../examples', import.meta.url));
const server = withServer('sqlite');
let python: string;
let folder: string;

beforeAll(async () => {
  python = await pythonFor(path.join(examples, 'wine/requirements.txt'));
  folder = mkdtempSync(path.join(tmpdir(), 'cellar-story-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function script(name: string, ...args: string[]): Promise<string> {
  const { code, output, stdout } = await play(python, [path.join(examples, name), ...args], server.url);
  expect(code, output).toBe(0);
  return stdout;
}

const linesOf = (text: string) => text.trim().split('\n');
/** The cells of a printed table, without its headings. */
const scoresIn = (text: string) =>
  linesOf(text).flatMap((line) => {
    const match = /^(\D*?[\d.]*\D*?) {2,}([\d. ]+)$/.exec(line);
    return match === null ? [] : [{ model: match[1]!, figures: match[2]!.trim().split(/ +/).map(Number) }];
  });

describe('the models of the wine story', () => {
  it('rank on the holdout, each by more than a policy asks for', async () => {
    expect(scoresIn(await script('wine/scores.py'))).toEqual([
      { model: 'AImodel 1.0 worse', figures: [0.7333, 0.7332, 0.8, 0.7994] },
      { model: 'AImodel 1.0 first', figures: [0.9111, 0.911, 0.8444, 0.8459] },
      { model: 'AImodel 1.0 better', figures: [0.9556, 0.9556, 0.9556, 0.9547] },
      { model: 'AImodel 2.0', figures: [0.9778, 0.9778, 0.9778, 0.9779] },
      { model: 'MLmodel 1.0', figures: [1, 1, 0.9556, 0.9556] },
    ]);
  });

  it('are trained on none of the rows of either holdout, which become versions 1 and 2', async () => {
    await script('wine/split.py', folder);
    const client = createClient({ trackingUri: server.url });
    const put = (file: string) =>
      client.putHoldout('wine-holdout', readFileSync(path.join(folder, file)), { target: 'class', format: 'csv' });
    expect(await put('holdout.csv')).toMatchObject({ version: 1, rows: 45, task: 'classification', warnings: [] });
    expect(await put('other-holdout.csv')).toMatchObject({ version: 2, rows: 45 });

    const program = 'import sys; from story import rows; rows().training.to_csv(sys.argv[1], index=False)';
    const training = path.join(folder, 'training.csv');
    const { code, output } = await play(python, ['-c', program, training], server.url, {
      cwd: path.join(examples, 'wine'),
    });
    expect(code, output).toBe(0);
    const rowsOf = (file: string) => linesOf(readFileSync(file, 'utf8')).slice(1);
    const all = ['training.csv', 'holdout.csv', 'other-holdout.csv'].map((file) => rowsOf(path.join(folder, file)));
    expect(all.map((rows) => rows.length)).toEqual([88, 45, 45]);
    expect(new Set(all.flat()).size).toBe(178);
  });

  it('are tracked with their code version, and registered unless only logged', async () => {
    await script('wine/aimodel.py', '--env', 'INT');
    const logged = await script('wine/mlmodel.py', '--log-only');
    const client = createClient({ trackingUri: server.url });
    const { runId } = await client.getModelVersion('AImodel', '1');
    const run = await client.getRun(runId);
    expect(run.status).toBe('FINISHED');
    expect(Object.fromEntries(run.tags)).toMatchObject({ model_name: 'AImodel', code_version: '1.0', env: 'INT' });
    expect(Object.fromEntries(run.params)).toEqual({ n_estimators: '3', max_features: '0.1' });
    expect(run.metrics.get('F1')?.value).toBeCloseTo(0.817, 3);
    expect(logged).toMatch(/^logged as models:\/m-[0-9a-f]{32}$/m);
    await expect(client.getRegisteredModel('MLmodel')).rejects.toMatchObject({ code: 'RESOURCE_DOES_NOT_EXIST' });
  });
});

it('of the customers who leave, one model is better and one is lucky', async () => {
  expect(scoresIn(await script('churn/churn.py', 'scores'))).toEqual([
    { model: 'current', figures: [0.8172, 0.794, 0] },
    { model: 'lucky', figures: [0.8182, 0.7975, 163] },
    { model: 'better', figures: [0.8642, 0.8564, 377] },
  ]);
});
