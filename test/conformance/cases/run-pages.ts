import { anExperiment, aRun, given, logged } from '../givens.ts';
import type { Json } from '../json.ts';
import { capability, post, type Step, sequence } from '../sequence.ts';
import { cellarOfRuns, inIdOrder } from './cellar-of-runs.ts';

const search = (fields: { [name: string]: Json }, see = 'runs.*.info.run_name'): Step =>
  post('runs/search', { experiment_ids: ['{{experiment}}'], ...fields }, { see });

export const runPages = capability('pages of runs', [
  sequence('gives the newest first, and those of one time by their id', ...cellarOfRuns(), search({})),
  sequence(
    'gives runs of one time in one order',
    anExperiment(),
    ...['x', 'y', 'z'].map((as) => aRun({ as })),
    post('runs/search', { experiment_ids: ['{{experiment}}'] }, { see: (body) => inIdOrder(body) }),
  ),
  sequence('gives runs in pages', ...cellarOfRuns(), page(2), page(2, 'token'), page(2, 'token')),
  sequence(
    'gives pages of a filter and an order',
    ...cellarOfRuns(),
    page(1, undefined, { filter: 'metrics.acc > 0', order_by: ['metrics.acc DESC'] }),
    page(1, 'token', { filter: 'metrics.acc > 0', order_by: ['metrics.acc DESC'] }),
  ),
  sequence(
    'gives pages through missing values',
    ...cellarOfRuns(),
    page(2, undefined, { order_by: ['params.depth'] }),
    page(2, 'token', { order_by: ['params.depth'] }),
    page(2, 'token', { order_by: ['params.depth'] }),
  ),
  sequence(
    'gives pages through NaN',
    ...cellarOfRuns(),
    page(3, undefined, { order_by: ['metrics.acc DESC'] }),
    page(1, 'token', { order_by: ['metrics.acc DESC'] }),
    page(1, 'token', { order_by: ['metrics.acc DESC'] }),
  ),
  sequence(
    'gives no token with the last page',
    ...cellarOfRuns(),
    search({ max_results: 5 }, 'next_page_token'),
    search({ max_results: 4 }, 'next_page_token'),
  ),
  sequence(
    'refuses tokens that are none',
    ...cellarOfRuns(),
    search({ page_token: 'none' }),
    search({ page_token: '!!!' }),
    search({ page_token: 'eyJvZmZzZXQiOiAwfQ==' }),
  ),
  sequence('takes an empty token for none', ...cellarOfRuns(), search({ page_token: '' })),
  sequence(
    'takes pages of 1 to 50000',
    ...cellarOfRuns(),
    search({ max_results: 1 }),
    search({ max_results: 50000 }),
    search({ max_results: 0 }),
    search({ max_results: -1 }),
    search({ max_results: 50001 }),
  ),
  sequence(
    'shows active, deleted or all runs',
    ...cellarOfRuns(),
    given(post('runs/delete', { run_id: '{{c}}' })),
    search({}),
    search({ run_view_type: 'ACTIVE_ONLY' }),
    search({ run_view_type: 'DELETED_ONLY' }),
    search({ run_view_type: 'ALL' }),
  ),
  sequence(
    'searches several experiments, and none',
    anExperiment(),
    anExperiment({ as: 'second' }),
    aRun({ as: 'one' }),
    aRun({ as: 'two', in: 'second', start_time: 2000 }),
    post('runs/search', { experiment_ids: ['{{experiment}}', '{{second}}'] }, { see: 'runs.*.info.run_name' }),
    post('runs/search', { experiment_ids: ['{{second}}', '987654321'] }, { see: 'runs.*.info.run_name' }),
    post('runs/search', { experiment_ids: [] }),
    post('runs/search', {}),
    post('runs/search', { experiment_ids: ['987654321'] }),
  ),
  sequence(
    'searches one experiment that is named twice',
    anExperiment(),
    aRun(),
    post('runs/search', { experiment_ids: ['{{experiment}}', '{{experiment}}'] }, { see: 'runs.*.info.run_name' }),
  ),
  sequence(
    'refuses an experiment id that is no number',
    post('runs/search', { experiment_ids: ['abc'] }),
    post('runs/search', { experiment_ids: ['1.5'] }),
    post('runs/search', { experiment_ids: [''] }),
  ),
  sequence(
    'searches the runs of a deleted experiment',
    anExperiment(),
    aRun(),
    given(post('experiments/delete', { experiment_id: '{{experiment}}' })),
    search({}),
    search({ run_view_type: 'ALL' }),
  ),
  sequence(
    'gives whole runs',
    anExperiment(),
    aRun({ as: 'a', user_id: 'me' }),
    logged({
      run: 'a',
      metrics: [{ key: 'acc', value: 0.5, timestamp: 7, step: 2 }],
      params: [{ key: 'p', value: 'x' }],
      tags: [{ key: 't', value: 'y' }],
    }),
    post('runs/search', { experiment_ids: ['{{experiment}}'] }),
  ),
  sequence(
    'finds tables as the client asks for them',
    anExperiment(),
    aRun({ as: 'a' }),
    aRun({ as: 'b' }),
    logged({ run: 'a', tags: [{ key: 'mlflow.loggedArtifacts', value: '[{"path": "tab.json", "type": "table"}]' }] }),
    search({
      filter: `tags.mlflow.loggedArtifacts LIKE '%"path"%:%"tab.json",%"type"%:%"table"%' and attributes.run_id IN ('{{a}}', '{{b}}')`,
    }),
  ),
]);

function page(max_results: number, token?: string, fields: { [name: string]: Json } = {}): Step {
  const body = {
    experiment_ids: ['{{experiment}}'],
    max_results,
    ...fields,
    ...(token === undefined ? {} : { page_token: `{{${token}}}` }),
  };
  return post('runs/search', body, { see: 'runs.*.info.run_name', keep: { token: 'next_page_token' } });
}
