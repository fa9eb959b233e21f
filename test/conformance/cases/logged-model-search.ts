import { aLoggedModel, anExperiment, aRun, given, logged } from '../givens.ts';
import type { Json } from '../json.ts';
import { answersHere, capability, del, failsHere, patch, post, refusedHere, type Step, sequence } from '../sequence.ts';

const search = (fields: { [name: string]: Json }, see = 'models.*.info.name'): Step =>
  post('logged-models/search', { experiment_ids: ['{{experiment}}'], ...fields }, { see });
const filtered = (filter: string) => search({ filter });
const ordered = (...order_by: Json[]) => search({ order_by });
const point = (model: string, value: number, more: { [name: string]: Json } = {}) => ({
  key: 'acc',
  value,
  timestamp: 1,
  step: 0,
  model_id: `{{${model}}}`,
  ...more,
});

/** Three models made one after the other; c has neither metrics nor parameters. */
const three = (): Step[] => [
  anExperiment(),
  aRun(),
  aLoggedModel({
    as: 'a',
    model_type: 'sklearn',
    source_run_id: '{{run}}',
    params: [{ key: 'depth', value: '5' }],
    tags: [{ key: 'team', value: 'red' }],
  }),
  {
    ...aLoggedModel({
      as: 'b',
      model_type: 'xgboost',
      params: [{ key: 'depth', value: '10' }],
      tags: [{ key: 'team', value: 'Blue' }],
    }),
    later: true,
  },
  { ...aLoggedModel({ as: 'c' }), later: true },
  logged({
    metrics: [
      point('a', 0.5, { dataset_name: 'wine', dataset_digest: '1' }),
      point('a', 0.9, { step: 1, timestamp: 2 }),
      point('b', 0.7, { dataset_name: 'wine', dataset_digest: '2' }),
    ],
  }),
  given(patch('logged-models/{{a}}', { model_id: '{{a}}', status: 'LOGGED_MODEL_READY' })),
];

const filters = [
  "name = 'a'",
  "attributes.name = 'a'",
  "name != 'a'",
  "name LIKE 'a%'",
  "name ILIKE 'A'",
  "name IN ('a', 'c')",
  "name NOT IN ('a')",
  "model_id = '{{b}}'",
  "model_id IN ('{{b}}', '{{c}}')",
  "model_type = 'sklearn'",
  "model_type LIKE 'x%'",
  "source_run_id = '{{run}}'",
  "experiment_id = '{{experiment}}'",
  "artifact_location LIKE '%{{a}}%'",
  'status = 2',
  'status = 1',
  'status != 2',
  'creation_timestamp > 0',
  'creation_time > 0',
  'creation_timestamp < 5',
  'last_updated_timestamp > 0',
  'metrics.acc > 0.6',
  'metrics.acc > 0.8',
  'metrics.acc = 0.5',
  'metrics.acc < 0.6',
  'metrics.acc != 0.7',
  'metrics.none > 0',
  "params.depth = '5'",
  "params.depth != '5'",
  "params.depth LIKE '1%'",
  "tags.team = 'red'",
  "tags.team ILIKE 'b%'",
  "tags.team != 'red'",
  "name = 'a' AND metrics.acc > 0.6",
  "params.depth = '5' AND tags.team = 'red'",
];
const bad = [
  "tag.team = 'red'",
  'metric.acc > 1',
  "param.depth = '5'",
  "name > 'a'",
  'name IS NULL',
  'name',
  "metrics.acc LIKE '1'",
  "params.depth > '1'",
  'last_updated_time > 0',
];
const crashing = ["attributes.none = 'a'", "metrics.acc > 'abc'", "creation_timestamp > 'x'", "creation_time > 'x'"];

