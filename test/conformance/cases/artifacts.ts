import { aLoggedModel, anExperiment, aRegisteredModel, aRunOfItsOwn, given } from '../givens.ts';
import {
  capability,
  del,
  failsHere,
  get,
  type More,
  post,
  put,
  refusedHere,
  type Step,
  sequence,
} from '../sequence.ts';

const proxy = '/api/2.0/mlflow-artifacts/artifacts';
const root = '{{experiment}}/{{run}}/artifacts';
const upload = (path: string, bytes: string | Uint8Array = 'hello', more: More = {}) =>
  put(`${proxy}/${root}/${path}`, bytes, more);
const download = (path: string, more: More = {}) => get(`${proxy}/${root}/${path}`, {}, more);
const list = (path: string) => get(proxy, { path: path === '' ? root : `${root}/${path}` });
const listRun = (path?: string) =>
  get('artifacts/list', { run_id: '{{run}}', ...(path === undefined ? {} : { path }) });
const drop = (path: string) => del(`${proxy}/${root}/${path}`);
const files = (...paths: string[]): Step[] => [...aRunOfItsOwn(), ...paths.map((path) => given(upload(path)))];
const type = { seeHeaders: ['content-type'] };
const binary = Uint8Array.from({ length: 256 }, (_, index) => index);

const ten = (): Step[] => [...aRunOfItsOwn(), given(upload('ten', '0123456789'))];

