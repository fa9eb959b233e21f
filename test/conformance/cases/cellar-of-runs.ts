import { anExperiment, aRun, given, logged } from '../givens.ts';
import type { Json } from '../json.ts';
import { post, type Step } from '../sequence.ts';

/** Five runs whose names tell them apart; d has NaN, e has nothing. */
export const cellarOfRuns = (): Step[] => [
  anExperiment(),
  aRun({ as: 'a', start_time: 1000, user_id: 'me' }),
  aRun({ as: 'b', start_time: 2000, user_id: 'me' }),
  aRun({ as: 'c', start_time: 3000, user_id: 'You' }),
  aRun({ as: 'd', start_time: 4000, user_id: 'you' }),
  aRun({ as: 'e', start_time: 5000 }),
  logged({
    run: 'a',
    metrics: [
      { key: 'acc', value: 0.5, timestamp: 1, step: 0 },
      { key: 'val acc', value: 1, timestamp: 1 },
    ],
    params: [
      { key: 'depth', value: '5' },
      { key: 'model', value: 'Tree' },
    ],
    tags: [
      { key: 'team', value: 'red' },
      { key: 'mlflow.note.content', value: "it's good" },
    ],
  }),
  logged({
    run: 'b',
    metrics: [
      { key: 'acc', value: 0.9, timestamp: 1, step: 0 },
      { key: 'acc', value: 0.7, timestamp: 2, step: 1 },
    ],
    params: [
      { key: 'depth', value: '10' },
      { key: 'model', value: 'tree' },
    ],
    tags: [
      { key: 'team', value: 'Red' },
      { key: 'a-b', value: 'dash' },
    ],
  }),
  logged({
    run: 'c',
    metrics: [{ key: 'acc', value: -1, timestamp: 1, step: 0 }],
    params: [
      { key: 'depth', value: '' },
      { key: 'model', value: 'forest_1' },
    ],
    tags: [
      { key: 'team', value: 'blue' },
      { key: 'a/b', value: '100%' },
    ],
  }),
  logged({
    run: 'd',
    metrics: [{ key: 'acc', value: 'NaN', timestamp: 1, step: 0 }],
    params: [{ key: 'model', value: 'forestX1' }],
    tags: [{ key: 'team', value: '' }],
  }),
  given(post('runs/update', { run_id: '{{a}}', status: 'FINISHED', end_time: 9000 })),
  given(post('runs/update', { run_id: '{{b}}', status: 'FAILED', end_time: 8000 })),
  given(
    post('runs/log-inputs', {
      run_id: '{{a}}',
      datasets: [
        {
          dataset: { name: 'wine', digest: 'd1', source_type: 'local', source: 's' },
          tags: [{ key: 'mlflow.data.context', value: 'training' }],
        },
        { dataset: { name: 'beer', digest: 'd2', source_type: 'local', source: 's' } },
      ],
    }),
  ),
  given(
    post('runs/log-inputs', {
      run_id: '{{b}}',
      datasets: [
        {
          dataset: { name: 'wine', digest: 'd3', source_type: 'local', source: 's' },
          tags: [{ key: 'mlflow.data.context', value: 'eval' }],
        },
      ],
    }),
  ),
];

/** Ids are random, so what is compared is whether they come in order. */
export function sortedById(order_by: readonly string[]): Step {
  return post('runs/search', { experiment_ids: ['{{experiment}}'], order_by }, { see: (body) => inIdOrder(body) });
}

export function inIdOrder(body: Json): Json {
  const ids: string[] = JSON.parse(JSON.stringify(body)).runs.map(
    (run: { info: { run_id: string } }) => run.info.run_id,
  );
  const up = ids.every((id, index) => index === 0 || (ids[index - 1] ?? '') < id);
  const down = ids.every((id, index) => index === 0 || (ids[index - 1] ?? '') > id);
  return up ? 'ascending' : down ? 'descending' : 'neither';
}
