import { anExperiment, aRegisteredModel, aRunOfItsOwn } from '../givens.ts';
import {
  answersHere,
  capability,
  del,
  failsHere,
  get,
  patch,
  post,
  refusedHere,
  type Step,
  sequence,
} from '../sequence.ts';

const json = { 'content-type': 'application/json' };
const rawPost = (path: string, raw: string | Uint8Array, headers: { [name: string]: string } = json) =>
  post(path, undefined, { raw, headers });
const noEndpoint = (step: Step): Step => ({
  ...step,
  differs: { why: 'json errors', status: 404, errorCode: 'ENDPOINT_NOT_FOUND', kind: 'json' },
});
const wrongVerb = (step: Step): Step => ({
  ...step,
  differs: { why: 'json errors', status: 405, errorCode: 'ENDPOINT_NOT_FOUND', kind: 'json' },
});
const read = (see: string) => get('runs/get', { run_id: '{{run}}' }, { see });

export const wire = capability('requests and answers', [
  sequence('says that it is well', get('/health')),
  sequence('says a version that Python can read', get('/version', {}, { see: (body) => typeof body })),
  sequence(
    'says what it can do',
    get(
      '/api/3.0/mlflow/server-info',
      {},
      { see: 'multipart_uploads_enabled,multipart_downloads_enabled,workspaces_enabled' },
    ),
  ),
  sequence(
    'does not know other paths',
    ...['/api/2.0/mlflow/none', '/api/2.0/mlflow/runs', '/api/2.0/none', '/none'].map((path) => noEndpoint(get(path))),
  ),
  sequence(
    'does not know a path with a slash at its end',
    noEndpoint(get('/api/2.0/mlflow/experiments/get/', { experiment_id: '0' })),
    noEndpoint(post('/api/2.0/mlflow/runs/search/', {})),
  ),
  sequence(
    'does not serve a path by another verb',
    wrongVerb(get('/api/2.0/mlflow/runs/create')),
    wrongVerb(post('experiments/get', { experiment_id: '0' })),
    wrongVerb(del('runs/search', {})),
  ),
  sequence(
    'accepts a double slash at the start',
    get('//api/2.0/mlflow/experiments/get', { experiment_id: '0' }, { see: 'experiment.experiment_id' }),
  ),
  sequence(
    'refuses a body that is not called JSON',
    ...aRunOfItsOwn(),
    rawPost('runs/set-tag', '{"run_id":"{{run}}","key":"a","value":"b"}', {}),
    rawPost('runs/set-tag', '{"run_id":"{{run}}","key":"a","value":"b"}', { 'content-type': 'text/plain' }),
    rawPost('runs/set-tag', 'run_id={{run}}&key=a', { 'content-type': 'application/x-www-form-urlencoded' }),
  ),
  sequence(
    'takes JSON with a charset',
    ...aRunOfItsOwn(),
    rawPost('runs/set-tag', '{"run_id":"{{run}}","key":"a","value":"b"}', {
      'content-type': 'application/json; charset=utf-8',
    }),
    answersHere(
      'as HTTP has it',
      {},
      rawPost('runs/set-tag', '{"run_id":"{{run}}","key":"a","value":"b"}', { 'content-type': 'Application/JSON' }),
    ),
  ),
  sequence(
    'does not ask PATCH and DELETE what their body is',
    aRegisteredModel(),
    patch('registered-models/update', undefined, {
      raw: '{"name":"wine-{{unique}}","description":"x"}',
      see: 'registered_model.description',
    }),
    del('registered-models/delete-tag', undefined, { raw: '{"name":"wine-{{unique}}","key":"x"}' }),
  ),
  sequence(
    'takes arguments of DELETE from the body alone',
    aRegisteredModel(),
    { ...del('registered-models/delete'), query: { name: 'wine-{{unique}}' } },
    del('registered-models/delete', { name: 'wine-{{unique}}' }),
  ),
  sequence(
    'takes an absent or broken body as an empty one',
    rawPost('experiments/create', ''),
    rawPost('experiments/create', '{'),
    rawPost('experiments/create', 'nonsense'),
    failsHere('no 500 for a mistake', 400, 'INVALID_PARAMETER_VALUE', rawPost('experiments/create', '[]')),
    failsHere('no 500 for a mistake', 400, 'INVALID_PARAMETER_VALUE', rawPost('experiments/create', '5')),
    rawPost('experiments/create', 'null'),
  ),
  sequence(
    'reads JSON that is written as a text',
    rawPost('experiments/create', '"{\\"name\\": \\"twice-{{unique}}\\"}"'),
    get('experiments/get-by-name', { experiment_name: 'twice-{{unique}}' }, { see: 'experiment.name' }),
  ),
  sequence(
    'ignores what it does not know',
    ...aRunOfItsOwn(),
    post('runs/set-tag', { run_id: '{{run}}', key: 'a', value: 'b', more: { x: [1] } }),
    get('runs/get', { run_id: '{{run}}', other: 'x' }, { see: 'run.info.run_id' }),
  ),
  sequence(
    'takes null as absent',
    ...aRunOfItsOwn(),
    post(
      'runs/update',
      { run_id: '{{run}}', status: null, end_time: null, run_name: null },
      { see: 'run_info.status,run_name' },
    ),
    answersHere(
      'no 500 for a mistake',
      ['run'],
      post(
        'runs/search',
        { experiment_ids: ['{{experiment}}'], filter: null, max_results: null, order_by: null, page_token: null },
        { see: 'runs.*.info.run_name' },
      ),
    ),
  ),
  sequence(
    'reads camelCase for what may be absent',
    anExperiment(),
    post(
      'runs/create',
      { experiment_id: '{{experiment}}', runName: 'camel', startTime: 5 },
      { see: 'run.info.run_name,start_time' },
    ),
    post(
      'runs/search',
      { experiment_ids: ['{{experiment}}'], maxResults: 1, orderBy: ['start_time'] },
      { see: 'runs.*.info.run_name' },
    ),
  ),
  sequence('is given what it needs in camelCase', ...aRunOfItsOwn(), {
    ...post('runs/set-tag', { runId: '{{run}}', key: 'a', value: 'b' }),
    differs: { why: 'both spellings', status: 200, body: {} },
  }),
  sequence(
    'refuses one field in both spellings',
    anExperiment(),
    post('runs/create', { experiment_id: '{{experiment}}', experimentId: '{{experiment}}' }),
    post('runs/create', { experiment_id: '{{experiment}}', run_name: 'a', runName: 'a' }),
  ),
  sequence(
    'is given camelCase in a query',
    ...aRunOfItsOwn(),
    answersHere('both spellings', '<run 1>', { ...get('runs/get', { runId: '{{run}}' }), see: 'run.info.run_id' }),
  ),
  sequence(
    'is given booleans as texts',
    aRegisteredModel(),
    ...[1, 2].map(() => ({
      ...post('model-versions/create', { name: 'wine-{{unique}}', source: 's3://b/m' }),
      given: true as const,
    })),
    {
      ...post(
        'model-versions/transition-stage',
        { name: 'wine-{{unique}}', version: '1', stage: 'Staging', archive_existing_versions: 'TRUE' },
        { see: 'model_version.current_stage' },
      ),
      differs: { why: 'lenient scalars', status: 200, body: 'Staging' },
    },
  ),
  sequence('is given empty lists and objects for absent values', ...aRunOfItsOwn(), {
    ...post('runs/update', { run_id: '{{run}}', status: [], run_name: {} }, { see: 'run_info.run_name' }),
    differs: { why: 'lenient scalars', status: 200, body: 'run' },
  }),
  sequence(
    'refuses text where a list belongs',
    post('runs/search', { experiment_ids: 'x' }),
    post('runs/search', { experiment_ids: { a: 1 } }),
    post('runs/search', { experiment_ids: ['0'], order_by: 'start_time' }),
  ),
  sequence(
    'is given numbers where texts belong',
    refusedHere('no silent default', post('runs/search', { experiment_ids: [0] })),
    post('runs/search', { experiment_ids: ['0'], filter: 5 }),
    refusedHere('no silent default', post('runs/search', { experiment_ids: ['0'], page_token: 5 })),
  ),
  sequence(
    'refuses a page size that is none',
    ...['x', '1.5'].map((max_results) => post('runs/search', { experiment_ids: ['0'], max_results })),
    post('runs/search', { experiment_ids: ['0'], max_results: 0 }),
    post('runs/search', { experiment_ids: ['0'], max_results: 50001 }),
    post('runs/search', { experiment_ids: ['0'], max_results: -1 }),
  ),
  sequence(
    'is given a view that does not exist',
    refusedHere('no silent default', post('runs/search', { experiment_ids: [], run_view_type: 'SOME' })),
  ),
  sequence(
    'takes a view by its number',
    ...aRunOfItsOwn(),
    post('runs/search', { experiment_ids: ['{{experiment}}'], run_view_type: 2 }),
    post('runs/search', { experiment_ids: ['{{experiment}}'], run_view_type: 3 }, { see: 'runs.*.info.run_name' }),
  ),
  sequence(
    'keeps text of every script',
    ...aRunOfItsOwn(),
    post('runs/set-tag', { run_id: '{{run}}', key: 'a', value: 'ünï 名前 🍷 \u2028 \u0001' }),
    read('run.data.tags'),
  ),
  sequence(
    'reads escaped and plain text alike',
    ...aRunOfItsOwn(),
    rawPost('runs/set-tag', '{"run_id":"{{run}}","key":"a","value":"\\u00fc\\ud83c\\udf77"}'),
    read('run.data.tags'),
  ),
  sequence(
    'is given half a character',
    ...aRunOfItsOwn(),
    refusedHere(
      'text that both engines hold',
      rawPost('runs/set-tag', '{"run_id":"{{run}}","key":"a","value":"\\ud83c"}'),
    ),
  ),
  sequence(
    'is given bytes that are no text',
    ...aRunOfItsOwn(),
    rawPost('runs/set-tag', Uint8Array.from([0x7b, 0x22, 0x61, 0x22, 0x3a, 0x22, 0xff, 0x22, 0x7d])),
  ),
  sequence(
    'is given a key twice',
    ...aRunOfItsOwn(),
    rawPost('runs/set-tag', '{"run_id":"{{run}}","key":"a","value":"first","value":"second"}'),
    read('run.data.tags'),
  ),
  sequence(
    'says that nobody may guess types or frame it',
    get(
      '/api/2.0/mlflow/experiments/get',
      { experiment_id: '0' },
      { see: 'experiment.experiment_id', seeHeaders: ['x-content-type-options', 'x-frame-options', 'content-type'] },
    ),
  ),
  sequence(
    'refuses a host that is not its own',
    failsHere(
      'json errors',
      403,
      'PERMISSION_DENIED',
      get(
        '/api/2.0/mlflow/experiments/get',
        { experiment_id: '0' },
        { see: 'experiment.name', headers: { host: 'evil.example.com' } },
      ),
    ),
    get(
      '/api/2.0/mlflow/experiments/get',
      { experiment_id: '0' },
      { see: 'experiment.name', headers: { host: 'localhost:5000' } },
    ),
    get('/health', {}, { headers: { host: 'evil.example.com' } }),
  ),
  sequence(
    'refuses changes from a page of another site',
    failsHere(
      'json errors',
      403,
      'PERMISSION_DENIED',
      post('experiments/create', { name: 'csrf-{{unique}}' }, { headers: { origin: 'https://evil.example.com' } }),
    ),
    failsHere(
      'own pages only',
      403,
      'PERMISSION_DENIED',
      post('experiments/create', { name: 'local-{{unique}}' }, { headers: { origin: 'http://localhost:3000' } }),
    ),
  ),
  sequence(
    'reads for a page of another site',
    get(
      'experiments/get',
      { experiment_id: '0' },
      { see: 'experiment.experiment_id', headers: { origin: 'https://evil.example.com' } },
    ),
  ),
  sequence('answers the question before a request', { method: 'OPTIONS', path: '/api/2.0/mlflow/runs/create' }),
  sequence(
    'does not know what belongs to GenAI alone',
    ...['/api/2.0/mlflow/gateway-proxy', '/api/3.0/mlflow/prompt-optimization/none'].map((path) =>
      noEndpoint(get(path)),
    ),
  ),
]);
