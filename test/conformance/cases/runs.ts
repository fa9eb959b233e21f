import { anExperiment, aRun, aRunOfItsOwn, given, logged } from '../givens.ts';
import { at, type Json } from '../json.ts';
import { answersHere, capability, get, post, refusedHere, sequence } from '../sequence.ts';

const create = (fields: { [name: string]: Json }) =>
  post('runs/create', { experiment_id: '{{experiment}}', ...fields }, { keep: { run: 'run.info.run_id' } });
const read = (see?: string) => get('runs/get', { run_id: '{{run}}' }, see === undefined ? {} : { see });
const update = (fields: { [name: string]: Json }) => post('runs/update', { run_id: '{{run}}', ...fields });
const removed = () => given(post('runs/delete', { run_id: '{{run}}' }));
const name = (value: string) => ({ key: 'mlflow.runName', value });

/** Every call that writes to a run, on the run kept as `run`. */
const writes = () => [
  post('runs/log-metric', { run_id: '{{run}}', key: 'm', value: 1, timestamp: 1 }),
  post('runs/log-parameter', { run_id: '{{run}}', key: 'p', value: '1' }),
  post('runs/set-tag', { run_id: '{{run}}', key: 't', value: '1' }),
  post('runs/delete-tag', { run_id: '{{run}}', key: 't' }),
  post('runs/log-batch', { run_id: '{{run}}', metrics: [{ key: 'b', value: 1, timestamp: 1 }] }),
  post('runs/log-inputs', {
    run_id: '{{run}}',
    datasets: [{ dataset: { name: 'd', digest: '1', source_type: 'local', source: 's' } }],
  }),
  post('runs/outputs', { run_id: '{{run}}', models: [{ model_id: `m-${'0'.repeat(32)}`, step: 0 }] }),
  post('runs/log-model', {
    run_id: '{{run}}',
    model_json: JSON.stringify({ artifact_path: 'm', flavors: {}, utc_time_created: 'x', run_id: 'r' }),
  }),
  post('runs/update', { run_id: '{{run}}', status: 'FINISHED' }, { see: 'run_info.status' }),
];

