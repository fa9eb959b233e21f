import { aRegisteredModel, aVersion, given, inStage } from '../givens.ts';
import type { Json } from '../json.ts';
import { capability, del, get, patch, post, sequence } from '../sequence.ts';

const whole = 'registered_model.name,tags,aliases';
const wine = 'wine-{{unique}}';
const create = (fields: { [name: string]: Json } = {}) => post('registered-models/create', { name: wine, ...fields });
const read = (see?: string) => get('registered-models/get', { name: wine }, see === undefined ? {} : { see });
const setTag = (key: Json, value?: Json) =>
  post('registered-models/set-tag', { name: wine, key, ...(value === undefined ? {} : { value }) });
const dropTag = (key: Json) => del('registered-models/delete-tag', { name: wine, key });
const later = (step: ReturnType<typeof post>) => ({ ...given(step), later: true as const });
const hasMoved = () =>
  get(
    'registered-models/get',
    { name: wine },
    {
      see: (body) => {
        const { registered_model: model } = JSON.parse(JSON.stringify(body));
        return model.last_updated_timestamp > model.creation_timestamp;
      },
    },
  );

export const registeredModels = capability('registered models', [
  sequence(
    'creates a model and reads it',
    create({ description: 'a red one', tags: [{ key: 'team', value: 'red' }] }),
    read(),
  ),
  sequence('creates a model of nothing but a name', create(), read()),
  sequence('creates a model with an empty description', create({ description: '' }), read()),
  sequence('refuses a name that is taken', create(), create(), create({ description: 'other' })),
  sequence(
    'tells names apart by case',
    create(),
    post('registered-models/create', { name: 'WINE-{{unique}}' }),
    get('registered-models/get', { name: 'Wine-{{unique}}' }),
  ),
  sequence(
    'refuses to create without a name',
    post('registered-models/create', {}),
    post('registered-models/create', { name: '' }),
    post('registered-models/create', { name: null }),
    post('registered-models/create', { name: 5 }),
    post('registered-models/create', { name: ' ' }),
  ),
  ...[
    'a/b-{{unique}}',
    'a:b-{{unique}}',
    '.',
    '..',
    '../{{unique}}',
    '..{{unique}}',
    '/{{unique}}',
    '{{unique}}/',
    './{{unique}}',
  ].map((name) =>
    sequence(`refuses the name ${name.replace('{{unique}}', 'x')}`, post('registered-models/create', { name })),
  ),
  sequence(
    'takes other characters in a name',
    ...[
      'a b-{{unique}}',
      'a.b-{{unique}}',
      'a#b-{{unique}}',
      'a%b-{{unique}}',
      'ünï-{{unique}}',
      '名前-{{unique}}',
      'a\\b-{{unique}}',
      "it's-{{unique}}",
      '.a-{{unique}}',
      '🍷-{{unique}}',
    ].flatMap((name) => [
      post('registered-models/create', { name }, { see: 'registered_model.name' }),
      get('registered-models/get', { name }, { see: 'registered_model.name' }),
    ]),
  ),
  sequence(
    'takes a name of 256 characters',
    post('registered-models/create', { name: `{{unique}}${'x'.repeat(247)}` }),
  ),
  sequence(
    'does not know a model that was never there',
    get('registered-models/get', { name: 'never-{{unique}}' }),
    patch('registered-models/update', { name: 'never-{{unique}}', description: 'a' }),
    post('registered-models/rename', { name: 'never-{{unique}}', new_name: 'x-{{unique}}' }),
    del('registered-models/delete', { name: 'never-{{unique}}' }),
    post('registered-models/set-tag', { name: 'never-{{unique}}', key: 'a', value: 'b' }),
    del('registered-models/delete-tag', { name: 'never-{{unique}}', key: 'a' }),
    post('registered-models/get-latest-versions', { name: 'never-{{unique}}' }),
  ),
  sequence(
    'asks for what it needs',
    get('registered-models/get'),
    patch('registered-models/update', {}),
    post('registered-models/rename', {}),
    del('registered-models/delete', {}),
    post('registered-models/set-tag', { name: 'a' }),
    post('registered-models/set-tag', { key: 'a' }),
    del('registered-models/delete-tag', { name: 'a' }),
    post('registered-models/get-latest-versions', {}),
  ),
  sequence(
    'describes a model, and clears what it says',
    create({ description: 'first' }),
    patch('registered-models/update', { name: wine, description: 'second' }),
    read('registered_model.description'),
    patch('registered-models/update', { name: wine }),
    read('registered_model.description'),
    patch('registered-models/update', { name: wine, description: '' }),
    read(),
  ),
  sequence('keeps long descriptions', create({ description: 'd'.repeat(5000) }), read('registered_model.description')),
  sequence(
    'refuses a description that is no text',
    create({ description: 5 }),
    aRegisteredModel(),
    patch('registered-models/update', { name: wine, description: 5 }),
  ),
  sequence(
    'renames a model with all that belongs to it',
    aRegisteredModel('wine', { tags: [{ key: 'team', value: 'red' }] }),
    aVersion('wine', { tags: [{ key: 'v', value: '1' }] }),
    given(post('registered-models/alias', { name: wine, alias: 'champion', version: '1' })),
    post('registered-models/rename', { name: wine, new_name: 'beer-{{unique}}' }, { see: whole }),
    read(),
    get('registered-models/get', { name: 'beer-{{unique}}' }, { see: whole }),
    get('model-versions/get', { name: 'beer-{{unique}}', version: '1' }),
    get('registered-models/alias', { name: 'beer-{{unique}}', alias: 'champion' }, { see: 'model_version.version' }),
  ),
  sequence(
    'refuses to rename to a name that is taken or none',
    aRegisteredModel(),
    aRegisteredModel('beer'),
    post('registered-models/rename', { name: wine, new_name: 'beer-{{unique}}' }),
    post('registered-models/rename', { name: wine }),
    post('registered-models/rename', { name: wine, new_name: '' }),
    post('registered-models/rename', { name: wine, new_name: 'a/b' }),
    post('registered-models/rename', { name: wine, new_name: 'a:b' }),
  ),
  sequence(
    'is asked to rename a model to the name it has',
    aRegisteredModel(),
    post('registered-models/rename', { name: wine, new_name: wine }),
  ),
  sequence(
    'lets a name free when it renames',
    aRegisteredModel(),
    given(post('registered-models/rename', { name: wine, new_name: 'beer-{{unique}}' })),
    create(),
  ),
  sequence(
    'deletes a model with its versions, whatever their stage',
    aRegisteredModel(),
    aVersion(),
    inStage('1', 'Production'),
    del('registered-models/delete', { name: wine }),
    read(),
    get('model-versions/get', { name: wine, version: '1' }),
    del('registered-models/delete', { name: wine }),
  ),
  sequence(
    'starts at version 1 again after a model was deleted',
    aRegisteredModel(),
    aVersion(),
    aVersion(),
    given(del('registered-models/delete', { name: wine })),
    aRegisteredModel(),
    post('model-versions/create', { name: wine, source: 's3://b/m' }, { see: 'model_version.version' }),
  ),
  sequence(
    'sets a tag and sets it again',
    aRegisteredModel(),
    setTag('a', '1'),
    setTag('a', '2'),
    setTag('b'),
    setTag('c', null),
    read('registered_model.tags'),
  ),
  sequence(
    'deletes a tag, also one that is not there',
    aRegisteredModel(),
    setTag('a', '1'),
    dropTag('a'),
    dropTag('a'),
    read('registered_model.tags'),
  ),
  sequence(
    'limits the key of a tag',
    aRegisteredModel(),
    setTag('k'.repeat(250), 'v'),
    setTag('k'.repeat(251), 'v'),
    setTag('a//b', 'v'),
    setTag('../a', 'v'),
    setTag('a;b', 'v'),
    setTag('', 'v'),
    setTag(5, 'v'),
  ),
  sequence(
    'takes a value of 100000 characters',
    aRegisteredModel(),
    setTag('a', 'v'.repeat(100000)),
    read('registered_model.tags'),
  ),
  sequence(
    'is asked for a value of 100001 characters',
    aRegisteredModel(),
    setTag('a', 'v'.repeat(100001)),
    read('registered_model.tags'),
  ),
  sequence(
    'refuses a tag value that is no text',
    aRegisteredModel(),
    setTag('a', 5),
    setTag('a', true),
    setTag('a', ['x']),
  ),
  sequence(
    'checks tags given at creation',
    create({ tags: [{ key: 'a//b', value: 'v' }] }),
    create({ tags: [{ value: 'v' }] }),
    create({ tags: [{ key: 'k'.repeat(251), value: 'v' }] }),
  ),
  sequence(
    'is given a tag twice at creation',
    create({
      tags: [
        { key: 'a', value: '1' },
        { key: 'a', value: '2' },
      ],
    }),
  ),
  sequence(
    'moves the update time when the model or its versions change',
    aRegisteredModel(),
    later(patch('registered-models/update', { name: wine, description: 'x' })),
    hasMoved(),
  ),
  sequence(
    'moves the update time when a version comes',
    aRegisteredModel(),
    later(post('model-versions/create', { name: wine, source: 's3://b/m' })),
    hasMoved(),
  ),
  sequence(
    'moves the update time when a version changes its stage',
    aRegisteredModel(),
    aVersion(),
    later(post('model-versions/transition-stage', { name: wine, version: '1', stage: 'Staging' })),
    hasMoved(),
  ),
  sequence(
    'leaves the update time alone for tags and aliases',
    aRegisteredModel(),
    later(setTag('a', 'b')),
    hasMoved(),
  ),
]);
