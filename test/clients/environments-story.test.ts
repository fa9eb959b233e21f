import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { createClient } from '../../src/client/browser.ts';
import { type Json, withServer } from '../support/app.ts';
import { play, pythonFor } from './programs.ts';

const examples = fileURLToPath(new URL('../../examples', import.meta.url));
let python: string;
const server = withServer('sqlite', async () => {
  python = await pythonFor(path.join(examples, 'wine/requirements.txt'));
  return { python };
});
let folder: string;
beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'cellar-story-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function script(name: string, ...args: string[]): Promise<string> {
  const { code, output, stdout } = await play(python, [path.join(examples, name), ...args], server.url);
  expect(code, output).toBe(0);
  return stdout;
}

async function call(method: string, place: string, input?: object): Promise<Json> {
  const answer = await server.call(method, `/api/v1/${place}`, input);
  expect(answer.status, JSON.stringify(answer.body)).toBe(200);
  return answer.body;
}

const upload = (holdout: string, file: string, target: string) =>
  createClient({ trackingUri: server.url }).putHoldout(holdout, readFileSync(path.join(folder, file)), {
    target,
    format: 'csv',
  });
const slotOf = (environment: string, service = 'wine') => `services/${service}/environments/${environment}`;
const select = async (environment: string, service = 'wine'): Promise<Json> =>
  (await call('POST', `${slotOf(environment, service)}/select`, {})).decision;

/** Selects, and answers with the decision that made the champion: an evaluation that ended may have set it off before. */
async function settle(environment: string): Promise<Json> {
  await select(environment);
  const { champion } = await call('GET', slotOf(environment));
  return call('GET', `decisions/${champion.decision}`);
}

/** What the Python client sees of the two models: stage and aliases of every version, and what answers for a stage. */
async function seen(): Promise<Json> {
  const program = `
import json, mlflow
client = mlflow.MlflowClient()
state = {"versions": {}, "latest": {}}
for name in ("AImodel", "MLmodel"):
    model = next(iter(client.search_registered_models(f"name = '{name}'")), None)
    if model is None:
        continue
    aliases = {}
    for alias, version in model.aliases.items():
        aliases.setdefault(version, []).append(alias)
    for one in client.search_model_versions(f"name = '{name}'"):
        state["versions"][f"{name} {one.version}"] = [one.current_stage, *sorted(aliases.get(str(one.version), []))]
    for stage in ("Staging", "Production"):
        for one in client.get_latest_versions(name, [stage]):
            state["latest"][f"{name} {stage}"] = int(one.version)
print(json.dumps(state))
`;
  const { code, output, stdout } = await play(python, ['-W', 'ignore', '-c', program], server.url);
  expect(code, output).toBe(0);
  return JSON.parse(stdout);
}

/** What is served over HTTP, once the reconciler has caught up. */
const served = (environment: string, expected: string) =>
  vi.waitFor(
    async () => {
      const rows = readFileSync(path.join(folder, 'holdout.csv'), 'utf8').trim().split('\n').slice(0, 4);
      const withoutClass = rows.map((row) => row.split(',').slice(0, -1).join(','));
      const answer = await fetch(`${server.url}/serve/${environment}/wine/invocations`, {
        method: 'POST',
        headers: { 'content-type': 'text/csv' },
        body: `${withoutClass.join('\n')}\n`,
      });
      const body: Json = await answer.json();
      const { headers } = answer;
      const who = `${headers.get('x-cellar-registered-model')} ${headers.get('x-cellar-model-version')}`;
      expect([answer.status, who, body.predictions?.length]).toEqual([200, expected, 3]);
    },
    { timeout: 60_000, interval: 200 },
  );

const configuration = readFileSync(path.join(examples, 'wine/cellar.yaml'), 'utf8');