export const runs = capability('runs', [
  sequence(
    'creates a run and reads it',
    anExperiment(),
    create({
      user_id: 'me',
      run_name: 'first',
      start_time: 1795448917011,
      tags: [
        { key: 'mlflow.user', value: 'me' },
        { key: 'a', value: '' },
      ],
    }),
    read(),
  ),
  sequence('creates a run of nothing but an experiment', anExperiment(), create({}), read()),
  sequence(
    'is asked for a run without an experiment',
    post(
      'runs/create',
      { start_time: 1, run_name: 'a' },
      { see: 'run.info.experiment_id', differs: { why: 'default experiment', status: 200, body: '0' } },
    ),
    post(
      'runs/create',
      { experiment_id: '', start_time: 1 },
      { see: 'run.info.experiment_id', differs: { why: 'default experiment', status: 200, body: '0' } },
    ),
    post(
      'runs/create',
      {},
      { see: 'run.info.experiment_id', differs: { why: 'default experiment', status: 200, body: '0' } },
    ),
  ),
  sequence(
    'creates a run in the default experiment',
    post('runs/create', { experiment_id: '0', run_name: 'zero', start_time: 1 }),
  ),
  sequence(
    'refuses an experiment that is not there',
    post('runs/create', { experiment_id: '987654321' }),
    post('runs/create', { experiment_id: 'abc' }),
    post('runs/create', { experiment_id: 5 }),
  ),
  sequence(
    'reads a run by its old id field',
    ...aRunOfItsOwn(),
    get('runs/get', { run_uuid: '{{run}}' }, { see: 'run.info.run_id' }),
    get('runs/get', { run_id: '{{run}}', run_uuid: '{{run}}' }, { see: 'run.info.run_id' }),
  ),
  sequence(
    'does not know a run that was never there',
    get('runs/get', { run_id: '0'.repeat(32) }),
    get('runs/get', { run_id: 'abc' }),
    get('runs/get'),
    get('runs/get', { run_id: '' }),
  ),
  sequence('names a run by its tag', anExperiment(), create({ start_time: 1, tags: [name('from tag')] })),
  sequence(
    'takes a name and a tag that say the same',
    anExperiment(),
    create({ start_time: 1, run_name: 'same', tags: [name('same')] }),
  ),
  sequence(
    'refuses a name and a tag that say different things',
    anExperiment(),
    create({ run_name: 'one', tags: [name('other')] }),
  ),
  sequence(
    'finds a random name where none or an empty one is given',
    anExperiment(),
    create({ start_time: 1, run_name: '' }),
    answersHere('empty is absent', '<random name>', {
      ...create({ start_time: 1, tags: [name('')] }),
      see: 'run.info.run_name',
    }),
  ),
  sequence(
    'creates two runs of the same name',
    anExperiment(),
    create({ start_time: 1, run_name: 'twin' }),
    create({ start_time: 1, run_name: 'twin' }),
  ),
  sequence(
    'checks the tags of a new run',
    anExperiment(),
    refusedHere('no silent default', create({ run_name: 'a', tags: [{ value: 'v' }] })),
    refusedHere('no silent default', create({ run_name: 'a', tags: [{ key: 'a', value: 5 }] })),
    refusedHere('no silent default', create({ run_name: 'a', tags: 'x' })),
  ),
  sequence(
    'is given tags with keys that are no names',
    anExperiment(),
    create({ run_name: 'a', start_time: 1, tags: [{ key: 'a//b', value: 'v' }] }),
    create({ run_name: 'a', start_time: 1, tags: [{ key: 'k'.repeat(251), value: 'v' }] }),
  ),
  sequence(
    'is given a tag twice at creation',
    anExperiment(),
    answersHere(
      'last wins',
      [
        { key: 'k', value: '2' },
        { key: 'mlflow.runName', value: 'a' },
      ],
      {
        ...create({
          run_name: 'a',
          start_time: 1,
          tags: [
            { key: 'k', value: '1' },
            { key: 'k', value: '2' },
          ],
        }),
        see: 'run.data.tags',
      },
    ),
  ),
  sequence(
    'refuses a start time that is no time',
    anExperiment(),
    create({ run_name: 'a', start_time: 'soon' }),
    refusedHere('no 500 for a mistake', create({ run_name: 'a', start_time: [1] })),
    refusedHere('no silent default', create({ run_name: 'a', start_time: true })),
  ),
  sequence(
    'reads a start time written as text',
    anExperiment(),
    post(
      'runs/create',
      { experiment_id: '{{experiment}}', start_time: '1795448917011' },
      { see: 'run.info.start_time' },
    ),
  ),
  ...['RUNNING', 'SCHEDULED', 'FINISHED', 'FAILED', 'KILLED'].map((status) =>
    sequence(
      `moves a run to ${status} and back to RUNNING`,
      ...aRunOfItsOwn(),
      update({ status, end_time: 2000 }),
      read('run.info'),
      update({ status: 'RUNNING' }),
      update({ status }),
    ),
  ),
  sequence('takes a status by its number', ...aRunOfItsOwn(), update({ status: 3 }), update({ status: 1 })),
  sequence(
    'is given a status that does not exist',
    ...aRunOfItsOwn(),
    post(
      'runs/update',
      { run_id: '{{run}}', status: 'DONE' },
      { differs: { why: 'no silent default', status: 400, errorCode: 'INVALID_PARAMETER_VALUE' } },
    ),
    post(
      'runs/update',
      { run_id: '{{run}}', status: 'finished' },
      { differs: { why: 'no silent default', status: 400, errorCode: 'INVALID_PARAMETER_VALUE' } },
    ),
    update({ status: 9 }),
    read('run.info.status'),
  ),
  sequence(
    'changes only the fields it is given',
    ...aRunOfItsOwn(),
    update({ status: 'FINISHED', end_time: 5000 }),
    update({ run_name: 'renamed' }),
    update({ status: 'RUNNING' }),
    update({}),
    read('run.info'),
  ),
  sequence(
    'keeps the end time of a run that goes on',
    ...aRunOfItsOwn(),
    update({ status: 'FINISHED', end_time: 5000 }),
    update({ status: 'RUNNING', end_time: 5000 }),
    update({ end_time: 0 }),
    read('run.info'),
  ),
  sequence('writes a new name into its tag', ...aRunOfItsOwn(), update({ run_name: 'renamed' }), read('run.data.tags')),
  sequence('ignores an empty name', ...aRunOfItsOwn(), update({ run_name: '' }), read('run.info.run_name')),
  sequence(
    'updates a run by its old id field',
    ...aRunOfItsOwn(),
    post('runs/update', { run_uuid: '{{run}}', status: 'FINISHED' }),
  ),
  sequence(
    'does not update what is not there',
    post('runs/update', { run_id: '0'.repeat(32), status: 'FINISHED' }),
    post('runs/update', { status: 'FINISHED' }),
  ),
  sequence(
    'deletes a run, reads it still, and restores it',
    ...aRunOfItsOwn(),
    post('runs/delete', { run_id: '{{run}}' }),
    read('run.info'),
    post('runs/restore', { run_id: '{{run}}' }),
    read('run.info'),
  ),
  sequence(
    'deletes and restores twice without a word',
    ...aRunOfItsOwn(),
    removed(),
    post('runs/delete', { run_id: '{{run}}' }),
    post('runs/restore', { run_id: '{{run}}' }),
    post('runs/restore', { run_id: '{{run}}' }),
  ),
  sequence(
    'does not delete or restore what is not there',
    post('runs/delete', { run_id: '0'.repeat(32) }),
    post('runs/restore', { run_id: '0'.repeat(32) }),
    post('runs/delete', {}),
    post('runs/restore', {}),
    refusedHere('exact codes', post('runs/delete', { run_uuid: '0'.repeat(32) })),
  ),
  sequence(
    'restores a run whose experiment is deleted',
    ...aRunOfItsOwn(),
    given(post('experiments/delete', { experiment_id: '{{experiment}}' })),
    post('runs/restore', { run_id: '{{run}}' }),
    read('run.info.lifecycle_stage'),
  ),
  sequence('takes no writes to a deleted run', ...aRunOfItsOwn(), removed(), ...writes()),
  sequence(
    'takes all writes to a finished run',
    ...aRunOfItsOwn(),
    logged({ tags: [{ key: 't', value: '0' }] }),
    given(update({ status: 'FINISHED', end_time: 2000 })),
    ...writes(),
    read('run.data'),
  ),
  sequence(
    'takes all writes to a failed run',
    ...aRunOfItsOwn(),
    logged({ tags: [{ key: 't', value: '0' }] }),
    given(update({ status: 'FAILED', end_time: 2000 })),
    ...writes(),
  ),
  sequence(
    'takes no writes to a run that is not there',
    ...aRunOfItsOwn(),
    ...writes().map((step) => ({
      ...step,
      body: { ...(step.body as { [name: string]: Json }), run_id: '0'.repeat(32) },
    })),
  ),
  sequence(
    'shows everything of a run at once',
    ...aRunOfItsOwn(),
    logged({
      metrics: [{ key: 'm', value: 0.5, timestamp: 10, step: 3 }],
      params: [{ key: 'p', value: 'x' }],
      tags: [{ key: 't', value: 'y' }],
    }),
    given(
      post('runs/log-inputs', {
        run_id: '{{run}}',
        datasets: [{ dataset: { name: 'd', digest: '1', source_type: 'local', source: 's' } }],
      }),
    ),
    read(),
  ),
  sequence(
    'nests a run under its parent by a tag',
    anExperiment(),
    aRun({ as: 'parent' }),
    create({ run_name: 'child', start_time: 2, tags: [{ key: 'mlflow.parentRunId', value: '{{parent}}' }] }),
    post(
      'runs/search',
      { experiment_ids: ['{{experiment}}'], filter: "tags.mlflow.parentRunId = '{{parent}}'" },
      { see: 'runs.*.info.run_name' },
    ),
  ),
  sequence(
    'gives a new run an id of 32 hexadecimal digits',
    anExperiment(),
    post(
      'runs/create',
      { experiment_id: '{{experiment}}', start_time: 1 },
      { see: (body) => /^[0-9a-f]{32}$/.test(String(at(body, 'run.info.run_id'))) },
    ),
  ),
]);