export const artifacts = capability('artifacts', [
  sequence(
    'stores a file and gives it back',
    ...aRunOfItsOwn(),
    upload('hello.txt', 'hello'),
    download('hello.txt', {
      seeHeaders: [
        'content-length',
        'accept-ranges',
        'x-content-type-options',
        'content-disposition',
        'etag',
        'last-modified',
      ],
    }),
  ),
  sequence('stores bytes of every value', ...aRunOfItsOwn(), upload('all.bin', binary), download('all.bin')),
  sequence(
    'stores an empty file',
    ...aRunOfItsOwn(),
    upload('empty', ''),
    download('empty', { seeHeaders: ['content-length'] }),
    list(''),
    listRun(),
  ),
  sequence('replaces a file', ...files('a.txt'), upload('a.txt', 'other'), download('a.txt'), list('')),
  sequence(
    'stores files in folders and lists them',
    ...files('top.txt', 'sub/one.txt', 'sub/two.txt', 'sub/deep/three.txt'),
    list(''),
    list('sub'),
    list('sub/deep'),
    listRun(),
    listRun('sub'),
    listRun('sub/deep'),
  ),
  sequence(
    'lists nothing for a file or what is not there',
    ...files('sub/one.txt'),
    list('sub/one.txt'),
    list('none'),
    listRun('sub/one.txt'),
    listRun('none'),
    get(proxy, { path: '987654321/none' }),
  ),
  sequence('lists an empty run', ...aRunOfItsOwn(), list(''), listRun()),
  sequence('lists with a slash at the end', ...files('sub/one.txt'), list('sub/'), listRun('sub/')),
  sequence(
    'sorts what it lists',
    ...files('b', 'a', 'C', 'a.b/x', '_', '1'),
    listRun(),
    get(
      proxy,
      { path: root },
      {
        see: (body) =>
          JSON.parse(JSON.stringify(body))
            .files.map((file: { path: string }) => file.path)
            .sort(),
      },
    ),
  ),
  sequence(
    'asks for what it needs to list',
    get('artifacts/list'),
    get('artifacts/list', { run_id: '0'.repeat(32) }),
    get('artifacts/list', { run_id: '' }),
  ),
  sequence('lists by the old id field', ...files('a.txt'), get('artifacts/list', { run_uuid: '{{run}}' })),
  sequence(
    'does not give a folder or what is not there',
    ...files('sub/one.txt'),
    failsHere('json errors', 400, 'INVALID_PARAMETER_VALUE', download('sub')),
    download('none'),
    download('sub/none'),
    download('sub/one.txt/deeper'),
  ),
  sequence('does not store over a folder', ...files('sub/one.txt'), refusedHere('no 500 for a mistake', upload('sub'))),
  sequence(
    'does not store below a file',
    ...files('a.txt'),
    refusedHere('no 500 for a mistake', upload('a.txt/deeper')),
  ),
  sequence(
    'does not store a name that ends with a slash',
    ...aRunOfItsOwn(),
    failsHere('json errors', 400, 'INVALID_PARAMETER_VALUE', upload('sub/')),
  ),
  sequence(
    'deletes a file, also one that is not there',
    ...files('a.txt', 'b.txt'),
    drop('a.txt'),
    drop('a.txt'),
    list(''),
  ),
  sequence(
    'deletes a folder with all in it',
    ...files('sub/one.txt', 'sub/deep/two.txt', 'other.txt'),
    drop('sub'),
    list(''),
  ),
  sequence(
    'says the size of a file without its bytes',
    ...files('a.txt'),
    { method: 'HEAD', path: `${proxy}/${root}/a.txt`, seeHeaders: ['content-length'] },
    { method: 'HEAD', path: `${proxy}/${root}/none` },
  ),
  ...(
    [
      ['bytes=0-3', 'the first bytes'],
      ['bytes=5-', 'the rest'],
      ['bytes=-4', 'the last bytes'],
      ['bytes=3-3', 'one byte'],
      ['bytes=5-999', 'more than there is'],
      ['bytes=0-', 'all of it'],
    ] as const
  ).map(([range, what]) =>
    sequence(
      `gives a part of a file: ${what}`,
      ...aRunOfItsOwn(),
      given(upload('ten', '0123456789')),
      download('ten', { headers: { range }, seeHeaders: ['content-range', 'content-length'] }),
    ),
  ),
  ...(
    [
      ['model.json', 'text/plain'],
      ['MLmodel', 'text/plain'],
      ['a.yaml', 'text/plain'],
      ['a.csv', 'text/plain'],
      ['a.py', 'text/plain'],
      ['a.md', 'text/plain'],
      ['a.html', 'text/html'],
      ['a.svg', 'image/svg+xml'],
      ['a.png', 'image/png'],
      ['a.pdf', 'application/pdf'],
      ['a.pkl', 'application/octet-stream'],
      ['a.unknown', 'application/octet-stream'],
      ['noending', 'application/octet-stream'],
    ] as const
  ).map(([name]) => sequence(`says the type of ${name}`, ...files(name), download(name, type))),
  sequence(
    'keeps names that must be encoded',
    ...aRunOfItsOwn(),
    ...[
      'a%20b.txt',
      'a+b.txt',
      '%C3%BCn%C3%AF.txt',
      '%E5%90%8D%E5%89%8D.txt',
      'a&b=c.txt',
      "it's.txt",
      '(1)[2].txt',
      'a~b@c,d.txt',
    ].flatMap((name) => [upload(name), download(name, { seeHeaders: ['content-disposition'] })]),
    get(
      proxy,
      { path: root },
      {
        see: (body) =>
          JSON.parse(JSON.stringify(body))
            .files.map((file: { path: string }) => file.path)
            .sort(),
      },
    ),
  ),
  sequence(
    'keeps long names',
    ...aRunOfItsOwn(),
    upload('x'.repeat(200)),
    download('x'.repeat(200), { seeHeaders: ['content-length'] }),
  ),
  sequence(
    'gives an artifact of a run to the page',
    ...files('sub/hello.txt'),
    get('/get-artifact', { run_id: '{{run}}', path: 'sub/hello.txt' }, { seeHeaders: ['x-content-type-options'] }),
    get('/get-artifact', { run_uuid: '{{run}}', path: 'sub/hello.txt' }),
    failsHere('json errors', 400, 'INVALID_PARAMETER_VALUE', get('/get-artifact', { run_id: '{{run}}' })),
    failsHere('exact codes', 400, 'INVALID_PARAMETER_VALUE', get('/get-artifact', { path: 'a' })),
    get('/get-artifact', { run_id: '{{run}}', path: 'none' }),
    get('/get-artifact', { run_id: '0'.repeat(32), path: 'a' }),
  ),
  sequence(
    'gives an artifact of a model version to the page',
    ...files('model/MLmodel'),
    aRegisteredModel(),
    given(
      post('model-versions/create', {
        name: 'wine-{{unique}}',
        source: `mlflow-artifacts:/${root}/model`,
        run_id: '{{run}}',
      }),
    ),
    get('/model-versions/get-artifact', { name: 'wine-{{unique}}', version: '1', path: 'MLmodel' }),
    get('/model-versions/get-artifact', { name: 'wine-{{unique}}', version: '1', path: 'none' }),
    failsHere(
      'json errors',
      400,
      'INVALID_PARAMETER_VALUE',
      get('/model-versions/get-artifact', { name: 'wine-{{unique}}', version: '1' }),
    ),
    get('/model-versions/get-artifact', { name: 'wine-{{unique}}', version: '9', path: 'MLmodel' }),
  ),
  sequence(
    'takes an upload from the page',
    ...aRunOfItsOwn(),
    post('/ajax-api/2.0/mlflow/upload-artifact?run_uuid={{run}}&path=notes/a.txt', undefined, { raw: 'from the page' }),
    download('notes/a.txt'),
    post('/ajax-api/2.0/mlflow/upload-artifact?run_uuid={{run}}&path=notes/a.txt', undefined, { raw: '' }),
    post('/ajax-api/2.0/mlflow/upload-artifact?run_uuid={{run}}', undefined, { raw: 'x' }),
    post('/ajax-api/2.0/mlflow/upload-artifact?path=a.txt', undefined, { raw: 'x' }),
    post(`/ajax-api/2.0/mlflow/upload-artifact?run_uuid=${'0'.repeat(32)}&path=a.txt`, undefined, { raw: 'x' }),
  ),
  sequence(
    'takes 10 MiB from the page and no byte more',
    ...aRunOfItsOwn(),
    post('/ajax-api/2.0/mlflow/upload-artifact?run_uuid={{run}}&path=big', undefined, {
      raw: new Uint8Array(10 * 1024 * 1024),
    }),
    failsHere(
      'exact codes',
      413,
      'INVALID_PARAMETER_VALUE',
      post('/ajax-api/2.0/mlflow/upload-artifact?run_uuid={{run}}&path=bigger', undefined, {
        raw: new Uint8Array(10 * 1024 * 1024 + 1),
      }),
    ),
  ),
  sequence(
    'serves the proxy under ajax-api too',
    ...files('a.txt'),
    get(`/ajax-api/2.0/mlflow-artifacts/artifacts/${root}/a.txt`),
    get('/ajax-api/2.0/mlflow-artifacts/artifacts', { path: root }),
  ),
  sequence(
    'lists the folders of a logged model',
    anExperiment(),
    aLoggedModel(),
    given(put(`${proxy}/{{experiment}}/models/{{model}}/artifacts/sub/MLmodel`, 'x')),
    get('logged-models/{{model}}/artifacts/directories'),
    get('logged-models/{{model}}/artifacts/directories', { artifact_directory_path: 'sub' }),
    get('logged-models/{{model}}/artifacts/directories', { artifact_directory_path: 'none' }),
    get(`logged-models/m-${'0'.repeat(32)}/artifacts/directories`),
  ),
  sequence(
    'gives a file of a logged model to the page',
    anExperiment(),
    aLoggedModel(),
    given(put(`${proxy}/{{experiment}}/models/{{model}}/artifacts/sub/MLmodel`, 'x')),
    get('/ajax-api/2.0/mlflow/logged-models/{{model}}/artifacts/files', { artifact_file_path: 'sub/MLmodel' }),
    refusedHere('exact codes', get('/ajax-api/2.0/mlflow/logged-models/{{model}}/artifacts/files')),
    get('/ajax-api/2.0/mlflow/logged-models/{{model}}/artifacts/files', { artifact_file_path: 'none' }),
  ),
  sequence(
    'has no part past the end of a file',
    ...ten(),
    failsHere(
      'json errors',
      416,
      'INVALID_PARAMETER_VALUE',
      download('ten', { headers: { range: 'bytes=999-' }, seeHeaders: ['content-range'] }),
    ),
  ),
  ...['bytes=4-2', 'lines=1-2', 'bytes=a-b'].map((range) =>
    sequence(`is asked for ${range}`, ...ten(), {
      ...download('ten', { headers: { range } }),
      differs: { why: 'as HTTP has it', status: 200, kind: 'bytes', body: '0123456789' },
    }),
  ),
]);