describe('the story of the wine service, told to the API and seen by the MLflow client', () => {
  it('begins with a holdout, a configuration, and the first champion on both environments', async () => {
    await script('wine/split.py', folder);
    expect(await upload('wine-holdout', 'holdout.csv', 'class')).toMatchObject({ version: 1, rows: 45 });
    await script('wine/aimodel.py');
    const plan = await call('POST', 'configuration/plan', { yaml: configuration });
    expect(plan.slots).toMatchObject([{ notEvaluated: 1 }, { notEvaluated: 1 }]);
    expect(await call('PUT', 'configuration', { yaml: configuration })).toMatchObject({ changed: true });
    expect(await call('PUT', 'configuration', { yaml: configuration })).toMatchObject({ changed: false });
    await select('int');
    const { candidates } = await select('prod');
    expect(candidates).toMatchObject([{ registeredModel: 'AImodel', version: 1 }]);
    expect(candidates[0].score).toBeCloseTo(0.911, 3);
    expect(await seen()).toEqual({
      versions: { 'AImodel 1': ['Production', 'int', 'prod'] },
      latest: { 'AImodel Production': 1, 'AImodel Staging': 1 },
    });
    await served('prod', 'AImodel 1');
  });

  it('goes on with a worse and a better retrained one: the right one wins', async () => {
    await script('wine/aimodel.py', '--forest', 'worse');
    await script('wine/aimodel.py', '--forest', 'better');
    await settle('int');
    const { decision, candidates } = await settle('prod');
    expect(decision).toMatchObject({ outcome: 'replaced', after: { registeredModel: 'AImodel', version: 3 } });
    expect(decision.margin).toBeCloseTo(0.0446, 3);
    expect(candidates.map(({ version }: Json) => version)).toEqual([3, 1, 2]);
    expect((await seen()).versions).toEqual({
      'AImodel 1': ['Archived'],
      'AImodel 2': ['None'],
      'AImodel 3': ['Production', 'int', 'prod'],
    });
    await served('prod', 'AImodel 3');
  });

  it('trains new code on INT: it goes to Staging, and PROD stays and says why', async () => {
    await script('wine/aimodel2.py', '--env', 'INT');
    expect((await settle('int')).decision).toMatchObject({ outcome: 'replaced', after: { version: 4 } });
    const { decision, candidates } = await select('prod');
    expect(decision).toMatchObject({ outcome: 'kept' });
    expect(candidates.find(({ version }: Json) => version === 4)).toMatchObject({
      reason: 'outside_allowance',
      detail: 'AImodel 2.0 is outside <=1.0.',
    });
    expect(await seen()).toMatchObject({
      versions: { 'AImodel 3': ['Production', 'prod'], 'AImodel 4': ['Staging', 'int'] },
      latest: { 'AImodel Production': 3, 'AImodel Staging': 4 },
    });
    const why = await call('GET', 'why', { registeredModel: 'AImodel', version: 4 });
    expect(why.championOf).toEqual([{ service: 'wine', environment: 'int' }]);
    await served('int', 'AImodel 4');
    await served('prod', 'AImodel 3');
  });

  it('promotes it: PROD moves, with what INT has proved on record', async () => {
    const promotion = { from: 'int', allow: { AImodel: '<=2.0' }, reason: 'a week on INT' };
    const { evidence, decision } = await call('POST', `${slotOf('prod')}/promote`, promotion);
    expect(evidence).toMatchObject({ codeVersion: '2.0.0', version: 4, evaluations: 4, evaluationsFailed: 0 });
    expect(decision.decision).toMatchObject({ kind: 'promotion', outcome: 'replaced', after: { version: 4 } });
    expect((await call('GET', slotOf('prod'))).allow).toEqual({ AImodel: '<=2.0' });
    expect((await seen()).versions).toMatchObject({
      'AImodel 3': ['Archived'],
      'AImodel 4': ['Production', 'int', 'prod'],
    });
    await served('prod', 'AImodel 4');
  });

  it('has another algorithm compete for the slot, which wins it', async () => {
    await script('wine/mlmodel.py');
    const { yaml } = await call('GET', 'configuration');
    const both = yaml.replaceAll(/AImodel: ("?<=2\.0"?)/g, 'AImodel: $1\n        MLmodel: "*"');
    await call('PUT', 'configuration', { yaml: both });
    await settle('int');
    const { decision } = await settle('prod');
    expect(decision).toMatchObject({ outcome: 'replaced', after: { registeredModel: 'MLmodel', version: 1 } });
    expect(await seen()).toMatchObject({
      versions: { 'AImodel 4': ['Archived'], 'MLmodel 1': ['Production', 'int', 'prod'] },
      latest: { 'MLmodel Production': 1 },
    });
    expect((await seen()).latest).not.toHaveProperty('AImodel Production');
    await served('prod', 'MLmodel 1');
  });

  it('pins another holdout: an epoch opens, the champion is scored again first, and another model is the best', async () => {
    expect(await upload('wine-holdout', 'other-holdout.csv', 'class')).toMatchObject({ version: 2 });
    const { yaml } = await call('GET', 'configuration');
    await call('PUT', 'configuration', { yaml: yaml.replaceAll('wine-holdout@1', 'wine-holdout@2') });
    await settle('int');
    const { decision, candidates, holdout } = await settle('prod');
    expect(holdout).toMatchObject({ name: 'wine-holdout', version: 2 });
    expect(candidates[0]).toMatchObject({ registeredModel: 'AImodel', version: 4 });
    expect(candidates[0].score).toBeCloseTo(0.9779, 3);
    expect(decision).toMatchObject({ before: { registeredModel: 'MLmodel' }, after: { version: 4 } });
  });

  it('is rolled back: at once, pinned, with a hold on what was taken out', async () => {
    const { decision } = (await call('POST', `${slotOf('prod')}/rollback`, { reason: 'the tasters complain' }))
      .decision;
    expect(decision).toMatchObject({ kind: 'rollback', after: { registeredModel: 'MLmodel', version: 1 } });
    const slot = await call('GET', slotOf('prod'));
    expect(slot).toMatchObject({ pin: decision.id, holds: [{ registeredModel: 'AImodel', version: 4 }] });
    expect((await select('prod')).decision).toMatchObject({ outcome: 'kept', reason: 'pinned' });
    expect((await seen()).versions).toMatchObject({
      'AImodel 4': ['Staging', 'int'],
      'MLmodel 1': ['Production', 'prod'],
    });
    await served('prod', 'MLmodel 1');
  });

  it('cannot be gone round by the MLflow client, whose moves are overrides or are refused', async () => {
    const program = `
import json, mlflow
client = mlflow.MlflowClient()
champion = client.get_model_version_by_alias("MLmodel", "prod")

def told(act):
    try:
        act()
        return "done"
    except mlflow.exceptions.MlflowException as error:
        return error.message

print(json.dumps([
    told(lambda: client.transition_model_version_stage("MLmodel", champion.version, "Archived")),
    told(lambda: client.delete_registered_model_alias("MLmodel", "prod")),
    told(lambda: client.delete_model_version("MLmodel", champion.version)),
    told(lambda: client.delete_run(champion.run_id)),
    told(lambda: client.transition_model_version_stage("AImodel", 3, "Production", archive_existing_versions=False)),
    mlflow.pyfunc.load_model("models:/AImodel/Production").metadata.run_id,
    client.get_model_version("AImodel", 3).run_id,
]))
`;
    const { code, output, stdout } = await play(python, ['-W', 'ignore', '-c', program], server.url);
    expect(code, output).toBe(0);
    const [archived, alias, version, run, moved, loaded, expected] = JSON.parse(stdout);
    for (const refusal of [archived, alias, version]) expect(refusal).toContain('cellar rollback wine --env prod');
    expect(run).toContain('is the champion of wine on PROD');
    expect([moved, loaded]).toEqual(['done', expected]);
    expect((await seen()).versions).toMatchObject({
      'AImodel 3': ['Production', 'prod'],
      'MLmodel 1': ['Archived'],
    });
    const [decision] = (await call('GET', 'decisions', { service: 'wine', environment: 'prod' })).decisions;
    expect(decision).toMatchObject({ kind: 'override', trigger: { kind: 'client' }, after: { version: 3 } });
  });

  it('ends with a chain that is whole, and decisions that replay to identical bytes', async () => {
    expect(await call('GET', 'decisions/verify', {})).toMatchObject({ intact: true });
    const { decisions } = await call('GET', 'decisions', { service: 'wine' });
    expect(decisions.length).toBeGreaterThan(10);
    for (const { id } of decisions)
      expect(await call('POST', `decisions/${id}/replay`, {})).toMatchObject({ identical: true });
  });
});

