import { anExperiment, aRun, aRunOfItsOwn, given } from '../givens.ts';
import type { Json } from '../json.ts';
import { answersHere, capability, get, post, refusedHere, sequence } from '../sequence.ts';

const wine = { name: 'wine', digest: 'bac6d39f', source_type: 'local', source: '{"uri": "wine.csv"}' };
const context = (value: string) => [{ key: 'mlflow.data.context', value }];
const log = (datasets: Json, more: { [name: string]: Json } = {}) =>
  post('runs/log-inputs', { run_id: '{{run}}', datasets, ...more });
const inputs = (run = 'run') => get('runs/get', { run_id: `{{${run}}}` }, { see: 'run.inputs' });
const outputs = () => get('runs/get', { run_id: '{{run}}' }, { see: 'run.outputs' });
const found = (see: string) => post('runs/search', { experiment_ids: ['{{experiment}}'] }, { see });
const summaries = (ids: Json) => post('/ajax-api/2.0/mlflow/experiments/search-datasets', { experiment_ids: ids });
const model = (digit: string) => `m-${digit.repeat(32)}`;

export const datasets = capability('datasets', [
  sequence(
    'logs a dataset and shows it on the run',
    ...aRunOfItsOwn(),
    log([{ dataset: { ...wine, schema: '{"a": 1}', profile: '{"num_rows": 3}' }, tags: context('training') }]),
    inputs(),
    found('runs.*.inputs'),
  ),
  sequence('logs a dataset without a context', ...aRunOfItsOwn(), log([{ dataset: wine }]), inputs()),
  sequence(
    'keeps what was first said of a dataset',
    anExperiment(),
    aRun({ as: 'run' }),
    aRun({ as: 'other' }),
    log([{ dataset: wine }]),
    post('runs/log-inputs', {
      run_id: '{{other}}',
      datasets: [{ dataset: { ...wine, source: 'elsewhere', profile: 'later' } }],
    }),
    inputs(),
    inputs('other'),
  ),
  sequence(
    'keeps datasets of two experiments apart',
    anExperiment(),
    anExperiment({ as: 'second' }),
    aRun(),
    aRun({ as: 'other', in: 'second' }),
    log([{ dataset: wine }]),
    post('runs/log-inputs', { run_id: '{{other}}', datasets: [{ dataset: { ...wine, source: 'elsewhere' } }] }),
    inputs(),
    inputs('other'),
  ),
  sequence(
    'tells datasets apart by name and by digest',
    ...aRunOfItsOwn(),
    log([{ dataset: wine }, { dataset: { ...wine, digest: 'other' } }, { dataset: { ...wine, name: 'beer' } }]),
    inputs(),
  ),
  sequence(
    'logs the same dataset twice in one request',
    ...aRunOfItsOwn(),
    log([
      { dataset: wine, tags: context('training') },
      { dataset: { ...wine, source: 'elsewhere' }, tags: context('eval') },
    ]),
    inputs(),
  ),
  sequence(
    'logs the same dataset again',
    ...aRunOfItsOwn(),
    log([{ dataset: wine, tags: context('training') }]),
    log([{ dataset: wine, tags: context('training') }]),
    inputs(),
  ),
  sequence(
    'is given a context for a dataset that had none',
    ...aRunOfItsOwn(),
    log([{ dataset: wine }]),
    log([{ dataset: wine, tags: context('training') }]),
    {
      ...inputs(),
      differs: {
        why: 'nothing lost',
        status: 200,
        body: { dataset_inputs: [{ dataset: wine, tags: context('training') }] },
      },
    },
  ),
  sequence(
    'takes eight equal datasets and models at once',
    ...aRunOfItsOwn(),
    log(
      Array.from({ length: 8 }, () => ({ dataset: wine, tags: context('eval') })),
      { models: Array.from({ length: 8 }, () => ({ model_id: model('1') })) },
    ),
    inputs(),
  ),
  sequence(
    'logs models as inputs',
    ...aRunOfItsOwn(),
    post('runs/log-inputs', { run_id: '{{run}}', models: [{ model_id: model('1') }, { model_id: model('2') }] }),
    post('runs/log-inputs', { run_id: '{{run}}', models: [{ model_id: model('2') }] }),
    inputs(),
    answersHere(
      'says more',
      [{ model_inputs: [{ model_id: '<model 1>' }, { model_id: '<model 2>' }] }],
      found('runs.*.inputs'),
    ),
  ),
  sequence('logs nothing at all', ...aRunOfItsOwn(), log([]), post('runs/log-inputs', { run_id: '{{run}}' }), inputs()),
  sequence(
    'asks for what it needs',
    ...aRunOfItsOwn(),
    post('runs/log-inputs', { datasets: [{ dataset: wine }] }),
    refusedHere('no silent default', log([{ tags: [] }])),
    refusedHere('no silent default', log([{ dataset: {} }])),
    refusedHere('no silent default', log([{ dataset: { ...wine, name: null } }])),
    refusedHere('no silent default', log([{ dataset: { ...wine, digest: null } }])),
    log([{ dataset: { ...wine, source: null } }]),
    log([{ dataset: { ...wine, source_type: null } }]),
  ),
  sequence(
    'is given empty texts for a dataset',
    ...aRunOfItsOwn(),
    refusedHere('empty is absent', log([{ dataset: { name: '', digest: '', source_type: '', source: '' } }])),
    answersHere('empty is absent', {}, inputs()),
  ),
  sequence(
    'refuses a dataset that is no dataset',
    ...aRunOfItsOwn(),
    log('x'),
    refusedHere('no silent default', log([5])),
    refusedHere('no silent default', log([{ dataset: 'x' }])),
    refusedHere('no silent default', log([{ dataset: { ...wine, name: 5 } }])),
    refusedHere('no silent default', log([{ dataset: wine, tags: 'x' }])),
  ),
  sequence(
    'refuses a tag of an input without a key',
    ...aRunOfItsOwn(),
    refusedHere('no silent default', log([{ dataset: wine, tags: [{ value: 'v' }] }])),
    log([{ dataset: wine, tags: [{ key: 'k' }] }]),
  ),
  ...(
    [
      ['name', 500],
      ['digest', 36],
      ['source', 65535],
      ['schema', 1048575],
    ] as const
  ).map(([field, limit]) =>
    sequence(
      `takes ${limit} characters of ${field} and refuses one more`,
      ...aRunOfItsOwn(),
      log([{ dataset: { ...wine, [field]: 'x'.repeat(limit) } }]),
      log([{ dataset: { ...wine, [field]: 'x'.repeat(limit + 1) } }]),
    ),
  ),
  sequence(
    'limits the key and the value of a tag of an input',
    ...aRunOfItsOwn(),
    log([{ dataset: wine, tags: [{ key: 'k'.repeat(255), value: 'v'.repeat(500) }] }]),
    log([{ dataset: wine, tags: [{ key: 'k'.repeat(256), value: 'v' }] }]),
    log([{ dataset: wine, tags: [{ key: 'k', value: 'v'.repeat(501) }] }]),
  ),
  sequence(
    'refuses a run id that cannot be one',
    post('runs/log-inputs', { run_id: '../x' }),
    post('runs/log-inputs', { run_id: 'x'.repeat(257) }),
    post('runs/log-inputs', { run_id: '' }),
  ),
  sequence(
    'lists the datasets of experiments',
    anExperiment(),
    aRun(),
    aRun({ as: 'other' }),
    log([{ dataset: wine, tags: context('training') }, { dataset: { ...wine, name: 'beer' } }]),
    post('runs/log-inputs', {
      run_id: '{{other}}',
      datasets: [
        { dataset: wine, tags: context('training') },
        { dataset: { ...wine, name: 'beer' }, tags: context('eval') },
      ],
    }),
    summaries(['{{experiment}}']),
  ),
  sequence(
    'lists datasets of no experiment that has none',
    anExperiment(),
    summaries(['{{experiment}}']),
    summaries(['987654321']),
    summaries(['{{experiment}}', '{{experiment}}']),
  ),
  sequence(
    'refuses to list datasets of no or too many experiments',
    summaries([]),
    post('/ajax-api/2.0/mlflow/experiments/search-datasets', {}),
    summaries(Array.from({ length: 21 }, (_, index) => `${index}`)),
    summaries(Array.from({ length: 20 }, (_, index) => `98765432${index}`)),
  ),
  sequence(
    'lists the datasets of deleted runs too',
    ...aRunOfItsOwn(),
    log([{ dataset: wine }]),
    given(post('runs/delete', { run_id: '{{run}}' })),
    summaries(['{{experiment}}']),
  ),
]);

