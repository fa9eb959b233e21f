import { anExperiment, given } from '../givens.ts';
import type { Json } from '../json.ts';
import { capability, get, post, refusedHere, type Step, sequence } from '../sequence.ts';

const ours = "name LIKE '%{{unique}}'";
const names = 'experiments.*.name';
const search = (fields: { [name: string]: Json }, see = names): Step =>
  post('experiments/search', { max_results: 100, ...fields }, { see });
const filtered = (clause: string) =>
  search({ filter: clause === '' ? ours : `${ours} AND ${clause}`, order_by: ['name'] });
const ordered = (...order_by: string[]) => search({ filter: ours, order_by });

/** Made one after the other, in later milliseconds. */
const four = (): Step[] => [
  anExperiment({ as: 'b', tags: [{ key: 'team', value: 'red' }] }),
  {
    ...anExperiment({
      as: 'a',
      tags: [
        { key: 'team', value: 'Blue' },
        { key: 'a-b', value: 'x' },
      ],
    }),
    later: true,
  },
  { ...anExperiment({ as: 'B', tags: [{ key: 'team', value: '' }] }), later: true },
  { ...anExperiment({ as: 'c' }), later: true },
];

const filters = [
  "name = 'a-{{unique}}'",
  "attribute.name = 'a-{{unique}}'",
  "name != 'a-{{unique}}'",
  "name LIKE 'b-%'",
  "name ILIKE 'b-%'",
  "name LIKE '_-%'",
  "experiment_id = '{{a}}'",
  "experiment_id != '{{a}}'",
  "experiment_id IN ('{{a}}', '{{c}}')",
  "experiment_id NOT IN ('{{a}}', '{{c}}')",
  "tags.team = 'red'",
  "tag.team = 'red'",
  "tags.team != 'red'",
  "tags.team LIKE 'B%'",
  "tags.team ILIKE 'b%'",
  'tags.team IS NULL',
  'tags.team IS NOT NULL',
  'tags.team is null',
  "tags.`a-b` = 'x'",
  "tags.team = '' AND name LIKE 'B%'",
  'creation_time > 0',
  'creation_time < 5',
  'last_update_time >= 0',
  'creation_time != 0',
];
const lower = ["name like 'b-%'", "name ilike 'b-%'", "experiment_id in ('{{b}}')", "tags.team like 'r%'"] as const;
const bad = [
  "attributes.name = 'a'",
  "attr.name = 'a'",
  "none = 'a'",
  "name > 'a'",
  'name = a',
  'name = 5',
  "name IN ('a')",
  'name IS NULL',
  "experiment_id = 'x'",
  'experiment_id = 5',
  "experiment_id > '5'",
  "creation_time = '5'",
  'creation_time > 1.5',
  'creation_time > x',
  "creation_time LIKE '1'",
  "tags.team > 'a'",
  "tags.team IN ('a')",
  'tags.team = 5',
  "lifecycle_stage = 'active'",
  "artifact_location = 's3://x'",
  'name',
  'metrics.a > 1',
  "params.a = 'b'",
];
const orders = [
  ['name'],
  ['name DESC'],
  ['name asc'],
  ['creation_time'],
  ['creation_time DESC'],
  ['last_update_time'],
  ['experiment_id'],
  ['experiment_id DESC'],
  ['attribute.name'],
  ['last_update_time DESC', 'name'],
];
const badOrders = ['none', 'tags.team', 'attributes.name', 'name UP', '', 'lifecycle_stage', 'artifact_location'];

export const experimentSearch = capability('search of experiments', [
  ...filters.map((filter) => sequence(`filters by ${filter}`, ...four(), filtered(filter))),
  ...lower.map((filter) =>
    sequence(`understands ${filter}`, ...four(), {
      ...filtered(filter),
      differs: {
        why: 'more filters',
        status: 200,
        body: filter.includes('ilike') ? ['B-<unique>', 'b-<unique>'] : ['b-<unique>'],
      },
    }),
  ),
  ...bad.map((filter) => sequence(`refuses the filter ${filter}`, ...four(), search({ filter }))),
  ...orders.map((order) => sequence(`orders by ${order.join(', ')}`, ...four(), ordered(...order))),
  ...badOrders.map((order) => sequence(`refuses the order ${JSON.stringify(order)}`, search({ order_by: [order] }))),
  sequence('gives the newest first', ...four(), ordered()),
  sequence(
    'gives pages',
    ...four(),
    { ...search({ filter: ours, max_results: 3, order_by: ['name'] }), keep: { token: 'next_page_token' } },
    search({ filter: ours, max_results: 3, order_by: ['name'], page_token: '{{token}}' }),
  ),
  sequence(
    'gives a token only when there is more',
    ...four(),
    search({ filter: ours, max_results: 4 }, 'next_page_token'),
    search({ filter: ours, max_results: 3 }, 'next_page_token'),
  ),
  sequence(
    'searches by GET too',
    ...four(),
    get('experiments/search', { max_results: 10, filter: ours, order_by: ['name DESC'] }, { see: names }),
    get('experiments/search', { max_results: 10, filter: ours, view_type: 'DELETED_ONLY' }, { see: names }),
  ),
  sequence(
    'shows active, deleted or all',
    ...four(),
    given(post('experiments/delete', { experiment_id: '{{a}}' })),
    search({ filter: ours, order_by: ['name'] }),
    search({ filter: ours, view_type: 'DELETED_ONLY' }),
    search({ filter: ours, view_type: 'ALL', order_by: ['name'] }),
  ),
  sequence(
    'gives whole experiments',
    anExperiment({ tags: [{ key: 'a', value: 'b' }] }),
    post('experiments/search', { max_results: 5, filter: ours }),
  ),
  sequence(
    'is asked without a page size',
    anExperiment(),
    {
      ...post('experiments/search', { filter: ours }, { see: names }),
      differs: { why: 'default page size', status: 200, body: ['experiment-<unique>'] },
    },
    {
      ...get('experiments/search', { filter: ours }, { see: names }),
      differs: { why: 'default page size', status: 200, body: ['experiment-<unique>'] },
    },
  ),
  sequence(
    'takes pages of 1 to 50000',
    anExperiment(),
    search({ filter: ours, max_results: 1 }),
    search({ filter: ours, max_results: 50000 }),
    search({ max_results: 50001 }),
    search({ max_results: -1 }),
    search({ max_results: 0 }),
  ),
  sequence('refuses tokens that are none', search({ page_token: 'none' }), search({ page_token: '!!!' })),
  sequence(
    'is given AND and nothing else',
    refusedHere('no half filters', search({ filter: 'AND', max_results: 1 }, 'experiments.*.lifecycle_stage')),
  ),
]);
