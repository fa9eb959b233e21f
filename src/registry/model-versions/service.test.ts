import { expect, it } from 'vitest';
import { aSource, codeOf, withRegistry } from '../../../test/support/registry.ts';
import { onEveryEngine } from '../../../test/support/stores.ts';

onEveryEngine((engine) => {
  const registry = withRegistry(engine);
  const models = () => registry.registeredModels;
  const versions = () => registry.modelVersions;
  const aModel = (name: string) => models().create({ name, description: undefined, tags: [] });
  const aVersion = (name: string, input: Partial<typeof aSource> | object = {}) =>
    versions().create({ ...aSource, ...input, name });
  const page = (filter?: string, orderBy: string[] = [], maxResults?: number, pageToken?: string) =>
    versions().search({ filter, orderBy, maxResults, pageToken });
  const found = async (...args: Parameters<typeof page>) =>
    (await page(...args)).versions.map(({ name, version }) => `${name}/${version}`);

  it('creates a version that is ready at once', async () => {
    await aModel('created');
    const tags = [
      { key: 'k', value: '1' },
      { key: 'k', value: '2' },
    ];
    const version = await aVersion('created', { runLink: 'http://run', description: 'text', tags });
    expect(version).toMatchObject({
      name: 'created',
      version: 1,
      stage: 'None',
      status: 'READY',
      description: 'text',
      source: 's3://bucket/model',
      runId: '',
      runLink: 'http://run',
      tags: [{ key: 'k', value: '2' }],
      aliases: [],
      creationTime: registry.now,
      lastUpdatedTime: registry.now,
    });
    expect(await versions().get('created', '1')).toEqual(version);
    expect((await aVersion('created')).description).toBe('');
  });

  it('numbers versions without gap or double when many are created at once', async () => {
    await aModel('busy');
    await aModel('busier');
    const made = Array.from({ length: 40 }, (_, i) => aVersion(i % 2 === 0 ? 'busy' : 'busier'));
    const refused = Array.from({ length: 10 }, () =>
      codeOf(aVersion('busy', { runId: 'r1', source: 'runs:/other/x' })),
    );
    const numbers = (await Promise.all(made)).filter(({ name }) => name === 'busy').map(({ version }) => version);
    expect(numbers.sort((a, b) => a - b)).toEqual(Array.from({ length: 20 }, (_, i) => i + 1));
    expect(new Set(await Promise.all(refused))).toEqual(new Set(['INVALID_PARAMETER_VALUE']));
    expect((await aVersion('busy')).version).toBe(21);
  });

  it('does not give out the number of a deleted version again', async () => {
    await aModel('numbered');
    await aVersion('numbered');
    await aVersion('numbered');
    await versions().delete('numbered', '2');
    expect((await aVersion('numbered')).version).toBe(3);
  });

  it('hides a deleted version everywhere, with its aliases and tags', async () => {
    await aModel('hidden');
    await aVersion('hidden', { runId: 'secret-run', description: 'secret' });
    await aVersion('hidden');
    await models().setAlias('hidden', 'champion', '1');
    await models().setAlias('hidden', 'other', '2');
    await versions().transition('hidden', '1', 'Production', false);
    await versions().delete('hidden', '1');
    for (const act of [
      () => versions().get('hidden', '1'),
      () => versions().update('hidden', '1', 'x'),
      () => versions().transition('hidden', '1', 'None', false),
      () => versions().delete('hidden', '1'),
      () => versions().downloadUri('hidden', '1'),
      () => versions().setTag('hidden', '1', { key: 'k', value: 'v' }),
      () => versions().deleteTag('hidden', '1', 'k'),
      () => models().setAlias('hidden', 'champion', '1'),
    ])
      expect(await codeOf(act())).toBe('RESOURCE_DOES_NOT_EXIST');
    expect(await codeOf(models().getByAlias('hidden', 'champion'))).toBe('INVALID_PARAMETER_VALUE');
    expect((await models().get('hidden')).aliases).toEqual([{ alias: 'other', version: 2 }]);
    expect(await found("name = 'hidden'")).toEqual(['hidden/2']);
    expect(await found("run_id = 'secret-run'")).toEqual([]);
  });

  it('wants an integer for a version', async () => {
    await aModel('integers');
    for (const version of ['x', '1.0', '', ' 1', '1e3', 'latest', '٣'])
      expect(await codeOf(versions().get('integers', version))).toBe('INVALID_PARAMETER_VALUE');
    for (const version of ['1', '0', '-1', '99999999999999999999999'])
      expect(await codeOf(versions().get('integers', version))).toBe('RESOURCE_DOES_NOT_EXIST');
  });

  it('sets a description, and clears it when an update brings none', async () => {
    await aModel('described');
    await aVersion('described', { description: 'one' });
    registry.now += 1000;
    expect(await versions().update('described', '1', 'two')).toMatchObject({
      description: 'two',
      lastUpdatedTime: registry.now,
    });
    expect((await versions().update('described', '1', '')).description).toBe('');
    expect((await versions().update('described', '1', undefined)).description).toBeNull();
  });

  it('moves a version from any stage to any other, several sharing one', async () => {
    await aModel('moved');
    await aVersion('moved');
    await aVersion('moved');
    for (const [to, stage] of [
      ['PRODUCTION', 'Production'],
      ['none', 'None'],
      ['Archived', 'Archived'],
      ['staging', 'Staging'],
    ] as const)
      expect((await versions().transition('moved', '1', to, false)).stage).toBe(stage);
    await versions().transition('moved', '2', 'Staging', false);
    expect((await versions().get('moved', '1')).stage).toBe('Staging');
    expect(await codeOf(versions().transition('moved', '1', 'gone', false))).toBe('INVALID_PARAMETER_VALUE');
  });

  it('archives what else the stage held, at the same moment, and nothing else', async () => {
    await aModel('archived');
    for (let i = 0; i < 4; i++) await aVersion('archived');
    await versions().transition('archived', '1', 'Production', false);
    await versions().transition('archived', '2', 'Staging', false);
    await versions().transition('archived', '3', 'Production', false);
    const before = registry.now;
    registry.now += 1000;
    await versions().transition('archived', '4', 'Production', true);
    const all = await Promise.all(['1', '2', '3', '4'].map((version) => versions().get('archived', version)));
    expect(all.map(({ stage }) => stage)).toEqual(['Archived', 'Staging', 'Archived', 'Production']);
    expect(all.map(({ lastUpdatedTime }) => lastUpdatedTime)).toEqual([
      registry.now,
      before,
      registry.now,
      registry.now,
    ]);
    expect((await versions().transition('archived', '4', 'Production', true)).stage).toBe('Production');
    for (const stage of ['None', 'Archived'])
      expect(await codeOf(versions().transition('archived', '4', stage, true))).toBe('INVALID_PARAMETER_VALUE');
  });

  it('leaves one version in a stage when several are moved there at once with archiving', async () => {
    await aModel('raced');
    for (let i = 0; i < 8; i++) await aVersion('raced');
    await Promise.all([1, 2, 3, 4, 5, 6, 7, 8].map((i) => versions().transition('raced', `${i}`, 'Production', true)));
    const stages = (await page("name = 'raced'")).versions.map(({ stage }) => stage);
    expect(stages.sort()).toEqual([...Array(7).fill('Archived'), 'Production']);
  });

  it('keeps a runs:/ source as it is, also as the place to load it from', async () => {
    await aModel('from-run');
    await aVersion('from-run', { source: 'runs:/r1/model', runId: 'r1' });
    expect(await versions().downloadUri('from-run', '1')).toBe('runs:/r1/model');
    expect(await codeOf(aVersion('from-run', { source: 'runs:/r1/model' }))).toBe('INVALID_PARAMETER_VALUE');
  });

  it('accepts a proxied source only inside the artifacts of the run', async () => {
    await aModel('proxied');
    await registry.aRun({ runId: 'run-a', artifactUri: 'mlflow-artifacts:/1/run-a/artifacts' });
    await registry.aRun({ runId: 'run-b', artifactUri: 'mlflow-artifacts:/1/run-b/artifacts' });
    const source = 'mlflow-artifacts:/1/run-a/artifacts/model';
    expect(await aVersion('proxied', { source, runId: 'run-a' })).toMatchObject({ source, runId: 'run-a' });
    expect(await versions().downloadUri('proxied', '1')).toBe(source);
    for (const runId of ['run-b', 'run-c', undefined, ''])
      expect(await codeOf(aVersion('proxied', { source, runId }))).toBe('INVALID_PARAMETER_VALUE');
    const url = 'http://cellar.test/api/2.0/mlflow-artifacts/artifacts/1/run-a/artifacts/model';
    await aVersion('proxied', { source: url, runId: 'run-a', ownHost: 'cellar.test' });
    expect(await versions().downloadUri('proxied', '2')).toBe(source);
    for (const ownHost of ['other.test', undefined, 'cellar.test:81', 'not a host'])
      expect(await codeOf(aVersion('proxied', { source: url, runId: 'run-a', ownHost }))).toBe(
        'INVALID_PARAMETER_VALUE',
      );
  });

  it('resolves a logged model to its place and run, and notes the version on it', async () => {
    await aModel('logged');
    const model = {
      modelId: 'm-logged',
      artifactUri: 'mlflow-artifacts:/1/models/m-logged/artifacts',
      sourceRunId: 'run-l',
    };
    await registry.aLoggedModel(model);
    const input = { source: 'models:/m-logged', modelId: 'm-logged' };
    expect(await aVersion('logged', input)).toMatchObject({
      source: 'models:/m-logged',
      runId: 'run-l',
      modelId: 'm-logged',
    });
    expect(await versions().downloadUri('logged', '1')).toBe(model.artifactUri);
    expect(await registry.notedOn('m-logged')).toBe('logged/1');
    expect(await codeOf(aVersion('logged', { source: 'models:/m-gone', modelId: 'm-gone' }))).toBe(
      'RESOURCE_DOES_NOT_EXIST',
    );
    expect(await codeOf(aVersion('logged', { source: 's3://b/x', modelId: 'm-gone' }))).toBe('RESOURCE_DOES_NOT_EXIST');
    expect(await codeOf(aVersion('logged', { ...input, modelId: undefined }))).toBe('INVALID_PARAMETER_VALUE');
    expect((await aVersion('logged', { source: `${model.artifactUri}/sub`, modelId: 'm-logged' })).version).toBe(2);
  });

  it('copies a version by number, stage, alias or latest, and pins which one it was', async () => {
    await aModel('origin');
    await aModel('copy');
    await registry.aLoggedModel({ modelId: 'm-origin', artifactUri: 'mlflow-artifacts:/2/m', sourceRunId: 'run-o' });
    await aVersion('origin', { source: 'models:/m-origin', modelId: 'm-origin' });
    await aVersion('origin');
    await versions().transition('origin', '1', 'Production', false);
    await models().setAlias('origin', 'champion', '1');
    const copied = async (reference: string) =>
      (await aVersion('copy', { source: `models:/origin${reference}` })).source;
    expect(await copied('/1')).toBe('models:/origin/1');
    expect(await copied('/production')).toBe('models:/origin/1');
    expect(await copied('@champion')).toBe('models:/origin/1');
    expect(await copied('/latest')).toBe('models:/origin/2');
    expect(await copied('@latest')).toBe('models:/origin/2');
    expect(await versions().get('copy', '1')).toMatchObject({ runId: 'run-o', modelId: 'm-origin' });
    expect(await versions().downloadUri('copy', '1')).toBe('mlflow-artifacts:/2/m');
    expect(await registry.notedOn('m-origin')).toContain('copy/1');
    expect(await aVersion('copy', { source: 'models:/copy/1' })).toMatchObject({ source: 'models:/copy/1' });
    expect(await versions().downloadUri('copy', '6')).toBe('mlflow-artifacts:/2/m');
    const refused = (reference: string, input = {}) =>
      codeOf(aVersion('copy', { source: `models:/${reference}`, ...input }));
    expect(await refused('nothing/1')).toBe('RESOURCE_DOES_NOT_EXIST');
    expect(await refused('origin/9')).toBe('RESOURCE_DOES_NOT_EXIST');
    expect(await refused('origin/Staging')).toBe('RESOURCE_DOES_NOT_EXIST');
    expect(await refused('origin/prod')).toBe('INVALID_PARAMETER_VALUE');
    expect(await refused('origin@challenger')).toBe('INVALID_PARAMETER_VALUE');
    expect(await refused('origin/1', { runId: 'another' })).toBe('INVALID_PARAMETER_VALUE');
    expect(await refused('origin/1', { runId: 'run-o', modelId: 'm-origin' })).toBe('none');
  });

  it('never takes a prompt as the source of a model version, and checks a source whatever the tags say', async () => {
    const prompt = { key: 'mlflow.prompt.is_prompt', value: 'true' };
    await models().create({ name: 'prompted', description: undefined, tags: [prompt] });
    await aVersion('prompted', { tags: [prompt] });
    await aModel('unprompted');
    expect(await codeOf(aVersion('unprompted', { source: 'models:/prompted/1' }))).toBe('INVALID_PARAMETER_VALUE');
    for (const source of ['/etc', 'file:///etc/passwd', 'http://169.254.169.254/latest', 'mlflow-artifacts:/1/x'])
      expect(await codeOf(aVersion('prompted', { source, tags: [prompt] }))).toBe('INVALID_PARAMETER_VALUE');
  });

  it('refuses ids that no run or logged model can have', async () => {
    await aModel('ids');
    for (const id of ['a b', '../x', 'x'.repeat(257), '-x']) {
      expect(await codeOf(aVersion('ids', { runId: id }))).toBe('INVALID_PARAMETER_VALUE');
      expect(await codeOf(aVersion('ids', { modelId: id }))).toBe('INVALID_PARAMETER_VALUE');
    }
    expect((await aVersion('ids', { runId: '', modelId: '' })).runId).toBe('');
  });

  it('does not answer a location that the operator has since forbidden', async () => {
    await aModel('narrowed');
    await aVersion('narrowed');
    const narrowed = registry.allowing({ schemes: ['gs'], localRoots: [] }).modelVersions;
    expect(await codeOf(narrowed.downloadUri('narrowed', '1'))).toBe('INVALID_PARAMETER_VALUE');
    expect(await versions().downloadUri('narrowed', '1')).toBe('s3://bucket/model');
  });

  it('sets, replaces and removes tags', async () => {
    await aModel('tagged');
    await aVersion('tagged');
    await versions().setTag('tagged', '1', { key: 'k', value: 'one' });
    await versions().setTag('tagged', '1', { key: 'k', value: 'x'.repeat(100_000) });
    expect((await versions().get('tagged', '1')).tags[0]?.value).toHaveLength(100_000);
    await versions().deleteTag('tagged', '1', 'k');
    await versions().deleteTag('tagged', '1', 'k');
    expect((await versions().get('tagged', '1')).tags).toEqual([]);
    const long = { key: 'k', value: 'x'.repeat(100_001) };
    expect(await codeOf(versions().setTag('tagged', '1', long))).toBe('INVALID_PARAMETER_VALUE');
  });

  it('searches versions by name, run, source, number and tag', async () => {
    await aModel('find-a');
    await aModel('find-b');
    await aVersion('find-a', { runId: 'fr1', tags: [{ key: 'env', value: 'INT' }] });
    registry.now += 1000;
    await aVersion('find-b', { source: 's3://Other/model', tags: [{ key: 'env', value: 'PROD' }] });
    await aVersion('find-b', { runId: 'fr2', tags: [{ key: 'mlflow.prompt.is_prompt', value: 'true' }] });
    await aVersion('find-b');
    expect(await found("name = 'find-b'")).toEqual(['find-b/3', 'find-b/1']);
    expect(await found("name LIKE 'find-%'")).toEqual(['find-b/3', 'find-b/1', 'find-a/1']);
    expect(await found("run_id = 'fr1'")).toEqual(['find-a/1']);
    expect(await found("run_id IN ('fr1', 'fr2', 'fr3')")).toEqual(['find-a/1']);
    expect(await found("source_path ILIKE 's3://other%'")).toEqual(['find-b/1']);
    expect(await found("name = 'find-b' AND version_number > 1")).toEqual(['find-b/3']);
    expect(await found("name = 'find-b' AND version_number = '1'")).toEqual(['find-b/1']);
    expect(await found("tags.env = 'INT'")).toEqual(['find-a/1']);
    expect(await found("name LIKE 'find-%' AND tag.env != 'INT'")).toEqual(['find-b/1']);
    expect(await found("name LIKE 'find-%' AND tag.`mlflow.prompt.is_prompt` = 'true'")).toEqual(['find-b/2']);
    expect(await found("name LIKE 'find-%'", ['name ASC', 'creation_timestamp'])).toEqual([
      'find-a/1',
      'find-b/3',
      'find-b/1',
    ]);
    for (const filter of [
      "version = '1'",
      "current_stage = 'None'",
      "aliases = 'x'",
      'tags.env IS NULL',
      "version_number = 'x'",
    ])
      expect(await codeOf(page(filter))).toBe('INVALID_PARAMETER_VALUE');
  });

  it('pages through every order without losing or repeating a version', async () => {
    for (const name of ['page-b', 'page-a']) {
      await aModel(name);
      for (let i = 0; i < 4; i++) {
        registry.now += i % 2;
        await aVersion(name);
      }
    }
    const filter = "name LIKE 'page-%'";
    for (const orderBy of [
      [],
      ['name'],
      ['version_number DESC'],
      ['creation_timestamp', 'version_number'],
      ['last_updated_timestamp'],
    ]) {
      const whole = await found(filter, orderBy);
      expect(whole).toHaveLength(8);
      const paged: string[] = [];
      let token: string | undefined;
      do {
        const { versions: some, nextPageToken } = await page(filter, orderBy, 3, token);
        paged.push(...some.map(({ name, version }) => `${name}/${version}`));
        token = nextPageToken;
      } while (token !== undefined);
      expect(paged).toEqual(whole);
    }
    for (const size of [0, -1, 200_001]) expect(await codeOf(page(filter, [], size))).toBe('INVALID_PARAMETER_VALUE');
  });
});
