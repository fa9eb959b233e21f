import { readdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { type OutgoingHttpHeaders, request } from 'node:http';
import { join } from 'node:path';
import { beforeAll, describe, expect, it, test } from 'vitest';
import { proxy, withArtifactServer } from '../../test/support/artifacts.ts';
import { transferFeatures } from './routes.ts';

const server = withArtifactServer();
const { send, put, get, list, postJson } = server;

describe('the proxy', () => {
  it('stores and gives back, under both prefixes', async () => {
    const stored = await put('zz/a.txt', 'hello');
    expect(stored).toMatchObject({ status: 200, text: '' });
    const got = await send('GET', '/ajax-api/2.0/mlflow-artifacts/artifacts/zz/a.txt');
    expect(got).toMatchObject({ status: 200, text: 'hello' });
    expect(got.headers).toMatchObject({
      'content-type': 'text/plain',
      'content-length': '5',
      'content-disposition': 'attachment; filename=a.txt',
      'content-security-policy': expect.stringContaining('sandbox'),
      'x-content-type-options': 'nosniff',
      'accept-ranges': 'bytes',
      etag: expect.stringMatching(/^"[0-9a-f]+"$/),
      'last-modified': expect.stringMatching(/ GMT$/),
    });
  });

  it('answers HEAD with the headers of GET', async () => {
    await put('zz/head.html', '<script>');
    const [head, whole] = [await send('HEAD', `${proxy}/zz/head.html`), await get('zz/head.html')];
    expect(head).toMatchObject({ status: 200, text: '' });
    for (const name of [
      'content-type',
      'content-length',
      'content-disposition',
      'content-security-policy',
      'etag',
      'last-modified',
    ])
      expect(head.headers[name]).toBe(whole.headers[name]);
    expect((await send('HEAD', `${proxy}/zz/none`)).status).toBe(404);
  });

  it('takes any content type, none, and chunks', async () => {
    for (const type of [
      'application/json',
      'x/unheard-of',
      'text/plain; charset=x',
      'multipart/form-data',
      undefined,
    ]) {
      const headers = { 'transfer-encoding': 'chunked', ...(type !== undefined && { 'content-type': type }) };
      expect(await send('PUT', `${proxy}/types/a`, '{"not json', headers)).toMatchObject({ status: 200 });
      expect((await get('types/a')).text).toBe('{"not json');
    }
  });

  it('keeps empty files, and shows them without a size', async () => {
    await put('empties/e.txt', '');
    await put('empties/full.txt', '123');
    await put('empties/sub/deep.txt', '1');
    expect((await get('empties/e.txt')).text).toBe('');
    expect(await list('?path=empties')).toEqual({
      files: [
        { path: 'e.txt', is_dir: false },
        { path: 'full.txt', is_dir: false, file_size: 3 },
        { path: 'sub', is_dir: true },
      ],
    });
    expect(await list('?path=empties/')).toEqual(await list('?path=empties'));
  });

  it('lists nothing for a file and for what is missing', async () => {
    await put('files/a', 'x');
    expect(await list('?path=files/a')).toEqual({});
    expect(await list('?path=nope')).toEqual({});
    expect((await list('?path=')).files.length).toBeGreaterThan(0);
    expect(await list()).toEqual(await list('?path='));
  });

  test.each([
    ['sp%20ace+plus%2Bé'.replace('é', '%C3%A9'), 'sp ace+plus+é'],
    ['%E6%97%A5.txt', '日.txt'],
    ['a;b.txt', 'a;b.txt'],
    ['100%25', '100%'],
    ['q%3F.txt', 'q?.txt'],
  ])('decodes the name %s once', async (raw, name) => {
    await put(`names/${raw}`, name);
    expect((await get(`names/${raw}`)).text).toBe(name);
    expect((await readdir(join(server.root, 'names'))).includes(name)).toBe(true);
  });

  it('tells a folder from a missing file', async () => {
    await put('dir/a');
    expect(await get('dir')).toMatchObject({ status: 400, json: { error_code: 'INVALID_PARAMETER_VALUE' } });
    expect(await get('dir/none')).toMatchObject({
      status: 404,
      json: { error_code: 'RESOURCE_DOES_NOT_EXIST', message: 'No such artifact: "dir/none".' },
    });
    expect(await put('dir')).toMatchObject({ status: 400 });
    expect(await put('dir/a/b')).toMatchObject({ status: 400 });
  });

  it('deletes files and folders, and does not mind what is absent', async () => {
    await put('gone/a');
    await put('gone/b/c');
    for (const path of ['gone/a', 'gone/a', 'gone/', 'gone']) {
      expect(await send('DELETE', `${proxy}/${path}`)).toMatchObject({ status: 200, json: {} });
    }
    expect(await list('?path=gone')).toEqual({});
  });

  it('has no presigned URLs', async () => {
    expect(await send('GET', '/api/2.0/mlflow-artifacts/presigned/a/b')).toMatchObject({
      status: 501,
      json: { error_code: 'NOT_IMPLEMENTED', message: expect.stringMatching(/^Multipart download is not supported/) },
    });
  });
});

describe('hostile paths', () => {
  const paths = [
    '../x',
    '..',
    '%2e%2e/%2e%2e/x',
    '..%2f..%2f..%2fetc%2fpasswd',
    '%252e%252e%252fx',
    'a/../../x',
    '..%5c..%5cx',
    '..\\x',
    '%2Fetc%2Fpasswd',
    '/etc/passwd',
    'C:/x',
    'file:/etc/passwd',
    'a%00b',
    'a%0d%0ab',
    'a%23b',
    'a//b',
    '.cellar/incoming/x',
    '%2ecellar/uploads',
    'n'.repeat(256),
  ];

  test.each(paths)('are refused by every verb: %s', async (path) => {
    const before = [await readdir(server.folder), await readdir(server.root)];
    for (const method of ['PUT', 'GET', 'HEAD', 'DELETE'])
      expect((await send(method, `${proxy}/${path}`, method === 'PUT' ? 'x' : undefined)).status).toBe(400);
    const created = await postJson(`/api/2.0/mlflow-artifacts/mpu/create/${path}`, { path: 'f', num_parts: 1 });
    expect(created).toMatchObject({ status: 400, json: { error_code: 'INVALID_PARAMETER_VALUE' } });
    expect([await readdir(server.folder), await readdir(server.root)]).toEqual(before);
  });

  test.each(['../', '..', '/etc', '%252e%252e', '..%5C', 'a%00', '.cellar'])('are not listed: %s', async (path) => {
    expect(await send('GET', `${proxy}?path=${path}`)).toMatchObject({
      status: 400,
      json: { error_code: 'INVALID_PARAMETER_VALUE' },
    });
  });

  it('never reach the root or what is above it', async () => {
    await put('kept/a', 'x');
    for (const path of ['/', '/.', '/..', '/%2e', '/%2e%2e', '/..%2fartifacts', '//', '/.cellar', ''])
      expect((await send('DELETE', proxy + path)).status).toBeGreaterThanOrEqual(400);
    expect((await get('kept/a')).text).toBe('x');
    expect(await readdir(server.folder)).toContain('artifacts');
  });

  it('do not hide in an encoded route', async () => {
    for (const path of ['/api/2.0/%6dlflow-artifacts/artifacts/kept/a', '/api/2.0/mlflow-artifacts%2Fartifacts/kept/a'])
      expect(await send('GET', path)).toMatchObject({ status: 404, json: { error_code: 'ENDPOINT_NOT_FOUND' } });
  });

  it('through links are refused without a word of where they lead', async () => {
    await writeFile(join(server.folder, 'secret'), 'secret');
    await symlink(join(server.folder, 'secret'), join(server.root, 'link'));
    for (const method of ['GET', 'PUT']) {
      const answer = await send(method, `${proxy}/link`, method === 'PUT' ? 'x' : undefined);
      expect(answer.status).toBe(400);
      expect(answer.text).not.toContain(server.folder);
    }
    expect(await readFile(join(server.folder, 'secret'), 'utf8')).toBe('secret');
  });
});

describe('ranges', () => {
  beforeAll(() => put('ranges/a.txt', '0123456789'));

  it('are answered with their bytes', async () => {
    const answer = await get('ranges/a.txt', { range: 'bytes=1-2' });
    expect(answer).toMatchObject({ status: 206, text: '12' });
    expect(answer.headers).toMatchObject({
      'content-range': 'bytes 1-2/10',
      'content-length': '2',
      'content-type': 'text/plain',
    });
  });

  it('beyond the end are 416', async () => {
    const answer = await get('ranges/a.txt', { range: 'bytes=10-' });
    expect(answer).toMatchObject({ status: 416, json: { error_code: 'INVALID_PARAMETER_VALUE' } });
    expect(answer.headers['content-range']).toBe('bytes */10');
  });

  it('that are not understood give the whole', async () => {
    expect(await get('ranges/a.txt', { range: 'bytes=1-2,4-5' })).toMatchObject({ status: 200, text: '0123456789' });
  });

  it('and conditions follow the state of the file', async () => {
    const { headers } = await get('ranges/a.txt');
    const { etag } = headers;
    expect(await get('ranges/a.txt', { 'if-none-match': etag })).toMatchObject({ status: 304, text: '' });
    expect(await get('ranges/a.txt', { range: 'bytes=0-0', 'if-range': etag })).toMatchObject({ status: 206 });
    await put('ranges/b.txt', 'new');
    expect(await get('ranges/b.txt', { 'if-none-match': etag })).toMatchObject({ status: 200 });
    expect(await get('ranges/b.txt', { range: 'bytes=0-0', 'if-range': etag })).toMatchObject({
      status: 200,
      text: 'new',
    });
  });
});

describe('an upload that breaks off', () => {
  it('leaves nothing, and what was there stays', async () => {
    await put('broken/a', 'before');
    const path = `${proxy}/broken/a`;
    const call = request({
      host: '127.0.0.1',
      port: server.port(),
      method: 'PUT',
      path,
      headers: { 'content-length': 10_000_000 },
    });
    call.on('error', () => undefined);
    call.write(Buffer.alloc(2_000_000));
    const incoming = () => readdir(join(server.root, '.cellar/incoming'));
    await expect.poll(incoming).toHaveLength(1);
    call.destroy();
    await expect.poll(incoming).toHaveLength(0);
    expect((await get('broken/a')).text).toBe('before');
  });

  it('is told why a large one is refused', async () => {
    const answer = await put('broken/a/below', Buffer.alloc(5_000_000));
    expect(answer).toMatchObject({ status: 400, json: { message: expect.stringContaining('below an existing file') } });
  });
});

describe('a multipart upload', () => {
  const mpu = '/api/2.0/mlflow-artifacts/mpu';
  const begin = async (path: string, parts: number, headers?: OutgoingHttpHeaders) =>
    (await postJson(`${mpu}/create/${path}`, { path: '/home/me/model.bin', num_parts: parts }, headers)).json;

  it('follows the contract of the MLflow client', async () => {
    const { upload_id, credentials } = await begin('1/run/artifacts', 2);
    expect(credentials).toHaveLength(2);
    const parts = [];
    for (const { url, part_number, headers } of credentials) {
      const response = await fetch(url, { method: 'PUT', headers, body: part_number === 1 ? 'aaa' : 'b' });
      expect(response.status).toBe(200);
      parts.push({ part_number, etag: response.headers.get('etag'), url });
    }
    const body = { path: '/home/me/model.bin', upload_id, parts };
    expect(await postJson(`${mpu}/complete/1/run/artifacts`, body)).toMatchObject({ status: 200, json: {} });
    expect((await get('1/run/artifacts/model.bin')).text).toBe('aaab');
  });

  it('is forgotten when aborted', async () => {
    const { upload_id, credentials } = await begin('aborted', 1);
    expect(await postJson(`${mpu}/abort/aborted`, { path: 'model.bin', upload_id })).toMatchObject({
      status: 200,
      json: {},
    });
    const late = await fetch(credentials[0].url, { method: 'PUT', body: 'x' });
    expect(late.status).toBe(404);
  });

  it('names its parts by the scheme and prefix that the client used', async () => {
    const { credentials } = await begin('x', 1, { 'x-forwarded-proto': 'https', host: 'localhost:1234' });
    expect(credentials[0].url).toMatch(
      /^https:\/\/localhost:1234\/api\/2\.0\/mlflow-artifacts\/mpu\/part\/[0-9a-f]{32}\/1$/,
    );
  });

  it.each(['C:\\data\\model.bin', '../../model.bin', 'model.bin', '/a/../model.bin'])(
    'uses only the last name of %s',
    async (path) => {
      const { upload_id } = (await postJson(`${mpu}/create/safe`, { path, num_parts: 1 })).json;
      expect(await postJson(`${mpu}/abort/safe`, { path: 'model.bin', upload_id })).toMatchObject({ status: 200 });
    },
  );

  it.each([
    [{ path: '..', num_parts: 1 }],
    [{ path: 'a/', num_parts: 1 }],
    [{ path: 'a\\', num_parts: 1 }],
    [{ path: '%2e%2e', num_parts: 1 }],
    [{ path: 'a', num_parts: 0 }],
    [{ path: 'a', num_parts: 10_001 }],
    [{ path: 'a' }],
    [{ num_parts: 1 }],
  ])('is refused: %j', async (body) => {
    expect(await postJson(`${mpu}/create/x`, body)).toMatchObject({
      status: 400,
      json: { error_code: 'INVALID_PARAMETER_VALUE' },
    });
  });

  it('wants the size of a part', async () => {
    const { credentials } = await begin('sized', 1);
    const { pathname } = new URL(credentials[0].url);
    expect(await send('PUT', pathname, 'x', { 'transfer-encoding': 'chunked' })).toMatchObject({ status: 411 });
    expect(await send('PUT', pathname.replace(/1$/, 'x'), 'x')).toMatchObject({ status: 400 });
    expect(await send('PUT', `${mpu}/part/..%2f..%2fx/1`, 'x')).toMatchObject({ status: 404 });
  });

  it('is offered only where the server knows how it is reached', () => {
    expect(transferFeatures(undefined)).toEqual({
      multipart_uploads_enabled: false,
      multipart_downloads_enabled: false,
    });
    expect(transferFeatures('https://cellar.example')).toMatchObject({ multipart_uploads_enabled: true });
  });
});
