import { anExperiment, aRun, aRunOfItsOwn, logged } from '../givens.ts';
import type { Json } from '../json.ts';
import { answersHere, capability, get, post, refusedHere, sequence } from '../sequence.ts';

const point = (value: Json, timestamp: number, step: number, key = 'm') => ({ key, value, timestamp, step });
const line = (count: number, from = 0) =>
  Array.from({ length: count }, (_, index) => point(index + from, 1000 + index, index + from));
const whole = (query: { [name: string]: string | number } = {}) =>
  get('metrics/get-history', { run_id: '{{run}}', metric_key: 'm', ...query });
const bulk = (query: { [name: string]: string | number | readonly string[] }) =>
  get('/ajax-api/2.0/mlflow/metrics/get-history-bulk', query);
const interval = (query: { [name: string]: string | number | readonly string[] } = {}, see = 'metrics.*.step,value') =>
  get('metrics/get-history-bulk-interval', { run_ids: ['{{run}}'], metric_key: 'm', ...query }, { see });

export const metricHistories = capability('metric histories', [
  sequence(
    'orders a history by time, then step, then value',
    ...aRunOfItsOwn(),
    logged({
      metrics: [
        point(5, 30, 1),
        point(9, 10, 7),
        point(3, 20, 2),
        point(2, 20, 2),
        point(1, 20, 1),
        point('NaN', 20, 2),
        point(-4, 20, 2),
      ],
    }),
    whole(),
  ),
  sequence(
    'gives a history in pages',
    ...aRunOfItsOwn(),
    logged({ metrics: line(5) }),
    { ...whole({ max_results: 2 }), keep: { token: 'next_page_token' } },
    { ...whole({ max_results: 2, page_token: '{{token}}' }), keep: { token: 'next_page_token' } },
    whole({ max_results: 2, page_token: '{{token}}' }),
  ),
  sequence(
    'gives no token after the last point',
    ...aRunOfItsOwn(),
    logged({ metrics: line(4) }),
    whole({ max_results: 4 }),
    whole({ max_results: 5 }),
    whole({ max_results: 25000 }),
  ),
  sequence(
    'gives nothing for what it does not know',
    ...aRunOfItsOwn(),
    whole(),
    get('metrics/get-history', { run_id: '0'.repeat(32), metric_key: 'm' }),
  ),
  sequence(
    'refuses a page of nothing',
    ...aRunOfItsOwn(),
    whole({ max_results: 0 }),
    whole({ max_results: -1 }),
    refusedHere('no silent default', whole({ max_results: 'x' })),
    whole({ max_results: 2, page_token: 'no token' }),
  ),
  sequence(
    'asks for what it needs',
    ...aRunOfItsOwn(),
    get('metrics/get-history', { run_id: '{{run}}' }),
    get('metrics/get-history', { metric_key: 'm' }),
    get('metrics/get-history', { run_id: '{{run}}', metric_key: '' }),
  ),
  sequence(
    'reads a history by the old id field',
    ...aRunOfItsOwn(),
    logged({ metrics: line(1) }),
    get('metrics/get-history', { run_uuid: '{{run}}', metric_key: 'm' }),
  ),
  sequence(
    'reads the history of a deleted run',
    ...aRunOfItsOwn(),
    logged({ metrics: line(1) }),
    post('runs/delete', { run_id: '{{run}}' }),
    whole(),
  ),
  sequence(
    'gives histories of several runs, run by run',
    anExperiment(),
    aRun({ as: 'one' }),
    logged({ run: 'one', metrics: line(2) }),
    bulk({ run_id: ['{{one}}'], metric_key: 'm' }),
    bulk({ run_id: ['{{one}}', '0'.repeat(32)], metric_key: 'm' }),
  ),
  sequence(
    'cuts the histories of several runs at max_results in all',
    anExperiment(),
    aRun({ as: 'run' }),
    logged({ metrics: line(5) }),
    bulk({ run_id: '{{run}}', metric_key: 'm', max_results: 3 }),
  ),
  sequence(
    'shows NaN in the histories of several runs',
    ...aRunOfItsOwn(),
    logged({ metrics: [point('NaN', 1, 0), point('Infinity', 2, 0)] }),
    {
      ...bulk({ run_id: '{{run}}', metric_key: 'm' }),
      differs: {
        why: 'json errors',
        status: 200,
        body: {
          metrics: [
            { key: 'm', value: 'NaN', timestamp: 1, step: 0, run_id: '<run 1>' },
            { key: 'm', value: 1.7976931348623157e308, timestamp: 2, step: 0, run_id: '<run 1>' },
          ],
        },
      },
    },
  ),
  sequence(
    'refuses histories of too many runs or of none',
    ...aRunOfItsOwn(),
    bulk({ metric_key: 'm' }),
    bulk({ run_id: '{{run}}' }),
    bulk({ run_id: Array.from({ length: 101 }, () => '{{run}}'), metric_key: 'm' }),
    bulk({ run_id: Array.from({ length: 100 }, () => '{{run}}'), metric_key: 'm' }),
  ),
  sequence(
    'gives every point of a short series',
    ...aRunOfItsOwn(),
    logged({ metrics: line(6) }),
    interval({}, 'metrics'),
  ),
  ...[1, 2, 3, 4, 7, 10, 19, 20].map((max) =>
    sequence(
      `samples 20 points to ${max}`,
      ...aRunOfItsOwn(),
      logged({ metrics: line(20) }),
      interval({ max_results: max }),
    ),
  ),
  sequence('samples 23 points to 5', ...aRunOfItsOwn(), logged({ metrics: line(23) }), interval({ max_results: 5 })),
  sequence(
    'samples the steps from and to',
    ...aRunOfItsOwn(),
    logged({ metrics: line(20) }),
    interval({ start_step: 5, end_step: 8 }),
    interval({ start_step: 5, end_step: 14, max_results: 3 }),
    interval({ start_step: 5, end_step: 5 }),
    interval({ start_step: 50, end_step: 60 }),
    interval({ start_step: 0, end_step: 0 }),
  ),
  sequence(
    'samples points of one step by time and value',
    ...aRunOfItsOwn(),
    logged({ metrics: [point(3, 10, 0), point(2, 10, 0), point(1, 20, 0), point('NaN', 5, 0), point(9, 1, 1)] }),
    interval({}, 'metrics'),
    interval({ max_results: 3 }, 'metrics'),
  ),
  sequence(
    'samples negative steps',
    ...aRunOfItsOwn(),
    logged({ metrics: line(5, -3) }),
    interval(),
    interval({ start_step: -2, end_step: 0 }),
  ),
  sequence(
    'samples each of several runs',
    anExperiment(),
    aRun({ as: 'run' }),
    logged({ metrics: line(4) }),
    interval({ run_ids: ['{{run}}', '0'.repeat(32)], max_results: 2 }),
  ),
  sequence(
    'serves samples under ajax-api too',
    ...aRunOfItsOwn(),
    logged({ metrics: line(3) }),
    answersHere(
      'says more',
      {
        metrics: [0, 1, 2].map((step) => ({ key: 'm', value: step, timestamp: 1000 + step, step, run_id: '<run 1>' })),
        points: { '<run 1>': 3 },
      },
      get('/ajax-api/2.0/mlflow/metrics/get-history-bulk-interval', { run_ids: '{{run}}', metric_key: 'm' }),
    ),
  ),
  sequence(
    'refuses half an interval and an empty one',
    ...aRunOfItsOwn(),
    interval({ start_step: 1 }),
    interval({ end_step: 1 }),
    interval({ start_step: 5, end_step: 1 }),
    interval({ start_step: 'a', end_step: 'b' }),
  ),
  sequence(
    'refuses samples of nothing or of too much',
    ...aRunOfItsOwn(),
    interval({ max_results: 0 }),
    interval({ max_results: 2501 }),
    interval({ max_results: 2500 }),
    interval({ max_results: -1 }),
    get('metrics/get-history-bulk-interval', { metric_key: 'm' }),
    get('metrics/get-history-bulk-interval', { run_ids: '{{run}}' }),
    interval({ run_ids: Array.from({ length: 101 }, () => '{{run}}') }),
  ),
  sequence('does not sample a key that is not there', ...aRunOfItsOwn(), interval({ metric_key: 'none' })),
]);
