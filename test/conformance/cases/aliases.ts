import { aRegisteredModel, aVersion, given } from '../givens.ts';
import { at, type Json } from '../json.ts';
import { answersHere, capability, del, get, post, type Step, sequence } from '../sequence.ts';

const wine = 'wine-{{unique}}';
const three = (): Step[] => [aRegisteredModel(), aVersion(), aVersion(), aVersion()];

const alias = (name: Json, version: Json) => post('registered-models/alias', { name: wine, alias: name, version });
const whose = (name: string) =>
  get('registered-models/alias', { name: wine, alias: name }, { see: 'model_version.version,aliases' });
const drop = (name: Json) => del('registered-models/alias', { name: wine, alias: name });
const aliases = () => get('registered-models/get', { name: wine }, { see: 'registered_model.aliases' });

export const modelAliases = capability('aliases', [
  sequence(
    'sets an alias and finds the version by it',
    ...three(),
    alias('champion', '2'),
    get('registered-models/alias', { name: wine, alias: 'champion' }),
    get('registered-models/get', { name: wine }),
  ),
  sequence(
    'moves an alias',
    ...three(),
    alias('champion', '1'),
    alias('champion', '3'),
    whose('champion'),
    aliases(),
    get('model-versions/get', { name: wine, version: '1' }, { see: 'model_version.aliases' }),
  ),
  sequence(
    'gives several aliases to one version',
    ...three(),
    alias('a', '1'),
    alias('b', '1'),
    aliases(),
    get('model-versions/get', { name: wine, version: '1' }, { see: 'model_version.aliases' }),
  ),
  sequence(
    'deletes an alias, also one that is not there',
    ...three(),
    alias('champion', '1'),
    drop('champion'),
    drop('champion'),
    whose('champion'),
    aliases(),
  ),
  sequence(
    'deletes an alias with its version',
    ...three(),
    alias('champion', '1'),
    given(del('model-versions/delete', { name: wine, version: '1' })),
    whose('champion'),
    aliases(),
  ),
  sequence('refuses an alias that is not there', ...three(), whose('none')),
  sequence(
    'does not know a model that is not there',
    get('registered-models/alias', { name: 'never-{{unique}}', alias: 'a' }),
    del('registered-models/alias', { name: 'never-{{unique}}', alias: 'a' }),
    post('registered-models/alias', { name: 'never-{{unique}}', alias: 'a', version: '1' }),
  ),
  sequence('refuses an alias for a version that is not there', ...three(), alias('a', '9'), alias('a', 'x')),
  sequence(
    'asks for what it needs',
    ...three(),
    post('registered-models/alias', { name: wine, alias: 'a' }),
    post('registered-models/alias', { name: wine, version: '1' }),
    post('registered-models/alias', { alias: 'a', version: '1' }),
    get('registered-models/alias', { name: wine }),
    get('registered-models/alias', { alias: 'a' }),
    del('registered-models/alias', { name: wine }),
  ),
  ...['latest', 'Latest', 'LATEST', 'v1', 'V23', 'a b', 'a.b', 'a/b', 'a@b', 'ünï code', '', 'x'.repeat(256)].map(
    (name) =>
      sequence(
        `refuses the alias ${name.length > 20 ? `of ${name.length} characters` : JSON.stringify(name)}`,
        ...three(),
        alias(name, '1'),
      ),
  ),
  sequence(
    'takes other aliases',
    ...three(),
    ...['a', 'a-b_c', '1', 'version1', 'v', 'v1a', 'ünï', '名前', 'x'.repeat(255)].map((name) => alias(name, '1')),
    aliases(),
  ),
  sequence(
    'tells aliases apart by case',
    ...three(),
    alias('champion', '1'),
    alias('Champion', '2'),
    whose('champion'),
    whose('Champion'),
  ),
  sequence('finds the highest version as latest', ...three(), whose('latest'), whose('LATEST')),
  sequence('finds no latest of a model without versions', aRegisteredModel(), whose('latest')),
  sequence('is given a version as a number', ...three(), alias('a', 1)),
  sequence(
    'shows aliases with the latest versions of a model',
    ...three(),
    given(alias('champion', '3')),
    answersHere(
      'says more',
      ['champion'],
      get(
        'registered-models/get',
        { name: wine },
        { see: (body) => at(body, 'registered_model.latest_versions.0.aliases') ?? 'none' },
      ),
    ),
  ),
  sequence(
    'shows aliases where versions are changed and listed',
    ...three(),
    given(alias('champion', '1')),
    post(
      'model-versions/transition-stage',
      { name: wine, version: '1', stage: 'Staging' },
      { see: 'model_version.aliases' },
    ),
    post(
      'registered-models/get-latest-versions',
      { name: wine, stages: ['Staging'] },
      { see: 'model_versions.*.aliases' },
    ),
    answersHere(
      'says more',
      [['champion'], null, null],
      get(
        'model-versions/search',
        { filter: "name = 'wine-{{unique}}'", order_by: 'version_number' },
        { see: 'model_versions.*.aliases' },
      ),
    ),
  ),
]);
