import { anExperiment, aRun, given, logged } from '../givens.ts';
import type { Json } from '../json.ts';
import { capability, post, refusedHere, type Step, sequence } from '../sequence.ts';

const search = (fields: { [name: string]: Json }, see = 'runs.*.info.run_name'): Step =>
  post('runs/search', { experiment_ids: ['{{experiment}}'], ...fields }, { see });
const filtered = (filter: string) => search({ filter });
const ordered = (...order_by: string[]) => search({ order_by });

/** Five runs whose names tell them apart; d has NaN, e has nothing. */
const cellarOfRuns = (): Step[] => [
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

const filters = [
  'metrics.acc > 0.5',
  'metrics.acc >= 0.5',
  'metrics.acc < 0.7',
  'metrics.acc <= 0.7',
  'metrics.acc = 0.7',
  'metrics.acc != 0.7',
  'metrics.acc = 0.9',
  'metric.acc > 0.6',
  'metrics.acc > -1.5',
  'metrics.acc > .6',
  'metrics.acc > 1e-1',
  'metrics.acc=0.5',
  'metrics.`val acc` = 1',
  'metrics."val acc" = 1',
  'metrics.none > 0',
  'metrics.none != 0',
  "params.depth = '5'",
  'params.depth = "5"',
  "params.depth != '5'",
  "params.depth > '5'",
  "param.depth = '10'",
  "parameter.depth = '10'",
  "parameters.depth = '10'",
  "params.depth = ''",
  "params.model LIKE 'tree'",
  "params.model LIKE 'T%'",
  "params.model ILIKE 't%'",
  "params.model LIKE '%re%'",
  "params.model LIKE 'forest_1'",
  "params.model like 'tree'",
  "params.model ilike 'TREE'",
  'params.depth IS NULL',
  'params.depth IS NOT NULL',
  'params.depth is not null',
  "tags.team = 'red'",
  "tag.team = 'red'",
  "tags.team != 'red'",
  "tags.team ILIKE 'RED'",
  "tags.team LIKE '%'",
  "tags.team = ''",
  'tags.team IS NULL',
  'tags.team IS NOT NULL',
  "tags.`a-b` = 'dash'",
  'tags."a-b" = \'dash\'',
  "tags.`a/b` = '100%'",
  "tags.`a/b` LIKE '100%'",
  'tags.mlflow.note.content = "it\'s good"',
  "tags.mlflow.runName = 'a'",
  "attributes.status = 'FINISHED'",
  "attribute.status = 'FINISHED'",
  "attr.status = 'FINISHED'",
  "run.status = 'FINISHED'",
  "status = 'FINISHED'",
  "status != 'RUNNING'",
  "status = 'finished'",
  "status LIKE 'F%'",
  "status ILIKE 'f%'",
  "attributes.run_name = 'a'",
  "run_name LIKE '%'",
  "run_name != 'a'",
  "`run name` = 'b'",
  "attributes.`Run name` = 'b'",
  "user_id = 'me'",
  "user_id = ''",
  "user_id != 'me'",
  "user_id ILIKE 'YOU'",
  "attributes.run_id = '{{a}}'",
  "run_id IN ('{{a}}', '{{c}}')",
  "run_id NOT IN ('{{a}}', '{{c}}')",
  "run_id in ('{{b}}')",
  "run_id != '{{a}}'",
  "run_id LIKE '%'",
  "artifact_uri LIKE '%{{a}}%'",
  'start_time > 2000',
  'attributes.start_time >= 2000',
  'start_time = 3000',
  'start_time != 3000',
  'attributes.created < 2000',
  'end_time > 0',
  'end_time = 9000',
  'end_time <= 8000',
  'end_time != 9000',
  "datasets.name = 'wine'",
  "dataset.name = 'wine'",
  "datasets.name != 'wine'",
  "datasets.digest = 'd3'",
  "datasets.context = 'training'",
  "datasets.name LIKE 'w%'",
  "datasets.name ILIKE 'WINE'",
  "datasets.name IN ('beer', 'x')",
  "datasets.name NOT IN ('beer')",
  "datasets.name = 'wine' AND datasets.context = 'eval'",
  "datasets.name = 'beer' AND datasets.digest = 'd1'",
  "metrics.acc > 0 AND params.model = 'tree'",
  "metrics.acc > 0 and params.model = 'tree'",
  'metrics.acc > 0 AND metrics.acc < 0.6',
  "tags.team != 'red' AND tags.team != 'blue'",
  "params.depth = '5' AND tags.team = 'red' AND status = 'FINISHED' AND metrics.acc = 0.5",
  'metrics.acc > 0 AND',
  "metrics.acc > 0\nAND\tparams.model = 'tree'",
  '  metrics.acc > 0  ',
  "params.model = 'AND'",
];

const bad = [
  ' ',
  'metrics.acc',
  'metrics.acc >',
  '> 0.5',
  "metrics.acc > 0.5 AND AND params.a = 'b'",
  'AND metrics.acc > 0',
  "metrics.acc > 'abc'",
  "metrics.acc > '0.5'",
  "metrics.acc LIKE '1'",
  'metrics.acc = 0.5 metrics.acc = 0.5',
  'metrics.acc > +1',
  'metrics.acc > 1 2',
  'metrics.acc IS NULL',
  'params.depth = 5',
  'params.depth = tree',
  "params.depth BETWEEN '1' AND '2'",
  "params.depth IN ('5')",
  "tags.team IN ('red')",
  "tags.team NOT LIKE 'red'",
  "params.depth == '5'",
  "params.depth <> '5'",
  "params.depth = '5",
  'params.depth = "5',
  "params.`depth = '5'",
  "NOT params.depth = '5'",
  "status > 'A'",
  "status IN ('FINISHED')",
  "start_time = '1000'",
  'start_time > abc',
  "start_time LIKE '1'",
  "run_name IN ('a')",
  'run_id IN ()',
  "run_id IN 'x'",
  'run_id IN (1, 2)',
  "run_id IN ('a' 'b')",
  "run_id IN ('a',)",
  "none.a = 'b'",
  "attributes.none = 'b'",
  "attributes.experiment_id = '1'",
  "lifecycle_stage = 'active'",
  'attributes.duration > 1',
  "none = 'b'",
  'Metrics.acc > 1',
  'METRICS.acc > 1',
  "tags.a-b = 'dash'",
  "tags.a b = 'c'",
  "datasets.none = 'a'",
  "datasets.name > 'a'",
  'datasets.name IS NULL',
  "params.a = 'b'; drop table runs",
  "params.a = 'b' -- x",
  "params. = 'b'",
  ".a = 'b'",
  "'params.a' = 'b'",
  '5 = 5',
];

const orders = [
  ['metrics.acc'],
  ['metrics.acc ASC'],
  ['metrics.acc DESC'],
  ['metrics.acc desc'],
  ['metrics.`val acc`'],
  ['metrics.none'],
  ['params.depth'],
  ['params.depth DESC'],
  ['params.model'],
  ['tags.team'],
  ['tags.team DESC'],
  ['tags.`a-b`'],
  ['attributes.start_time'],
  ['start_time ASC'],
  ['start_time DESC'],
  ['attributes.status'],
  ['status DESC', 'start_time'],
  ['run_name DESC'],
  ['attributes.run_name'],
  ['end_time'],
  ['end_time DESC'],
  ['user_id'],
  ['user_id DESC', 'run_name'],
  ['run_id'],
  ['attributes.run_id DESC'],
  ['artifact_uri'],
  ['attribute.start_time'],
  ['metric.acc'],
  ['created'],
  ['params.model', 'metrics.acc'],
];

const badOrders = [
  ['metrics.acc UP'],
  ['metrics.acc ASC DESC'],
  [''],
  [' '],
  ['none.a'],
  ['none'],
  ['datasets.name'],
  ['experiment_id'],
  ['attributes.duration'],
  ['ASC'],
  ['metrics.acc, params.depth'],
  ['metrics.'],
  ['metrics.acc; drop table runs'],
  ['lifecycle_stage'],
];

/** More than MLflow knows: OR and parentheses. */
const more = [
  ["params.depth = '5' OR params.depth = '10'", ['b', 'a']],
  ["(tags.team = 'red')", ['a']],
  ["(tags.team = 'red' OR tags.team = 'blue') AND metrics.acc > 0", ['a']],
  ["tags.team = 'blue' OR tags.team = 'red' AND metrics.acc > 9", ['c']],
] as const;

const name = (text: string) => text.replaceAll('\n', '\\n').replaceAll('\t', '\\t');

export const runSearch = capability('search of runs', [
  ...filters.map((filter) => sequence(`filters by ${name(filter)}`, ...cellarOfRuns(), filtered(filter))),
  ...bad.map((filter) => sequence(`refuses the filter ${name(filter)}`, ...cellarOfRuns(), filtered(filter))),
  ...more.map(([filter, names]) =>
    sequence(`understands ${filter}`, ...cellarOfRuns(), {
      ...filtered(filter),
      differs: { why: 'more filters', status: 200, body: names },
    }),
  ),
  ...orders.map((order) =>
    sequence(
      `orders by ${order.join(', ')}`,
      ...cellarOfRuns(),
      ...(order[0]?.includes('run_id') || order[0] === 'artifact_uri' ? [sortedById(order)] : [ordered(...order)]),
    ),
  ),
  ...badOrders.map((order) =>
    sequence(`refuses the order ${JSON.stringify(order[0])}`, ...cellarOfRuns(), ordered(...order)),
  ),
  sequence(
    'is asked to order by one thing twice',
    ...cellarOfRuns(),
    refusedHere('no 500 for a mistake', ordered('metrics.acc', 'metrics.acc DESC')),
    refusedHere('no 500 for a mistake', ordered('start_time', 'start_time')),
  ),
]);

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

/** Ids are random, so what is compared is whether they come in order. */
function sortedById(order_by: readonly string[]): Step {
  return post('runs/search', { experiment_ids: ['{{experiment}}'], order_by }, { see: (body) => inIdOrder(body) });
}

function inIdOrder(body: Json): Json {
  const ids: string[] = JSON.parse(JSON.stringify(body)).runs.map(
    (run: { info: { run_id: string } }) => run.info.run_id,
  );
  const up = ids.every((id, index) => index === 0 || (ids[index - 1] ?? '') < id);
  const down = ids.every((id, index) => index === 0 || (ids[index - 1] ?? '') > id);
  return up ? 'ascending' : down ? 'descending' : 'neither';
}
