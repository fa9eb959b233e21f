import { expect, test } from 'vitest';
import { type Json, withServer } from '../../test/support/app.ts';
import { aService, type Settings, type TestService, withoutPython } from '../../test/support/environments.ts';
import { onEveryEngine } from '../../test/support/stores.ts';

onEveryEngine((engine) => {
  const server = withServer(engine, withoutPython);
  let wine: TestService;
  const fresh = async (settings: Settings = {}) => {
    wine = await aService(server);
    await wine.apply(settings);
  };

  test('applying twice changes nothing, and says so', async () => {
    await fresh();
    const again = await wine.apply();
    expect(again).toMatchObject({ changed: false, changes: [] });
    const { no, yaml, digest } = await wine.call('GET', 'configuration');
    const exported = await wine.call('PUT', 'configuration', { yaml });
    expect(exported).toMatchObject({ changed: false, no, digest });
  });

  test('a plan tells the settings that change and which model each environment would then serve', async () => {
    await fresh();
    await wine.log({ accuracy: 0.8 });
    const two = await wine.log({ accuracy: 0.9, code: '2.0' });
    await wine.select('int');
    await wine.select('prod');
    const same = await wine.plan();
    expect(same).toMatchObject({ changed: false, changes: [] });
    expect(same.slots.map(({ outcome }: Json) => outcome)).toEqual(['kept', 'kept']);
    const raised = await wine.plan({ prod: 'AImodel: "<=2.0"' });
    expect(raised.changed).toBe(true);
    expect(raised.changes).toMatchObject([{ before: '<=1.0', after: '<=2.0' }]);
    const prod = raised.slots.find(({ environment }: Json) => environment === 'prod');
    expect(prod).toMatchObject({ outcome: 'replaced', challenger: { version: two.version }, notEvaluated: 0 });
    expect(prod.margin).toBeCloseTo(0.1);
    expect(await wine.champion('prod')).toBe('AImodel 1');
    const { no } = await wine.call('GET', 'configuration');
    expect((await wine.call('GET', 'configuration')).no).toBe(no);
  });

  test('a mistake is refused with its place, and changes nothing', async () => {
    await fresh();
    const { digest } = await wine.call('GET', 'configuration');
    const broken = wine.yaml({ prod: 'AImodel: "<=1."' });
    const answer = await wine.refused('PUT', 'configuration', { yaml: broken, file: 'conf/cellar.yaml' });
    expect(answer).toMatchObject({ status: 400, body: { error_code: 'INVALID_PARAMETER_VALUE' } });
    expect(answer.body.message).toMatch(/^conf\/cellar\.yaml:\d+:\d+: .*<=1\./);
    const absent = await wine.refused('PUT', 'configuration', { yaml: wine.yaml({ holdout: `${wine.holdout}@9` }) });
    expect(absent.body.message).toContain('expected a version up to 1');
    const where = wine.yaml({ service: `    where: "tags.a = "` });
    expect((await wine.refused('PUT', 'configuration', { yaml: where })).body.message).toContain('where');
    expect((await wine.call('GET', 'configuration')).digest).toBe(digest);
  });

  test('an alias that a user has set is reported, and taken over only when that is said', async () => {
    wine = await aService(server);
    const one = await wine.log({ accuracy: 0.8 });
    const two = await wine.log({ accuracy: 0.9 });
    await wine.mlflow('registered-models/alias', {
      name: wine.model('AImodel'),
      alias: 'prod',
      version: String(one.version),
    });
    expect((await wine.plan()).aliasConflicts).toEqual([
      { service: wine.service, environment: 'prod', registeredModel: wine.model('AImodel'), version: one.version },
    ]);
    const answer = await wine.refused('PUT', 'configuration', { yaml: wine.yaml() });
    expect(answer).toMatchObject({ status: 400 });
    expect(answer.body.message).toContain('--adopt-aliases');
    expect(await wine.seen(one.version)).toEqual({ stage: 'None', aliases: ['prod'] });
    await wine.apply({}, { adoptAliases: true });
    await wine.select('prod');
    expect(await wine.seen(one.version)).toMatchObject({ aliases: [] });
    expect((await wine.seen(two.version)).aliases).toContain('prod');
  });

  test('what a range would admit and refuse is told before it is saved', async () => {
    await fresh();
    await wine.log({ accuracy: 0.8 });
    await wine.log({ accuracy: 0.9, code: '2.0' });
    await wine.log({ accuracy: 0.9, code: null });
    const ask = (range: string) =>
      wine.refused('POST', `${wine.place('prod')}/allowance-preview`, { allow: { [wine.model('AImodel')]: range } });
    const { body } = await ask('2.0.x');
    expect(body.admitted.map(({ codeVersion }: Json) => codeVersion)).toEqual(['2.0']);
    expect(body.refused.map(({ reason }: Json) => reason).sort()).toEqual(['no_code_version', 'outside_allowance']);
    expect(await ask('2.0 beta')).toMatchObject({ status: 400, body: { error_code: 'INVALID_PARAMETER_VALUE' } });
    expect((await wine.slot('prod')).allow).toEqual({ [wine.model('AImodel')]: '<=1.0' });
  });
});
