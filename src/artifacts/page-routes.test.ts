import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { request } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { beforeAll, describe, expect, it, test } from 'vitest';
import { withArtifactServer } from '../../test/support/artifacts.ts';

const { send, put, port } = withArtifactServer();
const archive = '/api/v1/artifacts/archive';
const shownPage = '/api/v1/artifacts/page';
const refused = (code: string, status = 400) => ({ status, json: { error_code: code } });

describe('a folder of artifacts as an archive', () => {
  const big = Buffer.alloc(3_000_000, 'wine ');
  beforeAll(async () => {
    await put('1/r1/artifacts/plots/roc.png', 'png');
    await put('1/r1/artifacts/plots/deep/er/l%C3%B6ss%20curve.txt', 'curve');
    await put('1/r1/artifacts/plots/empty', '');
    await put('1/r1/artifacts/weights.bin', big);
    await put('1/models/m-1/artifacts/MLmodel', 'flavors');
    await put('1/r2/artifacts/secret', 'secret');
  });

  /** What Python's zipfile, which knows nothing of ours, reads in an answer: contents by name, checksums checked. */
  async function contents(query: string): Promise<Record<string, string>> {
    const call = request({ host: '127.0.0.1', port: port(), path: `${archive}?${query}`, agent: false }).end();
    const [response] = await once(call, 'response');
    const bytes = await buffer(response);
    expect(response.statusCode).toBe(200);
    expect(bytes.length).toBe(Number(response.headers['content-length']));
    const program = `import io, json, sys, zipfile
z = zipfile.ZipFile(io.BytesIO(sys.stdin.buffer.read())); assert z.testzip() is None
print(json.dumps({n: z.read(n).decode()[:40] for n in z.namelist()}))`;
    return JSON.parse(execFileSync('python3', ['-c', program], { input: bytes, encoding: 'utf8' }));
  }

  it('holds every file below the folder, by its path from there', async () => {
    expect(await contents('runId=r1&path=plots')).toEqual({
      'roc.png': 'png',
      'deep/er/löss curve.txt': 'curve',
      empty: '',
    });
    expect(await contents('runId=r1&path=plots/deep/')).toEqual({ 'er/löss curve.txt': 'curve' });
  });

  it('holds everything of a run, a logged model or a model version', async () => {
    expect(Object.keys(await contents('runId=r1'))).toEqual([
      'plots/deep/er/löss curve.txt',
      'plots/empty',
      'plots/roc.png',
      'weights.bin',
    ]);
    expect(await contents('modelId=m-1')).toEqual({ MLmodel: 'flavors' });
    expect(await contents('name=wine&version=1')).toEqual({ MLmodel: 'flavors' });
  });

  it('is named after the folder', async () => {
    const nameOf = async (query: string) => (await send('GET', `${archive}?${query}`)).headers['content-disposition'];
    expect(await nameOf('runId=r1&path=plots/deep')).toBe('attachment; filename=deep.zip');
    expect(await nameOf('name=wine&version=1')).toBe('attachment; filename=wine-1.zip');
  });

  it.each([
    ['', 'INVALID_PARAMETER_VALUE', 400],
    ['runId=r1&modelId=m-1', 'INVALID_PARAMETER_VALUE', 400],
    ['name=wine', 'INVALID_PARAMETER_VALUE', 400],
    ['runId=r1&path=../r2/artifacts', 'INVALID_PARAMETER_VALUE', 400],
    ['runId=r1&path=%2Fetc', 'INVALID_PARAMETER_VALUE', 400],
    ['runId=r9', 'RESOURCE_DOES_NOT_EXIST', 404],
    ['runId=r1&path=nowhere', 'RESOURCE_DOES_NOT_EXIST', 404],
    ['runId=r1&path=weights.bin', 'RESOURCE_DOES_NOT_EXIST', 404],
  ])('is refused for %j', async (query, code, status) => {
    expect(await send('GET', `${archive}?${query}`)).toMatchObject(refused(code, status));
  });

  it('may be left before its end', async () => {
    const call = request({ host: '127.0.0.1', port: port(), path: `${archive}?runId=r1`, agent: false }).end();
    const [response] = await once(call, 'response');
    await once(response, 'data');
    response.destroy();
    expect(await contents('runId=r1&path=plots/deep')).toEqual({ 'er/löss curve.txt': 'curve' });
  });
});

describe('an HTML artifact', () => {
  beforeAll(async () => {
    await put('1/r1/artifacts/report.html', '<h1>Wine</h1><script>document.title = "ran"</script>');
  });

  it('is shown as of another origin, without scripts and without a way to load anything', async () => {
    const { status, text, headers } = await send('GET', `${shownPage}?runId=r1&path=report.html`);
    expect([status, text]).toEqual([200, '<h1>Wine</h1><script>document.title = "ran"</script>']);
    expect(headers).toMatchObject({ 'content-type': 'text/html; charset=utf-8', 'x-content-type-options': 'nosniff' });
    const policy = String(headers['content-security-policy']).split('; ');
    expect(policy).toEqual(expect.arrayContaining(['sandbox', "default-src 'none'", "frame-ancestors 'self'"]));
    expect(policy.some((part) => part.startsWith('script-src'))).toBe(false);
  });

  it('may run its scripts if asked, still of another origin and without a network', async () => {
    const { headers } = await send('GET', `${shownPage}?runId=r1&path=report.html&scripts=true`);
    const policy = String(headers['content-security-policy']).split('; ');
    expect(policy).toEqual(expect.arrayContaining(['sandbox allow-scripts', "default-src 'none'"]));
    expect(policy.join()).not.toContain('allow-same-origin');
    expect(policy.join()).not.toContain('connect-src');
  });

  test.each([
    ['runId=r1&path=weights.bin', 'INVALID_PARAMETER_VALUE', 400],
    ['runId=r1&path=../r2/x.html', 'INVALID_PARAMETER_VALUE', 400],
    ['runId=r1', 'INVALID_PARAMETER_VALUE', 400],
    ['path=report.html', 'INVALID_PARAMETER_VALUE', 400],
    ['runId=r1&path=none.html', 'RESOURCE_DOES_NOT_EXIST', 404],
  ])('is refused for %j', async (query, code, status) => {
    expect(await send('GET', `${shownPage}?${query}`)).toMatchObject(refused(code, status));
  });
});
