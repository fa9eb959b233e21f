import { aRunOfItsOwn, given } from '../givens.ts';
import {
  answersHere,
  capability,
  del,
  failsHere,
  get,
  type More,
  post,
  put,
  type Step,
  sequence,
} from '../sequence.ts';

const proxy = '/api/2.0/mlflow-artifacts/artifacts';
const root = '{{experiment}}/{{run}}/artifacts';
const upload = (path: string, bytes: string | Uint8Array = 'hello', more: More = {}) =>
  put(`${proxy}/${root}/${path}`, bytes, more);
const download = (path: string, more: More = {}) => get(`${proxy}/${root}/${path}`, {}, more);
const listRun = (path?: string) =>
  get('artifacts/list', { run_id: '{{run}}', ...(path === undefined ? {} : { path }) });
const drop = (path: string) => del(`${proxy}/${root}/${path}`);
const files = (...paths: string[]): Step[] => [...aRunOfItsOwn(), ...paths.map((path) => given(upload(path)))];

const mpu = '/api/2.0/mlflow-artifacts/mpu';

/** Paths that mean, or on another system could mean, a place that the caller did not name. */
const sly = [
  '..',
  '../x',
  'a/../x',
  '../../../../etc/passwd',
  '%2e%2e/x',
  'a/%2e%2e/x',
  '..%2fx',
  '%252e%252e%252fx',
  'a%5c..%5cx',
  '..%5cx',
  'a%00b',
  '%23x',
  'C:/x',
  'C:%5cx',
  '%2fetc%2fpasswd',
  '/etc/passwd',
  'a//b',
  './a',
  'a/./b',
  'a%25b',
  'a%0ab',
];

/** Paths that mean the place they name to MLflow, or make it fail, and that Cellar refuses. */
const strict = new Set([
  'a%5c..%5cx',
  '..%5cx',
  'a%00b',
  'C:%5cx',
  '%2fetc%2fpasswd',
  '/etc/passwd',
  'a//b',
  './a',
  'a/./b',
  'a%0ab',
]);
const strictFolders = new Set(['.', '%2e', '/', '..\\x', 'a\u0000b']);
const held = (known: ReadonlySet<string>, path: string, step: Step) =>
  known.has(path) ? failsHere('strict paths', 400, 'INVALID_PARAMETER_VALUE', step) : step;

export const artifactPaths = capability('artifact paths', [
  ...sly.map((path) => sequence(`is asked to read ${path}`, ...aRunOfItsOwn(), held(strict, path, download(path)))),
  ...sly.map((path) => sequence(`is asked to write ${path}`, ...aRunOfItsOwn(), held(strict, path, upload(path)))),
  ...['..', '../x', '%2e%2e', '..%2f..', '%252e%252e', '', '.', '%2e', '/'].map((path) =>
    sequence(
      `is asked to delete ${JSON.stringify(path)} below a run`,
      ...aRunOfItsOwn(),
      held(strictFolders, path, drop(path)),
    ),
  ),
  ...['..', '%2e%2e'].map((path) =>
    sequence(`is asked to delete the root as ${JSON.stringify(path)}`, del(`${proxy}/${path}`)),
  ),
  ...['', '/', '.', '%2e', '%2f'].map((path) =>
    sequence(
      `is asked to delete the root as ${JSON.stringify(path)}`,
      failsHere('strict paths', 400, 'INVALID_PARAMETER_VALUE', del(`${proxy}/${path}`)),
    ),
  ),
  ...['..', '../x', '/etc', 'a/../../x', '%2e%2e', '..\\x', 'C:\\x', '#x', 'a\u0000b'].map((path) =>
    sequence(
      `is asked to list ${JSON.stringify(path)}`,
      ...aRunOfItsOwn(),
      held(strictFolders, path, get(proxy, { path })),
      held(strictFolders, path, listRun(path)),
    ),
  ),
  ...['..', '../x', '/etc/passwd', 'a/../../x', '%2e%2e/x', '..\\x', 'file:///etc/passwd'].map((path) =>
    sequence(
      `is asked by the page for ${JSON.stringify(path)}`,
      ...aRunOfItsOwn(),
      held(strictFolders, path, forPage(path)),
      held(strictFolders, path, fromPage(path)),
    ),
  ),
]);

function forPage(path: string): Step {
  return get('/get-artifact', { run_id: '{{run}}', path });
}

function fromPage(path: string): Step {
  return post(`/ajax-api/2.0/mlflow/upload-artifact?run_uuid={{run}}&path=${encodeURIComponent(path)}`, undefined, {
    raw: 'x',
  });
}

export const transfers = capability('multipart transfers', [
  sequence('starts a multipart upload', ...aRunOfItsOwn(), {
    ...post(`${mpu}/create/${root}`, { path: 'big.bin', num_parts: 2 }),
    differs: { why: 'uploads in parts', status: 200, kind: 'json' },
  }),
  sequence(
    'ends a multipart upload',
    ...aRunOfItsOwn(),
    failsHere(
      'uploads in parts',
      404,
      'RESOURCE_DOES_NOT_EXIST',
      post(`${mpu}/complete/${root}`, {
        path: 'big.bin',
        upload_id: 'none',
        parts: [{ part_number: 1, etag: 'x', url: 'u' }],
      }),
    ),
    answersHere('uploads in parts', {}, post(`${mpu}/abort/${root}`, { path: 'big.bin', upload_id: 'none' })),
  ),
  sequence(
    'asks for what a multipart upload needs',
    ...aRunOfItsOwn(),
    post(`${mpu}/create/${root}`, {}),
    post(`${mpu}/complete/${root}`, {}),
    post(`${mpu}/abort/${root}`, {}),
  ),
  sequence(
    'gives no address of a bucket for a file behind the proxy',
    ...files('a.txt'),
    get(`/api/2.0/mlflow-artifacts/presigned/${root}/a.txt`),
  ),
  sequence(
    'gives no address for an upload behind the proxy',
    ...aRunOfItsOwn(),
    post('artifacts/presigned-upload-url', { run_id: '{{run}}', path: 'a.txt' }),
    post('artifacts/presigned-upload-url', { path: 'a.txt' }),
    post('artifacts/presigned-upload-url', { run_id: '{{run}}' }),
  ),
  sequence(
    'gives no address for a download behind the proxy',
    ...files('a.txt'),
    post('artifacts/presigned-download-url', { run_id: '{{run}}', path: 'a.txt' }),
    post('artifacts/presigned-download-url', { run_id: '{{run}}' }),
    post('artifacts/presigned-download-url', { path: 'a.txt' }),
  ),
]);
