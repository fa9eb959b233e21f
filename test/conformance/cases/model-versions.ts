import { aRegisteredModel, aRunOfItsOwn, aVersion, described, given } from '../givens.ts';
import type { Json } from '../json.ts';
import { capability, del, get, patch, post, sequence } from '../sequence.ts';

const wine = 'wine-{{unique}}';
const create = (fields: { [name: string]: Json } = {}, see?: string) =>
  post(
    'model-versions/create',
    { name: wine, source: 's3://bucket/model', ...fields },
    see === undefined ? {} : { see },
  );
const read = (version: string, see?: string) =>
  get('model-versions/get', { name: wine, version }, see === undefined ? {} : { see });
const download = (version: string) => get('model-versions/get-download-uri', { name: wine, version });
const setTag = (key: Json, value?: Json, version: Json = '1') =>
  post('model-versions/set-tag', { name: wine, version, key, ...(value === undefined ? {} : { value }) });
const dropTag = (key: Json) => del('model-versions/delete-tag', { name: wine, version: '1', key });
const moved = (version: string) =>
  get(
    'model-versions/get',
    { name: wine, version },
    {
      see: (body) => {
        const { model_version: each } = JSON.parse(JSON.stringify(body));
        return each.last_updated_timestamp > each.creation_timestamp;
      },
    },
  );

export const modelVersions = capability('model versions', [
  sequence(
    'creates a version and reads it',
    ...aRunOfItsOwn(),
    aRegisteredModel(),
    create({
      run_id: '{{run}}',
      run_link: 'https://example.com/run',
      description: 'first',
      tags: [{ key: 'a', value: 'b' }],
    }),
    read('1'),
  ),
  sequence('creates a version of nothing but a name and a source', aRegisteredModel(), create(), read('1')),
  sequence(
    'numbers versions one after the other',
    aRegisteredModel(),
    create({}, 'model_version.version'),
    create({}, 'model_version.version'),
    create({}, 'model_version.version'),
  ),
  sequence(
    'does not use the number of a deleted version again',
    aRegisteredModel(),
    aVersion(),
    aVersion(),
    given(del('model-versions/delete', { name: wine, version: '2' })),
    create({}, 'model_version.version'),
  ),
  sequence(
    'asks for what it needs to create',
    post('model-versions/create', {}),
    aRegisteredModel(),
    post('model-versions/create', { name: wine }),
    post('model-versions/create', { source: 's3://b/m' }),
    create({ source: '' }),
    create({ source: 5 }),
  ),
  sequence(
    'does not create the model with its version',
    post('model-versions/create', { name: 'never-{{unique}}', source: 's3://bucket/model' }),
  ),
  sequence(
    'does not know what was never there',
    aRegisteredModel(),
    read('1'),
    get('model-versions/get', { name: 'never-{{unique}}', version: '1' }),
    patch('model-versions/update', { name: wine, version: '9', description: 'a' }),
    del('model-versions/delete', { name: wine, version: '9' }),
    setTag('a', 'b', '9'),
    del('model-versions/delete-tag', { name: wine, version: '9', key: 'a' }),
    download('9'),
  ),
  sequence(
    'refuses a version that is no number',
    aRegisteredModel(),
    aVersion(),
    read('a'),
    read('1.0'),
    read('-1'),
    read('0'),
    read(''),
    post('model-versions/transition-stage', { name: wine, version: 1, stage: 'Staging' }),
    post('model-versions/transition-stage', { name: wine, version: 'x', stage: 'Staging' }),
  ),
  sequence(
    'asks for what it needs to read',
    get('model-versions/get', { name: wine }),
    get('model-versions/get', { version: '1' }),
    get('model-versions/get-download-uri', { name: wine }),
    get('model-versions/get-download-uri'),
    patch('model-versions/update', { name: wine }),
    del('model-versions/delete', { name: wine }),
  ),
  sequence(
    'describes a version, and clears what it says',
    aRegisteredModel(),
    aVersion(),
    patch('model-versions/update', { name: wine, version: '1', description: 'good' }),
    read('1', 'model_version.description'),
    patch('model-versions/update', { name: wine, version: '1' }),
    read('1'),
  ),
  sequence(
    'deletes a version once and hides it',
    aRegisteredModel(),
    aVersion(),
    del('model-versions/delete', { name: wine, version: '1' }),
    read('1'),
    del('model-versions/delete', { name: wine, version: '1' }),
    download('1'),
    get('registered-models/get', { name: wine }),
  ),
  sequence(
    'takes no writes to a deleted version',
    aRegisteredModel(),
    aVersion(),
    given(del('model-versions/delete', { name: wine, version: '1' })),
    setTag('a', 'b'),
    dropTag('a'),
    patch('model-versions/update', { name: wine, version: '1', description: 'x' }),
    post('model-versions/transition-stage', { name: wine, version: '1', stage: 'Staging' }),
    post('registered-models/alias', { name: wine, alias: 'x', version: '1' }),
  ),
  sequence(
    'sets a tag and sets it again',
    aRegisteredModel(),
    aVersion(),
    setTag('a', '1'),
    setTag('a', '2'),
    setTag('b'),
    read('1', 'model_version.tags'),
  ),
  sequence(
    'deletes a tag, also one that is not there',
    aRegisteredModel(),
    aVersion(),
    setTag('a', '1'),
    dropTag('a'),
    dropTag('a'),
    read('1', 'model_version.tags'),
  ),
  sequence(
    'limits the key of a tag',
    aRegisteredModel(),
    aVersion(),
    setTag('k'.repeat(250), 'v'),
    setTag('k'.repeat(251), 'v'),
    setTag('a//b', 'v'),
    setTag('../a', 'v'),
    setTag('', 'v'),
    setTag('a', 5),
  ),
  sequence(
    'takes a value of 100000 characters',
    aRegisteredModel(),
    aVersion(),
    setTag('a', 'v'.repeat(100000)),
    read('1', 'model_version.tags'),
  ),
  sequence(
    'is asked for a value of 100001 characters',
    aRegisteredModel(),
    aVersion(),
    setTag('a', 'v'.repeat(100001)),
    read('1', 'model_version.tags'),
  ),
  sequence(
    'asks for what it needs to set a tag',
    post('model-versions/set-tag', { name: wine, version: '1' }),
    post('model-versions/set-tag', { name: wine, key: 'a' }),
    post('model-versions/set-tag', { version: '1', key: 'a' }),
    del('model-versions/delete-tag', { name: wine, version: '1' }),
  ),
  sequence(
    'moves the update time with a description',
    aRegisteredModel(),
    aVersion(),
    { ...described('1', 'x'), later: true },
    moved('1'),
  ),
  sequence(
    'leaves the update time alone for tags',
    aRegisteredModel(),
    aVersion(),
    { ...given(setTag('a', 'b')), later: true },
    moved('1'),
  ),
  sequence(
    'moves the update time when the model is renamed',
    aRegisteredModel('beer'),
    aVersion('beer'),
    { ...given(post('registered-models/rename', { name: 'beer-{{unique}}', new_name: wine })), later: true },
    moved('1'),
  ),
  sequence(
    'gives the latest versions with the model',
    aRegisteredModel(),
    aVersion(),
    aVersion('wine', { description: 'two', tags: [{ key: 'a', value: 'b' }] }),
    get('registered-models/get', { name: wine }),
  ),
]);
