import { aLoggedModel, aRun, aRunOfItsOwn, logged } from '../givens.ts';
import { at } from '../json.ts';
import { answersHere, capability, get, post, sequence } from '../sequence.ts';

const read = (see?: string) => get('logged-models/{{model}}', {}, see === undefined ? {} : { see });
const nobody = `m-${'0'.repeat(32)}`;
const noModel = (step: ReturnType<typeof post>) => ({
  ...step,
  differs: { why: 'exact codes' as const, status: 404, errorCode: 'RESOURCE_DOES_NOT_EXIST' },
});
const pointOf = (value: number) => ({
  run_id: '{{run}}',
  model_id: '{{model}}',
  key: 'm',
  value,
  timestamp: 10,
  step: 2,
});
const ours = () => [...aRunOfItsOwn(), aLoggedModel()];

export const modelMetrics = capability('metrics of logged models', [
  sequence(
    'writes a metric to the run and to its model',
    ...ours(),
    post('runs/log-metric', {
      run_id: '{{run}}',
      key: 'm',
      value: 0.5,
      timestamp: 10,
      step: 2,
      model_id: '{{model}}',
      dataset_name: 'd',
      dataset_digest: '1',
    }),
    read('model.data'),
    get('runs/get', { run_id: '{{run}}' }, { see: 'run.data.metrics' }),
  ),
  sequence(
    'writes a batch of metrics to models',
    ...ours(),
    aLoggedModel({ as: 'other' }),
    post('runs/log-batch', {
      run_id: '{{run}}',
      metrics: [
        { key: 'm', value: 1, timestamp: 1, step: 0, model_id: '{{model}}' },
        { key: 'm', value: 2, timestamp: 2, step: 1, model_id: '{{other}}' },
        { key: 'm', value: 3, timestamp: 3, step: 2 },
      ],
    }),
    read('model.data'),
    get('logged-models/{{other}}', {}, { see: 'model.data' }),
  ),
  sequence(
    'keeps the points of a model that differ in step, time or run',
    ...ours(),
    aRun({ as: 'second' }),
    logged({
      metrics: [
        { key: 'm', value: 1, timestamp: 1, step: 0, model_id: '{{model}}' },
        { key: 'm', value: 2, timestamp: 2, step: 0, model_id: '{{model}}' },
      ],
    }),
    logged({ run: 'second', metrics: [{ key: 'm', value: 3, timestamp: 1, step: 0, model_id: '{{model}}' }] }),
    read('model.data.metrics'),
  ),
  sequence(
    'takes a point of a model again',
    ...ours(),
    ...[1, 2].map(() =>
      post('runs/log-metric', {
        run_id: '{{run}}',
        key: 'm',
        value: 0.5,
        timestamp: 10,
        step: 2,
        model_id: '{{model}}',
      }),
    ),
    read('model.data.metrics'),
  ),
  sequence(
    'is given two values for one point of a model',
    ...ours(),
    post('runs/log-metric', pointOf(1)),
    answersHere('nothing lost', {}, post('runs/log-metric', pointOf(2))),
    answersHere(
      'nothing lost',
      [1, 2].map((value) => ({ ...pointOf(value), model_id: '<model 1>', run_id: '<run 1>' })),
      read('model.data.metrics'),
    ),
  ),
  sequence(
    'is given NaN for a model',
    ...ours(),
    post('runs/log-metric', {
      run_id: '{{run}}',
      key: 'm',
      value: 'NaN',
      timestamp: 10,
      step: 0,
      model_id: '{{model}}',
    }),
    {
      ...read('model.data.metrics'),
      differs: {
        why: 'nothing lost',
        status: 200,
        body: [{ key: 'm', value: 'NaN', timestamp: 10, step: 0, model_id: '<model 1>', run_id: '<run 1>' }],
      },
    },
  ),
  sequence(
    'is given infinity for a model',
    ...ours(),
    post('runs/log-metric', {
      run_id: '{{run}}',
      key: 'm',
      value: 'Infinity',
      timestamp: 10,
      step: 0,
      model_id: '{{model}}',
    }),
    read('model.data.metrics'),
  ),
  sequence(
    'is given a metric of a model that is not there',
    ...ours(),
    noModel(post('runs/log-metric', { run_id: '{{run}}', key: 'm', value: 1, timestamp: 1, model_id: nobody })),
    noModel(
      post('runs/log-batch', { run_id: '{{run}}', metrics: [{ key: 'm', value: 1, timestamp: 1, model_id: nobody }] }),
    ),
    {
      ...get('runs/get', { run_id: '{{run}}' }, { see: (body) => at(body, 'run.data.metrics') ?? 'none' }),
      differs: { why: 'exact codes', status: 200, body: 'none' },
    },
  ),
  sequence(
    'gives the same model in reads and in searches',
    ...ours(),
    logged({
      metrics: [
        { key: 'm', value: 1, timestamp: 1, step: 0, model_id: '{{model}}', dataset_name: 'd', dataset_digest: '1' },
      ],
    }),
    read(),
    post('logged-models/search', { experiment_ids: ['{{experiment}}'] }),
  ),
]);
