import { aRegisteredModel, aVersion, inStage } from '../givens.ts';
import { answersHere, capability, failsHere, get, refusedHere, type Step, sequence } from '../sequence.ts';

type Query = { [name: string]: string | number | readonly string[] };
const ours = "name LIKE '%-{{unique}}'";

const models = (query: Query, see = 'registered_models.*.name') => get('registered-models/search', query, { see });
const filteredModels = (clause: string) => models({ filter: clause === '' ? ours : `${ours} AND ${clause}` });
const three = (): Step[] => [
  aRegisteredModel('b', { tags: [{ key: 'team', value: 'red' }] }),
  {
    ...aRegisteredModel('a', {
      tags: [
        { key: 'team', value: 'Blue' },
        { key: 'a-b', value: 'x' },
      ],
    }),
    later: true,
  },
  { ...aRegisteredModel('B'), later: true },
];
const prompt = () => aRegisteredModel('p', { tags: [{ key: 'mlflow.prompt.is_prompt', value: 'true' }] });

const modelFilters = [
  "name = 'a-{{unique}}'",
  "attribute.name = 'a-{{unique}}'",
  "name != 'a-{{unique}}'",
  "name LIKE 'b-%'",
  "name ILIKE 'B-%'",
  "name ilike 'B-%'",
  "name like 'b%'",
  "name IN ('a-{{unique}}', 'B-{{unique}}')",
  "name NOT IN ('a-{{unique}}')",
  "tags.team = 'red'",
  "tag.team = 'red'",
  "tags.team != 'red'",
  "tags.team LIKE 'B%'",
  "tags.team ILIKE 'b%'",
  "tags.`a-b` = 'x'",
];
const badModelFilters = [
  "none = 'a'",
  "description = 'a'",
  "name > 'a'",
  'name = a',
  "tags.team IN ('a')",
  "tags.team > 'a'",
  'creation_timestamp > 1',
  "version = '1'",
  "params.a = 'b'",
  'name',
];
const promptFilters = [
  "tag.`mlflow.prompt.is_prompt` != 'true'",
  "tag.`mlflow.prompt.is_prompt` = 'true'",
  "tag.`mlflow.prompt.is_prompt` = 'false'",
  "tag.`mlflow.prompt.is_prompt` != 'false'",
  "tags.`mlflow.prompt.is_prompt` != 'true'",
  "tags.`mlflow.prompt.is_prompt` = 'true'",
  '',
];

export const registeredModelSearch = capability('search of registered models', [
  ...modelFilters.map((filter) => sequence(`filters by ${filter}`, ...three(), filteredModels(filter))),
  ...badModelFilters.map((filter) => sequence(`refuses the filter ${filter}`, models({ filter }))),
  ...promptFilters.map((filter) =>
    sequence(
      `keeps prompts apart: ${filter === '' ? 'no clause' : filter}`,
      ...three(),
      prompt(),
      filteredModels(filter),
    ),
  ),
  sequence(
    'takes the clause on prompts alone',
    get(
      'registered-models/search',
      { filter: "tag.`mlflow.prompt.is_prompt` != 'true'", max_results: 1 },
      { see: () => 'good' },
    ),
  ),
  ...[
    ['name'],
    ['name DESC'],
    ['name ASC'],
    ['timestamp'],
    ['timestamp DESC'],
    ['last_updated_timestamp'],
    ['last_updated_timestamp DESC', 'name'],
  ].map((order) => sequence(`orders by ${order.join(', ')}`, ...three(), models({ filter: ours, order_by: order }))),
  ...['creation_timestamp', 'none', 'name UP', '', 'tags.team', 'version'].map((order) =>
    sequence(`refuses the order ${JSON.stringify(order)}`, models({ order_by: order })),
  ),
  sequence('gives models by name', ...three(), models({ filter: ours })),
  sequence(
    'gives pages',
    ...three(),
    { ...models({ filter: ours, max_results: 2 }), keep: { token: 'next_page_token' } },
    models({ filter: ours, max_results: 2, page_token: '{{token}}' }),
  ),
  sequence(
    'gives a token only when there is more',
    ...three(),
    models({ filter: ours, max_results: 3 }, 'next_page_token'),
    models({ filter: ours, max_results: 2 }, 'next_page_token'),
  ),
  sequence(
    'takes pages of 1 to 1000',
    ...three(),
    models({ filter: ours, max_results: 1 }),
    models({ filter: ours, max_results: 1000 }),
    models({ max_results: 1001 }),
  ),
  sequence('is asked for a page of nothing', ...three(), {
    ...models({ filter: ours, max_results: 0 }),
    differs: { why: 'no silent default', status: 400, errorCode: 'INVALID_PARAMETER_VALUE' },
  }),
  sequence('refuses tokens that are none', models({ page_token: 'none' }), models({ page_token: '!!!' })),
  sequence(
    'gives whole models',
    aRegisteredModel('m', { description: 'd', tags: [{ key: 'a', value: 'b' }] }),
    aVersion('m', { description: 'one' }),
    aVersion('m'),
    inStage('1', 'Production', 'm'),
    get('registered-models/search', { filter: ours }),
  ),
  ...['name IS NULL', 'tags.team IS NULL'].map((filter) =>
    sequence(
      `is given the filter ${filter}`,
      failsHere('no 500 for a mistake', 400, 'INVALID_PARAMETER_VALUE', models({ filter })),
    ),
  ),
  sequence(
    'understands OR',
    ...three(),
    answersHere(
      'more filters',
      ['a-<unique>', 'b-<unique>'],
      models({ filter: "name = 'a-{{unique}}' OR name = 'b-{{unique}}'" }),
    ),
  ),
  sequence(
    'orders by attribute.name DESC',
    ...three(),
    answersHere(
      'more filters',
      ['b-<unique>', 'a-<unique>', 'B-<unique>'],
      models({ filter: ours, order_by: 'attribute.name DESC' }),
    ),
  ),
  sequence('is asked for a page of less than nothing', refusedHere('no silent default', models({ max_results: -1 }))),
]);