export const loggedModelSearch = capability('search of logged models', [
  ...filters.map((filter) => sequence(`filters by ${filter}`, ...three(), filtered(filter))),
  ...bad.map((filter) => sequence(`refuses the filter ${filter}`, ...three(), filtered(filter))),
  ...crashing.map((filter) =>
    sequence(`is given the filter ${filter}`, ...three(), refusedHere('no 500 for a mistake', filtered(filter))),
  ),
  sequence(
    'is given a status by its name',
    ...three(),
    { ...filtered("status = 'LOGGED_MODEL_READY'"), differs: { why: 'wider types', status: 200, body: ['a'] } },
    { ...filtered("status = 'READY'"), differs: { why: 'wider types', status: 200, body: ['a'] } },
  ),
  ...(
    [
      [{ field_name: 'name' }],
      [{ field_name: 'name', ascending: false }],
      [{ field_name: 'creation_timestamp' }],
      [{ field_name: 'creation_time', ascending: false }],
      [{ field_name: 'last_updated_timestamp' }],
      [{ field_name: 'model_type' }],
      [{ field_name: 'metrics.acc' }],
      [{ field_name: 'metrics.acc', ascending: false }],
      [{ field_name: 'metrics.acc', dataset_name: 'wine', dataset_digest: '1' }],
      [{ field_name: 'metrics.none' }],

      [{ field_name: 'status' }, { field_name: 'name', ascending: false }],
    ] as const
  ).map((order) => sequence(`orders by ${JSON.stringify(order)}`, ...three(), ordered(...order))),
  sequence(
    'refuses an order it does not know',
    ...three(),
    ordered({ field_name: 'none' }),
    ordered({ field_name: 'params.depth' }),
    ordered({ field_name: '' }),
    ordered({}),
    ordered('name'),
  ),
  sequence('gives the newest first', ...three(), search({})),
  sequence(
    'gives models in pages',
    ...three(),
    { ...search({ max_results: 2 }), keep: { token: 'next_page_token' } },
    search({ max_results: 2, page_token: '{{token}}' }),
  ),
  sequence(
    'refuses a token of another search',
    ...three(),
    { ...given(search({ max_results: 1 })), keep: { token: 'next_page_token' } },
    search({ max_results: 1, page_token: '{{token}}', filter: "name = 'a'" }),
    search({ max_results: 1, page_token: '{{token}}', order_by: [{ field_name: 'name' }] }),
    failsHere('no 500 for a mistake', 400, 'INVALID_PARAMETER_VALUE', search({ page_token: 'none' })),
  ),
  sequence('takes any page size', ...three(), search({ max_results: 0 }), search({ max_results: 100000 })),
  sequence(
    'is asked for a page of less than nothing',
    ...three(),
    refusedHere('no silent default', search({ max_results: -1 })),
  ),
  sequence(
    'asks for experiments',
    ...three(),
    post('logged-models/search', {}),
    post('logged-models/search', { experiment_ids: [] }),
    post('logged-models/search', { experiment_ids: ['987654321'] }),
    post('logged-models/search', { experiment_ids: 'x' }),
  ),
  sequence('does not give deleted models', ...three(), given(del('logged-models/{{b}}')), search({})),
  sequence(
    'gives models with a metric on a dataset',
    ...three(),
    search({ datasets: [{ dataset_name: 'wine', dataset_digest: '1' }] }),
    search({
      datasets: [
        { dataset_name: 'wine', dataset_digest: '1' },
        { dataset_name: 'wine', dataset_digest: '2' },
      ],
    }),
    search({ datasets: [{ dataset_name: 'beer', dataset_digest: '1' }] }),
    search({ filter: 'metrics.acc > 0.6', datasets: [{ dataset_name: 'wine', dataset_digest: '1' }] }),
    search({ filter: 'metrics.acc > 0.4', datasets: [{ dataset_name: 'wine', dataset_digest: '1' }] }),
  ),
  sequence('is given a dataset without a digest', ...three(), {
    ...search({ datasets: [{ dataset_name: 'wine' }] }),
    differs: { why: 'more filters', status: 200, body: ['b', 'a'] },
  }),
  sequence(
    'finds a model as the client does for runs:/',
    ...three(),
    post('logged-models/search', {
      experiment_ids: ['{{experiment}}'],
      filter: "name = 'a'",
      max_results: 5,
      order_by: [{ field_name: 'creation_time', ascending: false }],
    }),
  ),
  sequence('refuses a column that is none', ...three(), filtered("none = 'a'")),
  sequence('is given a value without quotes', ...three(), refusedHere('no half filters', filtered('name = a'))),
  sequence('understands OR', ...three(), answersHere('more filters', ['b', 'a'], filtered("name = 'a' OR name = 'b'"))),
  sequence(
    'orders by attributes.name',
    ...three(),
    answersHere('more filters', ['c', 'b', 'a'], ordered({ field_name: 'attributes.name', ascending: false })),
  ),
]);