const output = (models: Json) => post('runs/outputs', { run_id: '{{run}}', models });

export const modelOutputs = capability('model outputs', [
  sequence(
    'logs models as outputs',
    ...aRunOfItsOwn(),
    output([
      { model_id: model('1'), step: 0 },
      { model_id: model('2'), step: 5 },
    ]),
    outputs(),
    found('runs.*.outputs'),
  ),
  sequence('starts at step 0 where none is given', ...aRunOfItsOwn(), output([{ model_id: model('1') }]), outputs()),
  sequence(
    'is given an output again',
    ...aRunOfItsOwn(),
    output([{ model_id: model('1'), step: 0 }]),
    { ...output([{ model_id: model('1'), step: 0 }]), differs: { why: 'safe to repeat', status: 200, body: {} } },
    outputs(),
  ),
  sequence(
    'is given an output again at another step',
    ...aRunOfItsOwn(),
    output([{ model_id: model('1'), step: 0 }]),
    { ...output([{ model_id: model('1'), step: 3 }]), differs: { why: 'safe to repeat', status: 200, body: {} } },
    {
      ...outputs(),
      differs: { why: 'safe to repeat', status: 200, body: { model_outputs: [{ model_id: '<model 1>', step: 3 }] } },
    },
  ),
  sequence('is given an output twice in one request', ...aRunOfItsOwn(), {
    ...output([
      { model_id: model('1'), step: 0 },
      { model_id: model('1'), step: 0 },
    ]),
    differs: { why: 'safe to repeat', status: 200, body: {} },
  }),
  sequence(
    'asks for what it needs',
    ...aRunOfItsOwn(),
    post('runs/outputs', { models: [] }),
    post('runs/outputs', { run_id: '{{run}}' }),
    output(null),
    output([]),
    output('x'),
    refusedHere('no silent default', output([{ step: 0 }])),
    refusedHere('exact codes', output([{ model_id: '' }])),
  ),
  sequence(
    'is given a step that is no number',
    ...aRunOfItsOwn(),
    refusedHere('no silent default', output([{ model_id: model('1'), step: 'x' }])),
    answersHere('no silent default', {}, outputs()),
  ),
]);
