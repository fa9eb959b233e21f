import { aLoggedModel, anExperiment, aRunOfItsOwn, given } from '../givens.ts';
import type { Json } from '../json.ts';
import { answersHere, capability, del, failsHere, get, patch, post, refusedHere, sequence } from '../sequence.ts';

const create = (fields: { [name: string]: Json } = {}) =>
  post('logged-models', { experiment_id: '{{experiment}}', ...fields }, { keep: { model: 'model.info.model_id' } });
const read = (see?: string) => get('logged-models/{{model}}', {}, see === undefined ? {} : { see });
const status = (value: Json) =>
  patch('logged-models/{{model}}', { model_id: '{{model}}', status: value }, { see: 'model.info.status' });
const setTags = (tags: Json) => patch('logged-models/{{model}}/tags', { tags });
const addParams = (params: Json) => post('logged-models/{{model}}/params', { model_id: '{{model}}', params });
const nobody = `m-${'0'.repeat(32)}`;
const ours = () => [...aRunOfItsOwn(), aLoggedModel()];
const param = (count: number) => Array.from({ length: count }, (_, index) => ({ key: `p${index}`, value: `${index}` }));

export const loggedModels = capability('logged models', [
  sequence(
    'creates a model and reads it',
    ...aRunOfItsOwn(),
    create({
      name: 'model',
      model_type: 'sklearn',
      source_run_id: '{{run}}',
      params: [{ key: 'seed', value: '0' }],
      tags: [
        { key: 'team', value: 'red' },
        { key: 'a', value: '' },
      ],
    }),
    read(),
  ),
  sequence('creates a model of nothing but an experiment', anExperiment(), create(), read()),
  sequence('creates two models of one name', anExperiment(), create({ name: 'twin' }), create({ name: 'twin' })),
  sequence(
    'does not ask whether the source run is there',
    anExperiment(),
    create({ name: 'a', source_run_id: '0'.repeat(32) }),
  ),
  sequence(
    'puts a model below the location of its experiment',
    given(
      post(
        'experiments/create',
        { name: 's3-{{unique}}', artifact_location: 's3://bucket/where' },
        { keep: { experiment: 'experiment_id' } },
      ),
    ),
    create({ name: 'a' }),
  ),
  sequence(
    'refuses to create in no or a missing experiment',
    post('logged-models', { name: 'a' }),
    post('logged-models', { experiment_id: '987654321', name: 'a' }),
    post('logged-models', { experiment_id: 'abc', name: 'a' }),
  ),
  sequence(
    'refuses to create in a deleted experiment',
    anExperiment(),
    given(post('experiments/delete', { experiment_id: '{{experiment}}' })),
    create({ name: 'a' }),
  ),
  ...['a/b', 'a:b', 'a.b', 'a%b', 'a"b', "a'b"].map((name) =>
    sequence(`refuses the name ${name}`, anExperiment(), create({ name })),
  ),
  sequence(
    'takes other characters in a name',
    anExperiment(),
    ...['a b', 'ünïcode', '名前', 'a-b_c', 'a#b', 'a\\b', '🍷'].map((name) => ({
      ...create({ name }),
      see: 'model.info.name',
    })),
  ),
  sequence('is given an empty name', anExperiment(), create({ name: '' })),
  sequence('refuses a name that is no text', anExperiment(), create({ name: 5 }), create({ name: ['a'] })),
  sequence(
    'keeps long parameters',
    anExperiment(),
    create({ name: 'a', params: [{ key: 'p', value: 'v'.repeat(6000) }] }),
  ),
  sequence(
    'is given a parameter of 6001 characters',
    anExperiment(),
    create({ name: 'a', params: [{ key: 'p', value: 'v'.repeat(6001) }] }),
  ),
  sequence(
    'checks keys of parameters and tags',
    anExperiment(),
    create({ name: 'a', params: [{ key: 'a//b', value: 'v' }] }),
    create({ name: 'a', tags: [{ key: '../a', value: 'v' }] }),
    refusedHere('no silent default', create({ name: 'a', params: [{ value: 'v' }] })),
    refusedHere('no silent default', create({ name: 'a', tags: [{ value: 'v' }] })),
  ),
  sequence(
    'is given a parameter twice',
    anExperiment(),
    refusedHere(
      'exact codes',
      create({
        name: 'a',
        params: [
          { key: 'p', value: '1' },
          { key: 'p', value: '2' },
        ],
      }),
    ),
  ),
  sequence(
    'is given a tag twice',
    anExperiment(),
    answersHere('last wins', [{ key: 't', value: '2' }], {
      ...create({
        name: 'a',
        tags: [
          { key: 't', value: '1' },
          { key: 't', value: '2' },
        ],
      }),
      see: 'model.info.tags',
    }),
  ),
  sequence(
    'does not know a model that was never there',
    get(`logged-models/${nobody}`),
    patch(`logged-models/${nobody}`, { model_id: nobody, status: 'LOGGED_MODEL_READY' }),
    del(`logged-models/${nobody}`),
    patch(`logged-models/${nobody}/tags`, { tags: [{ key: 'a', value: 'b' }] }),
    del(`logged-models/${nobody}/tags/a`),
  ),
  sequence(
    'is given parameters for a model that is not there',
    post(`logged-models/${nobody}/params`, { model_id: nobody, params: param(1) }),
  ),
  ...['LOGGED_MODEL_PENDING', 'LOGGED_MODEL_READY', 'LOGGED_MODEL_UPLOAD_FAILED'].map((each) =>
    sequence(`sets the status ${each}`, ...ours(), status(each), read('model.info.status')),
  ),
  sequence(
    'sets a status by its number, and any after any',
    ...ours(),
    status(2),
    status(1),
    status(3),
    status('LOGGED_MODEL_READY'),
  ),
  sequence(
    'asks for what it needs to set a status',
    ...ours(),
    patch('logged-models/{{model}}', { model_id: '{{model}}' }),
    patch('logged-models/{{model}}', {}),
  ),
  sequence(
    'is given the id of the model in the path alone',
    ...ours(),
    answersHere(
      'the path says it',
      'LOGGED_MODEL_READY',
      patch('logged-models/{{model}}', { status: 'LOGGED_MODEL_READY' }, { see: 'model.info.status' }),
    ),
  ),
  sequence(
    'is given a status that does not exist',
    ...ours(),
    refusedHere('no silent default', status('READY')),
    refusedHere('no silent default', status('FOO')),
    { ...read('model.info.status'), differs: { why: 'no silent default', status: 200, body: 'LOGGED_MODEL_PENDING' } },
  ),
  sequence(
    'moves the update time with the status and not with tags',
    ...ours(),
    given(read()),
    { ...given(setTags([{ key: 'a', value: 'b' }])), later: true },
    get('logged-models/{{model}}', {}, { see: moved }),
    { ...given(status('LOGGED_MODEL_READY')), later: true },
    get('logged-models/{{model}}', {}, { see: moved }),
  ),
  sequence(
    'deletes a model, hides it, and shows it when asked',
    ...ours(),
    del('logged-models/{{model}}', { model_id: '{{model}}' }),
    read(),
    get('logged-models/{{model}}', { allow_deleted: 'true' }, { see: 'model.info.name' }),
    get('logged-models/{{model}}', { allow_deleted: 'false' }),
  ),
  sequence(
    'deletes a model twice without a word',
    ...ours(),
    del('logged-models/{{model}}'),
    del('logged-models/{{model}}'),
  ),
  sequence(
    'is given changes for a deleted model',
    ...ours(),
    given(del('logged-models/{{model}}')),
    failsHere('deleted is gone', 404, 'RESOURCE_DOES_NOT_EXIST', status('LOGGED_MODEL_READY')),
    failsHere('deleted is gone', 404, 'RESOURCE_DOES_NOT_EXIST', setTags([{ key: 'a', value: 'b' }])),
    failsHere('deleted is gone', 404, 'RESOURCE_DOES_NOT_EXIST', del('logged-models/{{model}}/tags/a')),
  ),
  sequence(
    'is given parameters for a deleted model',
    ...ours(),
    given(del('logged-models/{{model}}')),
    failsHere('deleted is gone', 404, 'RESOURCE_DOES_NOT_EXIST', addParams(param(1))),
  ),
  sequence(
    'sets tags and sets them again',
    ...ours(),
    setTags([
      { key: 'a', value: '1' },
      { key: 'b', value: '2' },
    ]),
    read('model.info.tags'),
    setTags([{ key: 'a', value: '3' }]),
    read('model.info.tags'),
  ),
  sequence(
    'takes the last of a tag given twice',
    ...ours(),
    setTags([
      { key: 'a', value: '1' },
      { key: 'a', value: '2' },
    ]),
    read('model.info.tags'),
  ),
  sequence(
    'sets no tags at all',
    ...ours(),
    setTags([]),
    patch('logged-models/{{model}}/tags', {}),
    read('model.info.tags'),
  ),
  sequence(
    'deletes a tag once',
    ...ours(),
    given(setTags([{ key: 'a', value: '1' }])),
    del('logged-models/{{model}}/tags/a'),
    del('logged-models/{{model}}/tags/a'),
    read('model.info.tags'),
  ),
  sequence(
    'deletes tags whose keys must be encoded',
    ...ours(),
    given(
      setTags([
        { key: 'a b', value: '1' },
        { key: 'ünï', value: '2' },
      ]),
    ),
    del('logged-models/{{model}}/tags/a%20b'),
    del('logged-models/{{model}}/tags/%C3%BCn%C3%AF'),
    read('model.info.tags'),
  ),
  sequence(
    'refuses tags that are no tags',
    ...ours(),
    setTags('x'),
    refusedHere('no silent default', setTags([{ value: 'v' }])),
  ),
  sequence(
    'adds parameters',
    ...ours(),
    addParams(param(2)),
    addParams([{ key: 'q', value: 'x' }]),
    read('model.data.params'),
  ),
  sequence(
    'adds more parameters than the client sends at once',
    ...ours(),
    addParams(param(101)),
    get('logged-models/{{model}}', {}, { see: (body) => JSON.parse(JSON.stringify(body)).model.data.params.length }),
  ),
  sequence(
    'is given a parameter that is there',
    ...ours(),
    given(addParams(param(1))),
    refusedHere('exact codes', addParams([{ key: 'p0', value: 'other' }])),
    answersHere('safe to repeat', {}, addParams([{ key: 'p0', value: '0' }])),
    read('model.data.params'),
  ),
  sequence('adds no parameters at all', ...ours(), addParams([])),
]);

/** Whether the update time of a model lies after its creation. */
function moved(body: Json): Json {
  const { model } = JSON.parse(JSON.stringify(body));
  return model.info.last_updated_timestamp_ms > model.info.creation_timestamp_ms;
}
