import { describe, expect, test } from 'vitest';
import { type Answer, type Json, withServer } from '../../test/support/app.ts';
import { aService, type Settings, type TestService, withoutPython } from '../../test/support/environments.ts';
import { onEveryEngine } from '../../test/support/stores.ts';

onEveryEngine((engine) => {
  const server = withServer(engine, withoutPython);
  let wine: TestService;
  const fresh = async (settings: Settings = {}) => {
    wine = await aService(server);
    await wine.apply(settings);
  };
  /** Version 1 and the better version 2, both of code 1.0; version 2 is the champion of PROD, version 1 was before. */
  const twoChampions = async (settings: Settings = {}) => {
    await fresh(settings);
    const one = await wine.log({ accuracy: 0.8 });
    await wine.select('prod');
    const two = await wine.log({ accuracy: 0.9 });
    await wine.select('prod');
    return { one, two };
  };
  const name = () => wine.model('AImodel');
  const transition = (version: number, stage: string, more: object = {}): Promise<Answer> =>
    server.post('model-versions/transition-stage', { name: name(), version: String(version), stage, ...more });
  const setAlias = (alias: string, version: number): Promise<Answer> =>
    server.post('registered-models/alias', { name: name(), alias, version: String(version) });
  const latest = async (stage: string): Promise<string[]> => {
    const found = await server.get('registered-models/get-latest-versions', { name: name(), stages: [stage] });
    return (found.body.model_versions ?? []).map(({ version }: Json) => version);
  };
  const refusal = (answer: Answer): string => {
    expect(answer).toMatchObject({ status: 400, body: { error_code: 'INVALID_PARAMETER_VALUE' } });
    return answer.body.message;
  };

  describe('an MLflow client that moves a version', () => {
    test("into an environment's stage makes it the champion, pinned, and archives the old one", async () => {
      const { one, two } = await twoChampions();
      const moved = await transition(one.version, 'Production', { archive_existing_versions: false });
      expect(moved.body.model_version).toMatchObject({ current_stage: 'Production' });
      expect(await wine.seen(two.version)).toEqual({ stage: 'Archived', aliases: [] });
      expect(await wine.champion('prod')).toBe(`AImodel ${one.version}`);
      const [decision] = await wine.decisions('prod');
      expect(decision).toMatchObject({ kind: 'override', trigger: { kind: 'client' } });
      expect((await wine.slot('prod')).pin).toBe(decision.id);
      // Its number is not the highest, and it is the champion all the same.
      expect(await latest('Production')).toEqual([String(one.version)]);
    });

    test('by the alias of an environment does the same', async () => {
      const { one } = await twoChampions();
      expect((await setAlias('prod', one.version)).status).toBe(200);
      expect(await wine.seen(one.version)).toEqual({ stage: 'Production', aliases: ['prod'] });
      const found = await server.get('registered-models/alias', { name: name(), alias: 'prod' });
      expect(found.body.model_version.version).toBe(String(one.version));
      expect((await wine.decisions('prod'))[0]).toMatchObject({ kind: 'override' });
    });

    test('outside the allowance is flagged where the environment is open, and refused where it is protected', async () => {
      await fresh();
      const far = await wine.log({ accuracy: 0.9, code: '3.0' });
      expect((await transition(far.version, 'Staging')).status).toBe(200);
      expect((await wine.decisions('int'))[0].flags).toContain('outside_allowance');
      expect(await wine.champion('int')).toBe(`AImodel ${far.version}`);
      const message = refusal(await transition(far.version, 'Production'));
      expect(message).toContain('3.0');
      expect(message).toContain('protected');
      expect(refusal(await setAlias('prod', far.version))).toContain('cellar promote');
      expect(await wine.champion('prod')).toBe('none');
    });

    test('to None or Archived, or deletes its alias, is refused for a champion and told how it is done', async () => {
      const { one, two } = await twoChampions();
      for (const stage of ['None', 'Archived'])
        expect(refusal(await transition(two.version, stage))).toContain(`cellar rollback ${wine.service} --env prod`);
      const alias = await server.call('DELETE', 'registered-models/alias', { name: name(), alias: 'prod' });
      expect(refusal(alias)).toContain('cellar rollback');
      expect((await transition(one.version, 'None')).status).toBe(200);
      expect((await setAlias('other', two.version)).status).toBe(200);
      expect(await wine.seen(two.version)).toEqual({ stage: 'Production', aliases: ['other', 'prod'] });
    });

    test('of a model in no service is as free as in MLflow', async () => {
      await fresh();
      const free = `free-${wine.service}`;
      const call = (path: string, input: object) => server.post(path, { name: free, ...input });
      await call('registered-models/create', {});
      const { modelId } = await wine.log({ register: false });
      for (const _ of '12') await call('model-versions/create', { source: `models:/${modelId}`, model_id: modelId });
      await call('model-versions/transition-stage', { version: '1', stage: 'Production' });
      await call('model-versions/transition-stage', { version: '2', stage: 'Production' });
      const found = await server.get('registered-models/get-latest-versions', { name: free, stages: ['Production'] });
      expect(found.body.model_versions.map(({ version }: Json) => version)).toEqual(['2']);
      expect((await call('model-versions/transition-stage', { version: '2', stage: 'None' })).status).toBe(200);
    });
  });

  describe('what an environment needs', () => {
    test('cannot be deleted: the champion and what a rollback would bring back, with their runs and models', async () => {
      const { one, two } = await twoChampions();
      const remove = (path: string, input: object) => server.call('DELETE', path, input);
      for (const [what, { version, runId, modelId }] of Object.entries({
        'is the champion of': two,
        'would be rolled back to': one,
      })) {
        const attempts = [
          await remove('model-versions/delete', { name: name(), version: String(version) }),
          await server.post('runs/delete', { run_id: runId }),
          await server.call('DELETE', `logged-models/${modelId}`),
        ];
        for (const attempt of attempts) expect(refusal(attempt)).toContain(what);
      }
      expect(refusal(await remove('registered-models/delete', { name: name() }))).toContain(wine.service);
      const experiment = { experiment_id: wine.experimentId };
      expect(refusal(await server.post('experiments/delete', experiment))).toContain(wine.service);
      expect((await server.get('experiments/get', experiment)).body.experiment.lifecycle_stage).toBe('active');
    });

    test('leaves other experiments as free as in MLflow', async () => {
      await twoChampions();
      const { experiment_id } = (await server.post('experiments/create', { name: `beside ${wine.experiment}` })).body;
      await server.post('runs/create', { experiment_id });
      expect((await server.post('experiments/delete', { experiment_id })).status).toBe(200);
    });

    test('can be deleted once nothing needs it', async () => {
      const { one } = await twoChampions();
      await wine.log({ accuracy: 0.95 });
      await wine.select('prod');
      const answer = await server.call('DELETE', 'model-versions/delete', {
        name: name(),
        version: String(one.version),
      });
      expect(answer.status).toBe(200);
      const { candidates } = await wine.select('prod');
      expect(candidates.filter(({ version }: Json) => version === one.version)).toEqual([]);
    });

    test('that waits for an approval cannot be deleted', async () => {
      await fresh({ service: '    perEnvironment: { prod: { approval: always } }' });
      const { version } = await wine.log({ accuracy: 0.8 });
      await wine.select('prod');
      const gone = await server.call('DELETE', 'model-versions/delete', { name: name(), version: String(version) });
      const { id } = (await wine.slot('prod')).openApproval;
      expect(refusal(gone)).toContain(id);
      expect(refusal(await server.post('experiments/delete', { experiment_id: wine.experimentId }))).toContain(id);
    });
  });

  describe('a registered model that is renamed', () => {
    const rename = (to: string) => server.post('registered-models/rename', { name: name(), new_name: to });

    test('takes its allowances along', async () => {
      const { two } = await twoChampions();
      const other = `${name()}-renamed`;
      expect((await rename(other)).status).toBe(200);
      expect((await wine.slot('prod')).allow).toEqual({ [other]: '<=1.0' });
      expect((await wine.slot('prod')).champion).toMatchObject({ registeredModel: other, version: two.version });
    });

    test('is refused while the file that was applied names it', async () => {
      await twoChampions();
      await wine.apply({}, { managed: 'file' });
      expect(refusal(await rename(`${name()}-renamed`))).toContain('cellar.yaml');
    });
  });

  test("a deleted and recreated name begins anew: the old version's records are not its own", async () => {
    await fresh({ prod: 'AImodel: "<=1.0", MLmodel: "*"' });
    await wine.log({ accuracy: 0.7 });
    await wine.select('prod');
    await wine.log({ name: 'MLmodel', accuracy: 0.8 });
    await wine.select('prod');
    await wine.act('prod', 'rollback', { reason: 'not yet' });
    const ml = wine.model('MLmodel');
    expect((await server.call('DELETE', 'registered-models/delete', { name: ml })).status).toBe(200);
    const again = await wine.log({ name: 'MLmodel', accuracy: 0.9 });
    expect(again.version).toBe(1);
    await wine.act('prod', 'release', {
      reason: 'the pin',
      registeredModel: wine.model('AImodel'),
      version: 1,
    });
    await wine.settled();
    expect(await wine.champion('prod')).toBe('MLmodel 1');
  });
});
