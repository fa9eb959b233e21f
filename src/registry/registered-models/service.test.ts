import { expect, it } from 'vitest';
import { aSource, codeOf, withRegistry } from '../../../test/support/registry.ts';
import { onEveryEngine } from '../../../test/support/stores.ts';

onEveryEngine((engine) => {
  const registry = withRegistry(engine);
  const models = () => registry.registeredModels;
  const versions = () => registry.modelVersions;
  const aModel = (name: string, tags: { key: string; value: string }[] = []) =>
    models().create({ name, description: undefined, tags });
  const aVersion = (name: string) => versions().create({ ...aSource, name });
  const page = (filter?: string, orderBy: string[] = [], maxResults?: number, pageToken?: string) =>
    models().search({ filter, orderBy, maxResults, pageToken });
  const names = async (...args: Parameters<typeof page>) => (await page(...args)).models.map((model) => model.name);

  it('creates a model with its description and tags, the last of equal keys counting', async () => {
    const tags = [
      { key: 'team', value: 'red' },
      { key: 'team', value: 'blue' },
      { key: '__proto__', value: '' },
    ];
    const model = await models().create({ name: 'created', description: 'What it is for', tags });
    expect(model).toMatchObject({ name: 'created', description: 'What it is for', latestVersions: [], aliases: [] });
    expect(model).toMatchObject({ creationTime: registry.now, lastUpdatedTime: registry.now });
    expect(model.tags).toEqual([
      { key: '__proto__', value: '' },
      { key: 'team', value: 'blue' },
    ]);
    expect(await models().get('created')).toEqual(model);
  });

  it('refuses a name that is taken, also of ten creations at once', async () => {
    const codes = await Promise.all(Array.from({ length: 10 }, () => codeOf(aModel('contested'))));
    expect(codes.sort()).toEqual([...Array(9).fill('RESOURCE_ALREADY_EXISTS'), 'none']);
  });

  it('tells names apart by their bytes', async () => {
    for (const name of ['Case', 'case', 'case ', 'café', 'cafe\u0301']) await aModel(name);
    expect((await models().get('case ')).name).toBe('case ');
    expect(await codeOf(models().get('CASE'))).toBe('RESOURCE_DOES_NOT_EXIST');
  });

  it.each([
    ['a blank name', { name: ' ', tags: [] }],
    ['a name with a slash', { name: 'a/b', tags: [] }],
    ['a tag key that is a path', { name: 'ok', tags: [{ key: '../x', value: '' }] }],
    ['a tag value that is too long', { name: 'ok', tags: [{ key: 'k', value: 'x'.repeat(100_001) }] }],
  ])('refuses %s', async (_, input) =>
    expect(await codeOf(models().create({ description: undefined, ...input }))).toBe('INVALID_PARAMETER_VALUE'),
  );

  it('says that a model is not there, whatever is asked of it', async () => {
    const missing = 'never-made';
    const acts = [
      models().get(missing),
      models().update(missing, 'x'),
      models().rename(missing, 'other'),
      models().delete(missing),
      models().latestVersions(missing, []),
      models().setTag(missing, { key: 'k', value: 'v' }),
      models().deleteTag(missing, 'k'),
      models().setAlias(missing, 'champion', '1'),
      models().deleteAlias(missing, 'champion'),
      models().getByAlias(missing, 'champion'),
      models().getByAlias(missing, 'latest'),
      aVersion(missing),
    ];
    expect(new Set(await Promise.all(acts.map(codeOf)))).toEqual(new Set(['RESOURCE_DOES_NOT_EXIST']));
  });

  it('moves the time of the last update on update, rename, and acts on versions, not on tags and aliases', async () => {
    await aModel('timed');
    const moved = async (act: () => Promise<unknown>, name = 'timed') => {
      registry.now += 1000;
      await act();
      return (await models().get(name)).lastUpdatedTime === registry.now;
    };
    expect(await moved(() => aVersion('timed'))).toBe(true);
    expect(await moved(() => models().update('timed', 'text'))).toBe(true);
    expect(await moved(() => models().setTag('timed', { key: 'k', value: 'v' }))).toBe(false);
    expect(await moved(() => models().deleteTag('timed', 'k'))).toBe(false);
    expect(await moved(() => models().setAlias('timed', 'champion', '1'))).toBe(false);
    expect(await moved(() => models().deleteAlias('timed', 'champion'))).toBe(false);
    expect(await moved(() => versions().setTag('timed', '1', { key: 'k', value: 'v' }))).toBe(false);
    expect(await moved(() => versions().update('timed', '1', 'text'))).toBe(false);
    expect(await moved(() => versions().transition('timed', '1', 'staging', false))).toBe(true);
    expect(await moved(() => versions().delete('timed', '1'))).toBe(true);
    expect(await moved(() => models().rename('timed', 'timed-2'), 'timed-2')).toBe(true);
  });

  it('clears the description when an update brings none', async () => {
    await models().create({ name: 'described', description: 'text', tags: [] });
    expect((await models().update('described', undefined)).description).toBeNull();
  });

  it('renames with versions, tags and aliases, and moves the time of its versions', async () => {
    await aModel('old', [{ key: 'k', value: 'v' }]);
    await aVersion('old');
    await versions().setTag('old', '1', { key: 'k', value: 'v' });
    await models().setAlias('old', 'champion', '1');
    registry.now += 1000;
    const renamed = await models().rename('old', 'new');
    expect(renamed).toMatchObject({ name: 'new', tags: [{ key: 'k', value: 'v' }], aliases: [{ alias: 'champion' }] });
    expect(await models().getByAlias('new', 'champion')).toMatchObject({
      name: 'new',
      lastUpdatedTime: registry.now,
      tags: [{ key: 'k', value: 'v' }],
    });
    expect(await codeOf(models().get('old'))).toBe('RESOURCE_DOES_NOT_EXIST');
  });

  it('refuses to rename to a taken name, and lets one of several renames have a free one', async () => {
    for (const name of ['first', 'second', 'third']) await aModel(name);
    expect(await codeOf(models().rename('first', 'second'))).toBe('RESOURCE_ALREADY_EXISTS');
    expect(await codeOf(models().rename('first', 'first'))).toBe('none');
    expect(await codeOf(models().rename('first', 'a:b'))).toBe('INVALID_PARAMETER_VALUE');
    const free = [models().rename('first', 'free'), models().rename('second', 'free'), aModel('free')];
    const codes = await Promise.all(free.map(codeOf));
    expect(codes.sort()).toEqual(['RESOURCE_ALREADY_EXISTS', 'RESOURCE_ALREADY_EXISTS', 'none']);
  });

  it('deletes a model with all of it, and starts again at version 1 under the same name', async () => {
    await aModel('gone', [{ key: 'k', value: 'v' }]);
    await aVersion('gone');
    await aVersion('gone');
    await versions().setTag('gone', '2', { key: 'k', value: 'v' });
    await versions().transition('gone', '2', 'Production', false);
    await models().setAlias('gone', 'champion', '2');
    await models().delete('gone');
    expect(await codeOf(models().get('gone'))).toBe('RESOURCE_DOES_NOT_EXIST');
    expect(await codeOf(versions().get('gone', '2'))).toBe('RESOURCE_DOES_NOT_EXIST');
    expect(await aModel('gone')).toMatchObject({ tags: [], aliases: [], latestVersions: [] });
    expect(await aVersion('gone')).toMatchObject({ version: 1, stage: 'None', tags: [], aliases: [] });
  });

  it('answers the highest version of each stage', async () => {
    await aModel('staged');
    for (let i = 0; i < 6; i++) await aVersion('staged');
    await versions().transition('staged', '1', 'Production', false);
    await versions().transition('staged', '3', 'Production', false);
    await versions().transition('staged', '2', 'Archived', false);
    await versions().delete('staged', '6');
    const latest = async (...stages: string[]) =>
      (await models().latestVersions('staged', stages)).map(({ version, stage }) => `${version} ${stage}`);
    expect(await latest()).toEqual(['2 Archived', '3 Production', '5 None']);
    expect(await latest('PRODUCTION', 'none', 'production')).toEqual(['3 Production', '5 None']);
    expect(await latest('Staging')).toEqual([]);
    expect((await models().get('staged')).latestVersions.map((version) => version.version)).toEqual([2, 3, 5]);
    expect(await codeOf(models().latestVersions('staged', ['Production', 'prod']))).toBe('INVALID_PARAMETER_VALUE');
  });

  it('points an alias to one version at a time', async () => {
    await aModel('aliased');
    await aVersion('aliased');
    await aVersion('aliased');
    await models().setAlias('aliased', 'champion', '1');
    await models().setAlias('aliased', 'Champion', '1');
    await models().setAlias('aliased', 'champion', '2');
    expect((await models().get('aliased')).aliases).toEqual([
      { alias: 'Champion', version: 1 },
      { alias: 'champion', version: 2 },
    ]);
    expect(await models().getByAlias('aliased', 'champion')).toMatchObject({ version: 2, aliases: ['champion'] });
    expect((await models().getByAlias('aliased', 'LATEST')).version).toBe(2);
    await models().deleteAlias('aliased', 'champion');
    await models().deleteAlias('aliased', 'champion');
    expect(await codeOf(models().getByAlias('aliased', 'champion'))).toBe('INVALID_PARAMETER_VALUE');
    expect(await codeOf(models().setAlias('aliased', 'champion', '9'))).toBe('RESOURCE_DOES_NOT_EXIST');
    expect(await codeOf(models().setAlias('aliased', 'champion', 'one'))).toBe('INVALID_PARAMETER_VALUE');
    expect(await codeOf(models().setAlias('aliased', 'v1', '1'))).toBe('INVALID_PARAMETER_VALUE');
  });

  it('has no latest version before the first', async () => {
    await aModel('empty');
    expect(await codeOf(models().getByAlias('empty', 'latest'))).toBe('RESOURCE_DOES_NOT_EXIST');
    expect(await models().latestVersions('empty', [])).toEqual([]);
  });

  it('sets and replaces a tag, and removes one that may not be there', async () => {
    await aModel('tagged');
    await models().setTag('tagged', { key: 'k', value: 'one' });
    await models().setTag('tagged', { key: 'k', value: '' });
    expect((await models().get('tagged')).tags).toEqual([{ key: 'k', value: '' }]);
    await models().deleteTag('tagged', 'k');
    await models().deleteTag('tagged', 'k');
    expect((await models().get('tagged')).tags).toEqual([]);
    expect(await codeOf(models().setTag('tagged', { key: 'k'.repeat(251), value: '' }))).toBe(
      'INVALID_PARAMETER_VALUE',
    );
  });

  it('searches by name and tag, and shows prompts only where they are asked for', async () => {
    await aModel('find-Alpha', [{ key: 'colour', value: 'Red' }]);
    await aModel('find-beta', [{ key: 'colour', value: 'blue' }]);
    await aModel('find-gamma', [{ key: 'mlflow.prompt.is_prompt', value: 'false' }]);
    await aModel('find-prompt', [{ key: 'mlflow.prompt.is_prompt', value: 'true' }]);
    expect(await names("name LIKE 'find-%'")).toEqual(['find-Alpha', 'find-beta', 'find-gamma']);
    expect(await names("name LIKE 'find-a%'")).toEqual([]);
    expect(await names("name ILIKE 'FIND-a%'")).toEqual(['find-Alpha']);
    expect(await names("name = 'find-beta'")).toEqual(['find-beta']);
    expect(await names("name IN ('find-beta', 'find-Alpha', 'find-prompt')")).toEqual(['find-Alpha', 'find-beta']);
    expect(await names("tags.colour = 'blue'")).toEqual(['find-beta']);
    expect(await names("name LIKE 'find-%' AND tag.colour != 'blue'")).toEqual(['find-Alpha']);
    expect(await names("tags.colour ILIKE 'r_d'")).toEqual(['find-Alpha']);
    expect(await names("name LIKE 'find-%' AND tag.`mlflow.prompt.is_prompt` != 'true'")).toHaveLength(3);
    expect(await names("tag.`mlflow.prompt.is_prompt` = 'true'")).toEqual(['find-prompt']);
    expect(await names("name = 'find-beta' OR (name LIKE 'find-%' AND tags.colour LIKE 'R%')")).toEqual([
      'find-Alpha',
      'find-beta',
    ]);
    expect((await page("name = 'find-Alpha'")).models[0]).toEqual(await models().get('find-Alpha'));
    for (const filter of ['creation_timestamp > 1', 'name = 3', "name LIKE 'x", "stage = 'Production'"])
      expect(await codeOf(page(filter))).toBe('INVALID_PARAMETER_VALUE');
  });

  it('pages through every order without losing or repeating a model', async () => {
    for (let i = 0; i < 7; i++) {
      registry.now += i % 2;
      await aModel(`page-${6 - i}`);
    }
    const filter = "name LIKE 'page-%'";
    for (const orderBy of [
      [],
      ['name DESC'],
      ['timestamp'],
      ['last_updated_timestamp DESC'],
      ['timestamp DESC', 'name DESC'],
    ]) {
      const whole = await names(filter, orderBy);
      expect(whole).toHaveLength(7);
      const paged: string[] = [];
      let token: string | undefined;
      do {
        const { models: some, nextPageToken } = await page(filter, orderBy, 2, token);
        paged.push(...some.map((model) => model.name));
        token = nextPageToken;
      } while (token !== undefined);
      expect(paged).toEqual(whole);
    }
  });

  it('refuses page sizes and tokens that are not right', async () => {
    const { nextPageToken } = await page(undefined, [], 1);
    expect(await codeOf(page(undefined, [], 1, nextPageToken))).toBe('none');
    expect(await codeOf(page("name != 'x'", [], 1, nextPageToken))).toBe('INVALID_PARAMETER_VALUE');
    expect(await codeOf(page(undefined, ['name DESC'], 1, nextPageToken))).toBe('INVALID_PARAMETER_VALUE');
    expect(await codeOf(page(undefined, [], 1, 'garbage'))).toBe('INVALID_PARAMETER_VALUE');
    const [digest] = JSON.parse(Buffer.from(nextPageToken!, 'base64url').toString());
    for (const position of [[], [7], [null], ['a\0'], ['\ud800'], ['a', 'b'], [{}]]) {
      const forged = Buffer.from(JSON.stringify([digest, ...position])).toString('base64url');
      expect(await codeOf(page(undefined, [], 1, forged))).toBe('INVALID_PARAMETER_VALUE');
    }
    for (const size of [0, -1, 1001]) expect(await codeOf(page(undefined, [], size))).toBe('INVALID_PARAMETER_VALUE');
  });
});
