import { aRegisteredModel, aRunOfItsOwn, aVersion, described, given } from '../givens.ts';
import { answersHere, capability, del, failsHere, get, post, type Step, sequence } from '../sequence.ts';

type Query = { [name: string]: string | number | readonly string[] };
const ours = "name LIKE '%-{{unique}}'";

const versions = (query: Query, see = 'model_versions.*.name,version') => get('model-versions/search', query, { see });
const filteredVersions = (clause: string) =>
  versions({ filter: clause === '' ? ours : `${ours} AND ${clause}`, order_by: ['name', 'version_number'] });
const several = (): Step[] => [
  ...aRunOfItsOwn(),
  aRegisteredModel('a'),
  aRegisteredModel('b'),
  aVersion('a', { run_id: '{{run}}', source: 's3://bucket/one', tags: [{ key: 'team', value: 'red' }] }),
  { ...aVersion('a', { source: 's3://bucket/two', tags: [{ key: 'team', value: 'Blue' }] }), later: true },
  { ...aVersion('b', { source: 's3://Bucket/one' }), later: true },
  { ...aVersion('a'), later: true },
];

const versionFilters = [
  "name = 'a-{{unique}}'",
  "name != 'a-{{unique}}'",
  "name LIKE 'b%'",
  "name ILIKE 'B%'",
  "name IN ('b-{{unique}}')",
  "name NOT IN ('b-{{unique}}')",
  "run_id = '{{run}}'",
  "run_id != '{{run}}'",
  "run_id IN ('{{run}}', 'x')",
  "run_id NOT IN ('x')",
  "run_id LIKE '%'",
  "source_path = 's3://bucket/one'",
  "source_path LIKE 's3://bucket/%'",
  "source_path ILIKE 's3://bucket/o%'",
  "source_path != 's3://bucket/one'",
  'version_number = 2',
  "version_number = '2'",
  'version_number > 1',
  'version_number >= 2',
  'version_number < 2',
  'version_number <= 1',
  'version_number != 1',
  "tags.team = 'red'",
  "tag.team = 'red'",
  "tags.team != 'red'",
  "tags.team ILIKE 'b%'",
  "attribute.name = 'b-{{unique}}'",
];
const badVersionFilters = [
  "version = '1'",
  "current_stage = 'Production'",
  "status = 'READY'",
  "aliases = 'a'",
  'creation_timestamp > 1',
  "none = 'a'",
  "name > 'a'",
  'name = a',
  "version_number LIKE '1'",
  "version_number = 'x'",
  'version_number = 1.5',
  "source_path IN ('a')",
  "tags.team IN ('a')",
  "tags.team > 'a'",
];

export const modelVersionSearch = capability('search of model versions', [
  ...versionFilters.map((filter) => sequence(`filters by ${filter}`, ...several(), filteredVersions(filter))),
  ...badVersionFilters.map((filter) => sequence(`refuses the filter ${filter}`, ...several(), versions({ filter }))),
  sequence('is asked for a tag that is not there', ...several(), {
    ...versions({ filter: 'tags.team IS NULL' }),
    differs: { why: 'no 500 for a mistake', status: 400, errorCode: 'INVALID_PARAMETER_VALUE' },
  }),
  ...[
    ['name'],
    ['name DESC'],
    ['version_number'],
    ['version_number DESC'],
    ['creation_timestamp'],
    ['creation_timestamp DESC'],
    ['last_updated_timestamp'],
    ['last_updated_timestamp DESC'],
  ].map((order) =>
    sequence(`orders by ${order.join(', ')}`, ...several(), versions({ filter: ours, order_by: order })),
  ),
  ...['version', 'none', 'name UP', '', 'tags.team', 'current_stage', 'run_id'].map((order) =>
    sequence(`refuses the order ${JSON.stringify(order)}`, versions({ order_by: order })),
  ),
  sequence(
    'gives the last changed first',
    ...several(),
    { ...described('1', 'changed', 'a'), later: true },
    versions({ filter: ours }),
  ),
  sequence(
    'does not give deleted versions',
    ...several(),
    given(del('model-versions/delete', { name: 'a-{{unique}}', version: '2' })),
    filteredVersions(''),
  ),
  sequence(
    'gives pages',
    ...several(),
    {
      ...versions({ filter: ours, max_results: 3, order_by: ['name', 'version_number'] }),
      keep: { token: 'next_page_token' },
    },
    versions({ filter: ours, max_results: 3, order_by: ['name', 'version_number'], page_token: '{{token}}' }),
  ),
  sequence(
    'takes pages of 1 to 200000',
    ...several(),
    versions({ filter: ours, max_results: 1 }),
    versions({ filter: ours, max_results: 10000 }),
    versions({ max_results: 200001 }),
    versions({ max_results: 0 }),
    versions({ max_results: -1 }),
  ),
  sequence('refuses tokens that are none', versions({ page_token: 'none' }), versions({ page_token: '!!!' })),
  sequence(
    'gives whole versions',
    ...aRunOfItsOwn(),
    aRegisteredModel('m'),
    aVersion('m', { run_id: '{{run}}', description: 'd', tags: [{ key: 'a', value: 'b' }] }),
    get('model-versions/search', { filter: ours }),
  ),
  sequence(
    'keeps prompts apart',
    aRegisteredModel('p', { tags: [{ key: 'mlflow.prompt.is_prompt', value: 'true' }] }),
    aVersion('p'),
    given(
      post('model-versions/set-tag', {
        name: 'p-{{unique}}',
        version: '1',
        key: 'mlflow.prompt.is_prompt',
        value: 'true',
      }),
    ),
    aRegisteredModel('m'),
    aVersion('m'),
    versions({ filter: ours }),
    versions({ filter: `${ours} AND tag.\`mlflow.prompt.is_prompt\` = 'true'` }),
    versions({ filter: `${ours} AND tag.\`mlflow.prompt.is_prompt\` != 'true'` }),
  ),
  ...['name IS NULL', 'run_id IS NULL'].map((filter) =>
    sequence(
      `is given the filter ${filter}`,
      failsHere('no 500 for a mistake', 400, 'INVALID_PARAMETER_VALUE', versions({ filter })),
    ),
  ),
  sequence(
    'understands OR',
    ...several(),
    answersHere(
      'more filters',
      [
        ['a-<unique>', '2'],
        ['b-<unique>', '1'],
      ],
      versions({ filter: "name = 'a-{{unique}}' AND version_number = 2 OR name = 'b-{{unique}}'", order_by: 'name' }),
    ),
  ),
]);
