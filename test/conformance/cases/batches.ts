import { aRunOfItsOwn, logged } from '../givens.ts';
import type { Json } from '../json.ts';
import { answersHere, capability, get, post, refusedHere, sequence } from '../sequence.ts';

const batch = (fields: { [name: string]: Json }) => post('runs/log-batch', { run_id: '{{run}}', ...fields });
const data = () => get('runs/get', { run_id: '{{run}}' }, { see: 'run.data' });
const counts = () =>
  get(
    'runs/get',
    { run_id: '{{run}}' },
    {
      see: (body) => {
        const { run } = JSON.parse(JSON.stringify(body));
        return ['metrics', 'params', 'tags'].map((name) => run.data[name]?.length ?? 0);
      },
    },
  );
const many = (count: number, make: (index: number) => Json) => Array.from({ length: count }, (_, index) => make(index));
const metrics = (count: number) => many(count, (index) => ({ key: `m${index}`, value: index, timestamp: 1 }));
const params = (count: number) => many(count, (index) => ({ key: `p${index}`, value: `${index}` }));
const tags = (count: number) => many(count, (index) => ({ key: `t${index}`, value: `${index}` }));
const one = { metrics: metrics(1), params: params(1), tags: tags(1) };

export const batches = capability('batches', [
  sequence(
    'logs metrics, parameters and tags together',
    ...aRunOfItsOwn(),
    batch({
      metrics: [
        { key: 'm', value: 1.5, timestamp: 10, step: 2 },
        { key: 'nan', value: 'NaN', timestamp: 10, step: 0 },
      ],
      params: [{ key: 'p', value: 'x' }],
      tags: [{ key: 't', value: 'y' }],
    }),
    data(),
  ),
  sequence('takes an empty batch', ...aRunOfItsOwn(), batch({}), batch({ metrics: [], params: [], tags: [] })),
  sequence(
    'takes 1000 metrics and refuses 1001',
    ...aRunOfItsOwn(),
    batch({ metrics: metrics(1000) }),
    batch({ metrics: metrics(1001) }),
    counts(),
  ),
  sequence(
    'takes 100 parameters and refuses 101',
    ...aRunOfItsOwn(),
    batch({ params: params(100) }),
    batch({ params: params(101) }),
    counts(),
  ),
  sequence(
    'takes 100 tags and refuses 101',
    ...aRunOfItsOwn(),
    batch({ tags: tags(100) }),
    batch({ tags: tags(101) }),
    counts(),
  ),
  sequence(
    'takes 1000 things in all and refuses 1001',
    ...aRunOfItsOwn(),
    batch({ metrics: metrics(800), params: params(100), tags: tags(100) }),
    batch({ metrics: metrics(801), params: params(100), tags: tags(100) }),
    counts(),
  ),
  sequence(
    'refuses a parameter twice in one batch',
    ...aRunOfItsOwn(),
    batch({
      params: [
        { key: 'p', value: '1' },
        { key: 'p', value: '2' },
      ],
    }),
    batch({
      params: [
        { key: 'p', value: '1' },
        { key: 'p', value: '1' },
      ],
    }),
    counts(),
  ),
  sequence(
    'takes the last of a tag given twice',
    ...aRunOfItsOwn(),
    batch({
      tags: [
        { key: 't', value: '1' },
        { key: 't', value: '2' },
      ],
    }),
    data(),
  ),
  sequence(
    'takes a parameter again with the same value',
    ...aRunOfItsOwn(),
    batch({ params: [{ key: 'p', value: '1' }] }),
    batch({
      params: [
        { key: 'p', value: '1' },
        { key: 'q', value: '2' },
      ],
    }),
    data(),
  ),
  sequence(
    'writes nothing of a batch with a changed parameter',
    ...aRunOfItsOwn(),
    logged({ params: [{ key: 'p', value: '1' }] }),
    batch({
      params: [
        { key: 'q', value: '1' },
        { key: 'p', value: '2' },
      ],
      metrics: metrics(2),
      tags: tags(2),
    }),
    data(),
  ),
  ...(
    [
      ['metric key', { metrics: [...metrics(1), { key: 'a//b', value: 1, timestamp: 1 }] }],
      ['parameter key', { params: [...params(1), { key: '../x', value: 'v' }] }],
      ['tag key', { tags: [...tags(1), { key: 'k'.repeat(251), value: 'v' }] }],
      ['negative time', { metrics: [...metrics(1), { key: 'a', value: 1, timestamp: -1 }] }],
      ['metric without a key', { metrics: [...metrics(1), { value: 1, timestamp: 1 }] }],
      ['metric without a value', { metrics: [...metrics(1), { key: 'a', timestamp: 1 }] }],
      ['metric without a time', { metrics: [...metrics(1), { key: 'a', value: 1 }] }],
      ['parameter without a key', { params: [...params(1), { value: 'v' }] }],
      ['tag without a key', { tags: [...tags(1), { value: 'v' }] }],
    ] as const
  ).map(([what, bad]) =>
    sequence(
      `writes nothing of a batch with a bad part: ${what}`,
      ...aRunOfItsOwn(),
      batch({ ...one, ...bad }),
      counts(),
    ),
  ),
  sequence(
    'refuses lists that are no lists',
    ...aRunOfItsOwn(),
    batch({ metrics: 'x' }),
    batch({ params: { key: 'a' } }),
    refusedHere('no 500 for a mistake', batch({ tags: [5] })),
    refusedHere('no 500 for a mistake', batch({ metrics: [null] })),
  ),
  sequence(
    'cuts long values in a batch',
    ...aRunOfItsOwn(),
    batch({ params: [{ key: 'p', value: 'v'.repeat(6001) }], tags: [{ key: 't', value: 'v'.repeat(8001) }] }),
    data(),
  ),
  sequence(
    'drops points that are in the batch twice',
    ...aRunOfItsOwn(),
    batch({
      metrics: [
        { key: 'm', value: 1, timestamp: 1, step: 0 },
        { key: 'm', value: 1, timestamp: 1, step: 0 },
        { key: 'm', value: 1, timestamp: 1 },
      ],
    }),
    get('metrics/get-history', { run_id: '{{run}}', metric_key: 'm' }),
  ),
  sequence(
    'takes a batch again after its answer was lost',
    ...aRunOfItsOwn(),
    batch(one),
    batch(one),
    data(),
    get('metrics/get-history', { run_id: '{{run}}', metric_key: 'm0' }),
  ),
  sequence(
    'takes the id of the run with every metric as the client sends it',
    ...aRunOfItsOwn(),
    batch({ metrics: [{ key: 'm', value: 1, timestamp: 1, step: 0, run_id: '{{run}}' }] }),
    data(),
  ),
  sequence(
    'asks for a run',
    post('runs/log-batch', { metrics: metrics(1) }),
    post('runs/log-batch', {}),
    post('runs/log-batch', { run_id: '', metrics: metrics(1) }),
  ),
  sequence(
    'refuses a run id that cannot be one',
    post('runs/log-batch', { run_id: '../x' }),
    post('runs/log-batch', { run_id: '-x' }),
    post('runs/log-batch', { run_id: 'a b' }),
    post('runs/log-batch', { run_id: 'x'.repeat(257) }),
    post('runs/log-batch', { run_id: 'x'.repeat(256) }),
  ),
  sequence(
    'is given a metric with a fraction of a step',
    ...aRunOfItsOwn(),
    refusedHere(
      'no silent default',
      batch({ metrics: [...metrics(1), { key: 'a', value: 1, timestamp: 1, step: 0.5 }] }),
    ),
    answersHere('no silent default', [0, 0, 1], counts()),
  ),
  ...(
    [
      ['a metric value that is no number', { metrics: [...metrics(1), { key: 'a', value: 'abc', timestamp: 1 }] }],
      ['a parameter value that is no text', { params: [...params(1), { key: 'a', value: 5 }] }],
      ['a tag value that is no text', { tags: [...tags(1), { key: 'a', value: false }] }],
    ] as const
  ).map(([what, bad]) =>
    sequence(
      `is given a batch with ${what}`,
      ...aRunOfItsOwn(),
      refusedHere('no silent default', batch({ ...one, ...bad })),
      answersHere('no silent default', [0, 0, 1], counts()),
    ),
  ),
]);
