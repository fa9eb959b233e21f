import { aRunOfItsOwn } from '../givens.ts';
import type { Json } from '../json.ts';
import { capability, get, post, refusedHere, sequence } from '../sequence.ts';

const set = (key: Json, value?: Json) =>
  post('runs/set-tag', { run_id: '{{run}}', key, ...(value === undefined ? {} : { value }) });
const remove = (key: Json) => post('runs/delete-tag', { run_id: '{{run}}', key });
const all = () => get('runs/get', { run_id: '{{run}}' }, { see: 'run.data.tags' });
const runName = () => get('runs/get', { run_id: '{{run}}' }, { see: 'run.info.run_name' });
const badKeys = [
  '/root',
  '../up',
  '..',
  '.',
  'a//b',
  'a/',
  './a',
  'a/../b',
  'a#b',
  'a%b',
  'a,b',
  'a;b',
  'a\\b',
  'k'.repeat(251),
];
const goodKeys = ['a/b', 'a.b', 'a-b', 'a b', 'a:b', 'a_b', 'ünïcode', '名前', '1', 'k'.repeat(250)];
const model = (fields: { [name: string]: Json }) =>
  post('runs/log-model', {
    run_id: '{{run}}',
    model_json: JSON.stringify({
      artifact_path: 'model',
      flavors: { sklearn: { pickled_model: 'model.pkl', config: { a: 1 } } },
      utc_time_created: '2026-01-01 00:00:00',
      run_id: 'r',
      ...fields,
    }),
  });

export const tags = capability('tags', [
  sequence('sets a tag and sets it again', ...aRunOfItsOwn(), set('team', 'red'), all(), set('team', 'blue'), all()),
  sequence('deletes a tag once', ...aRunOfItsOwn(), set('team', 'red'), remove('team'), all(), remove('team')),
  sequence(
    'keeps an absent value as an empty one',
    ...aRunOfItsOwn(),
    set('none'),
    set('null', null),
    set('empty', ''),
    all(),
  ),
  sequence(
    'refuses a value or key that is no text',
    ...aRunOfItsOwn(),
    set('a', 5),
    set('a', true),
    set('a', ['x']),
    set('a', { b: 'c' }),
    set(5, 'a'),
    set('', 'a'),
  ),
  sequence(
    'asks for what it needs',
    ...aRunOfItsOwn(),
    post('runs/set-tag', { key: 'a', value: 'b' }),
    post('runs/set-tag', { run_id: '{{run}}', value: 'b' }),
    post('runs/delete-tag', { run_id: '{{run}}' }),
    post('runs/delete-tag', { key: 'a' }),
  ),
  sequence(
    'sets by the old id field',
    ...aRunOfItsOwn(),
    post('runs/set-tag', { run_uuid: '{{run}}', key: 'a', value: 'b' }),
    all(),
  ),
  sequence(
    'deletes by the old id field',
    ...aRunOfItsOwn(),
    set('a', 'b'),
    refusedHere('exact codes', post('runs/delete-tag', { run_uuid: '{{run}}', key: 'a' })),
  ),
  sequence('keeps a value of 8000 characters whole', ...aRunOfItsOwn(), set('long', 'v'.repeat(8000)), all()),
  sequence('cuts a value of 8001 characters to 8000', ...aRunOfItsOwn(), set('long', `${'v'.repeat(8000)}w`), all()),
  sequence(
    'counts the characters of a value and not its bytes',
    ...aRunOfItsOwn(),
    set('wine', '🍷'.repeat(8001)),
    all(),
  ),
  ...badKeys.map((key) =>
    sequence(
      `refuses the key ${key.length > 20 ? `of ${key.length} characters` : JSON.stringify(key)}`,
      ...aRunOfItsOwn(),
      set(key, 'v'),
    ),
  ),
  sequence('takes all characters of a key', ...aRunOfItsOwn(), ...goodKeys.map((key) => set(key, 'v')), all()),
  sequence('renames the run by its name tag', ...aRunOfItsOwn(), set('mlflow.runName', 'renamed'), runName(), all()),
  sequence(
    'renames the run by its name tag in a batch',
    ...aRunOfItsOwn(),
    post('runs/log-batch', { run_id: '{{run}}', tags: [{ key: 'mlflow.runName', value: 'batched' }] }),
    runName(),
    all(),
  ),
  sequence('is given an empty name tag', ...aRunOfItsOwn(), set('mlflow.runName', ''), runName(), all()),
  sequence('deletes the name tag', ...aRunOfItsOwn(), remove('mlflow.runName'), runName(), all()),
  sequence(
    'appends logged models of the 2.x client to a tag',
    ...aRunOfItsOwn(),
    model({}),
    model({ artifact_path: 'second', model_uuid: 'abc', mlflow_version: '2.22.1' }),
    all(),
  ),
  sequence(
    'keeps a history of models beyond the length of other tags',
    ...aRunOfItsOwn(),
    ...Array.from({ length: 3 }, (_, index) => model({ artifact_path: `${index}${'x'.repeat(4000)}` })),
    all(),
  ),
  sequence(
    'refuses a logged model that is no JSON or lacks something',
    ...aRunOfItsOwn(),
    post('runs/log-model', { run_id: '{{run}}', model_json: '{not json' }),
    post('runs/log-model', { run_id: '{{run}}', model_json: '{}' }),
    post('runs/log-model', {
      run_id: '{{run}}',
      model_json: '{"artifact_path":"a","flavors":{},"utc_time_created":"x"}',
    }),
    post('runs/log-model', { run_id: '{{run}}' }),
    post('runs/log-model', { model_json: '{}' }),
    post('runs/log-model', { run_id: '{{run}}', model_json: '' }),
    post('runs/log-model', { run_id: '{{run}}', model_json: { a: 1 } }),
  ),
  sequence(
    'is given a logged model that is a list',
    ...aRunOfItsOwn(),
    refusedHere('no 500 for a mistake', post('runs/log-model', { run_id: '{{run}}', model_json: '[]' })),
    refusedHere('no 500 for a mistake', post('runs/log-model', { run_id: '{{run}}', model_json: '5' })),
  ),
]);