describe('a holdout of 5,000 rows', () => {
  const churn = (guards: string) => `apiVersion: cellar/v1
environments: { prod: { stage: Production } }
holdouts: { churn-holdout: { target: left, task: classification } }
services:
  churn:
    metric: { name: accuracy, goal: maximize }
    holdout: churn-holdout@1
    allow: { prod: { Churnmodel: "*" } }
    guards: ${guards}
`;

  it('lets significance tell a model that is better from one that is lucky', async () => {
    await script('churn/churn.py', 'split', folder);
    expect(await upload('churn-holdout', 'holdout.csv', 'left')).toMatchObject({ version: 1, rows: 5000 });
    await script('churn/churn.py', 'train', 'current');
    await call('PUT', 'configuration', { yaml: churn('{ minImprovement: 0.0005, significance: { alpha: 0.05 } }') });
    await select('prod', 'churn');
    await script('churn/churn.py', 'train', 'lucky');
    const lucky = await select('prod', 'churn');
    expect(lucky.decision).toMatchObject({ outcome: 'kept', after: { version: 1 } });
    const second = lucky.candidates.find(({ version }: Json) => version === 2);
    expect(second).toMatchObject({ verdict: 'guard_failed', reason: 'significance' });
    expect(second.pValue).toBeGreaterThan(0.05);
    await script('churn/churn.py', 'train', 'better');
    const better = await select('prod', 'churn');
    expect(better.decision).toMatchObject({ outcome: 'replaced', after: { version: 3 } });
    const third = better.candidates.find(({ version }: Json) => version === 3);
    expect(third.pValue).toBeLessThan(0.01);
    expect(third.interval.low).toBeGreaterThan(0);
  });
});
