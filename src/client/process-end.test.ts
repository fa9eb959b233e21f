import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { type Script, withScriptedServer } from '../../test/support/scripted-server.ts';

const client = new URL('./index.ts', import.meta.url).href;

/** Runs a script that imports the client as `cellar`, in a process of its own. */
async function runScript(trackingUri: string, script: string): Promise<{ code: number; stderr: string }> {
  const source = `import * as cellar from '${client}';\n${script}`;
  const args = ['--import', 'tsx', '--input-type=module', '--eval', source];
  const env = { ...process.env, MLFLOW_TRACKING_URI: trackingUri, MLFLOW_TRACKING_USERNAME: 'me' };
  try {
    const { stderr } = await promisify(execFile)(process.execPath, args, { env });
    return { code: 0, stderr };
  } catch (error) {
    const { code, stderr } = error as { code: number; stderr: string };
    return { code, stderr };
  }
}

const info = { run_id: 'r1', experiment_id: '0', status: 'RUNNING' };
const tracking: Script = ({ path }) => {
  if (path.endsWith('runs/create')) return { body: { run: { info } } };
  return path.endsWith('runs/update') ? { body: { run_info: info } } : {};
};

test('a script that just ends loses nothing and leaves a finished run', () =>
  withScriptedServer(tracking, async ({ url, asked }) => {
    const { code, stderr } = await runScript(
      url,
      `await cellar.startRun();
       for (let step = 0; step < 1500; step += 1) cellar.logMetric('loss', 1 / (step + 1), { step });
       cellar.setTag('last', 'word');`,
    );
    expect(stderr).toBe('');
    expect(code).toBe(0);
    const steps = asked.flatMap(({ body }) => body.metrics ?? []).map(({ step }: { step: number }) => step);
    expect(steps).toEqual(Array.from({ length: 1500 }, (_, step) => step));
    expect(asked.at(-2)?.body.tags).toEqual([{ key: 'last', value: 'word' }]);
    expect(asked.at(-1)?.path).toBe('/api/2.0/mlflow/runs/update');
    expect(asked.at(-1)?.body.status).toBe('FINISHED');
    expect(asked.every(({ headers }) => headers.authorization?.startsWith('Basic ') === true)).toBe(true);
  }));

test('a script whose last values are refused fails and says why', () =>
  withScriptedServer(
    (asked, index) =>
      asked.path.endsWith('log-batch')
        ? { status: 400, body: { error_code: 'INVALID_PARAMETER_VALUE', message: 'that is no key' } }
        : tracking(asked, index),
    async ({ url, asked }) => {
      const { code, stderr } = await runScript(url, `await cellar.startRun(); cellar.logMetric('??', 1);`);
      expect(code).toBe(1);
      expect(stderr).toContain('that is no key');
      expect(asked.at(-1)?.body.status).toBe('FINISHED');
    },
  ));
