import type { OutgoingHttpHeaders } from 'node:http';
import { beforeAll, describe, expect, it, test } from 'vitest';
import { withArtifactServer } from '../../test/support/artifacts.ts';

const { send, put, get, postJson } = withArtifactServer();

describe('artifacts of a run, a version, a logged model', () => {
  beforeAll(async () => {
    await put('1/r1/artifacts/sub/hello.txt', 'hi');
    await put('1/r1/artifacts/d.json', '{}');
    await put('1/models/m-1/artifacts/MLmodel', 'flavors');
    await put('1/models/m-1/artifacts/data/x', '1');
    await put('1/r2/artifacts/secret', 'secret');
  });
  const mlflow = '/api/2.0/mlflow';
  const bad = (code: string, status = 400) => ({ status, json: { error_code: code } });

  it('are listed relative to the run', async () => {
    const root_uri = 'mlflow-artifacts:/1/r1/artifacts';
    expect((await send('GET', `${mlflow}/artifacts/list?run_id=r1`)).json).toEqual({
      root_uri,
      files: [
        { path: 'd.json', is_dir: false, file_size: 2 },
        { path: 'sub', is_dir: true },
      ],
    });
    expect((await send('GET', `${mlflow}/artifacts/list?run_uuid=r1&path=sub`)).json).toEqual({
      root_uri,
      files: [{ path: 'sub/hello.txt', is_dir: false, file_size: 2 }],
    });
    expect((await send('GET', `${mlflow}/artifacts/list?run_id=r1&path=nope`)).json).toEqual({ root_uri });
    expect(await send('GET', `${mlflow}/artifacts/list?run_id=r1&path=../x`)).toMatchObject(
      bad('INVALID_PARAMETER_VALUE'),
    );
    expect(await send('GET', `${mlflow}/artifacts/list`)).toMatchObject(bad('INVALID_PARAMETER_VALUE'));
    expect(await send('GET', `${mlflow}/artifacts/list?run_id=r9`)).toMatchObject(bad('RESOURCE_DOES_NOT_EXIST', 404));
  });

  it('are downloaded', async () => {
    const hello = await send('GET', '/get-artifact?run_id=r1&path=sub%2Fhello.txt');
    expect(hello).toMatchObject({ status: 200, text: 'hi' });
    expect(hello.headers['content-disposition']).toBe('attachment; filename=hello.txt');
    expect(await send('GET', '/get-artifact?run_uuid=r1&path=d.json', undefined, { range: 'bytes=1-' })).toMatchObject({
      status: 206,
      text: '}',
    });
    expect(await send('GET', '/model-versions/get-artifact?name=wine&version=1&path=MLmodel')).toMatchObject({
      text: 'flavors',
    });
    const files = '/ajax-api/2.0/mlflow/logged-models/m-1/artifacts/files';
    expect(await send('GET', `${files}?artifact_file_path=data/x`)).toMatchObject({ status: 200, text: '1' });
    expect(await send('GET', files)).toMatchObject(bad('INVALID_PARAMETER_VALUE'));
  });

  it('are those of a logged model', async () => {
    const directories = `${mlflow}/logged-models/m-1/artifacts/directories`;
    expect((await send('GET', directories)).json).toEqual({
      root_uri: 'mlflow-artifacts:/1/models/m-1/artifacts',
      files: [
        { path: 'MLmodel', is_dir: false, file_size: 7 },
        { path: 'data', is_dir: true },
      ],
    });
    expect((await send('GET', `${directories}?artifact_directory_path=data`)).json.files[0].path).toBe('data/x');
    expect(await send('GET', `${mlflow}/logged-models/m-9/artifacts/directories`)).toMatchObject(
      bad('RESOURCE_DOES_NOT_EXIST', 404),
    );
  });

  test.each([
    '../../r2/artifacts/secret',
    '..%2F..%2Fr2%2Fartifacts%2Fsecret',
    '%252e%252e/x',
    '/etc/passwd',
    '..%5C..%5Cr2',
    'sub',
    '%00',
    'a%23b',
  ])('do not lead out of the run: %s', async (path) => {
    expect(await send('GET', `/get-artifact?run_id=r1&path=${path}`)).toMatchObject(bad('INVALID_PARAMETER_VALUE'));
  });

  test.each([
    '/get-artifact?run_id=r1',
    '/get-artifact?path=d.json',
    '/model-versions/get-artifact?name=wine&version=1',
  ])('need all of their parameters: %s', async (url) => {
    expect(await send('GET', url)).toMatchObject(bad('INVALID_PARAMETER_VALUE'));
  });

  it('are uploaded from a page, up to 10 MiB', async () => {
    const upload = (query: string, body?: string | Buffer, headers?: OutgoingHttpHeaders) =>
      send('POST', `/ajax-api/2.0/mlflow/upload-artifact?${query}`, body, headers);
    expect(await upload('run_uuid=r1&path=ui/x.txt', 'abc')).toMatchObject({ status: 200, text: '' });
    expect((await get('1/r1/artifacts/ui/x.txt')).text).toBe('abc');
    expect(await upload('run_uuid=r1&path=ui/full', Buffer.alloc(10 * 1024 * 1024))).toMatchObject({ status: 200 });
    expect(await upload('run_uuid=r1&path=ui/more', Buffer.alloc(10 * 1024 * 1024 + 1))).toMatchObject(
      bad('INVALID_PARAMETER_VALUE', 413),
    );
    expect(await upload('run_uuid=r1&path=ui/none')).toMatchObject(bad('INVALID_PARAMETER_VALUE'));
    expect(await upload('path=ui/x.txt', 'abc')).toMatchObject(bad('INVALID_PARAMETER_VALUE'));
    expect(await upload('run_uuid=r1', 'abc')).toMatchObject(bad('INVALID_PARAMETER_VALUE'));
    expect(await upload('run_uuid=r1&path=../x', 'abc')).toMatchObject(bad('INVALID_PARAMETER_VALUE'));
    expect(await upload('run_uuid=r1&path=x', 'abc', { origin: 'https://evil.example' })).toMatchObject(
      bad('PERMISSION_DENIED', 403),
    );
    expect((await send('GET', `${mlflow}/artifacts/list?run_id=r1&path=ui`)).json.files).toHaveLength(2);
  });

  it('have no presigned URLs', async () => {
    const up = `${mlflow}/artifacts/presigned-upload-url`;
    for (const owner of [{ run_id: 'r1' }, { model_id: 'm-1' }])
      expect(await postJson(up, { ...owner, path: 'x' })).toMatchObject(bad('INVALID_PARAMETER_VALUE'));
    expect(await postJson(up, { run_id: 'r9', path: 'x' })).toMatchObject(bad('RESOURCE_DOES_NOT_EXIST', 404));
    expect((await postJson(up, { run_id: 'r1', model_id: 'm-1', path: 'x' })).json.message).toContain('Exactly one');
    expect(await postJson(`${mlflow}/artifacts/presigned-download-url`, { run_id: 'r1', path: 'x' })).toMatchObject(
      bad('INVALID_PARAMETER_VALUE'),
    );
  });
});
