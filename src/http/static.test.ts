import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import pino from 'pino';
import { afterAll, describe, expect, it } from 'vitest';
import { createApp } from './app.ts';
import { serveStatic } from './static.ts';

const folder = mkdtempSync(join(tmpdir(), 'cellar-static-'));
mkdirSync(join(folder, 'ui', 'assets'), { recursive: true });
writeFileSync(join(folder, 'secret.js'), 'not of the page');
writeFileSync(join(folder, 'ui', 'index.html'), '<!doctype html><title>Cellar</title>');
writeFileSync(join(folder, 'ui', 'theme.js'), '1');
writeFileSync(join(folder, 'ui', 'assets', 'index-abc.js'), 'console');
writeFileSync(join(folder, 'ui', 'assets', 'index-abc.js.gz'), gzipSync('console'));

function app(ui: string) {
  const made = createApp({ routes: [], logger: pino({ level: 'silent' }), allowedHosts: [], allowedOrigins: [] });
  serveStatic(made, ui);
  return made;
}

afterAll(() => rmSync(folder, { recursive: true }));

describe('the built page', () => {
  const page = app(join(folder, 'ui'));
  const get = (url: string, headers: Record<string, string> = {}) => page.inject({ url, headers });

  it.each([
    '/',
    '/experiments',
    '/experiments/3',
    '/runs/abc',
    '/models/a/versions/2',
    '/compare?run=1',
    '/services/x',
  ])('is answered at %s', async (url) => {
    const reply = await get(url);
    expect(reply.statusCode).toBe(200);
    expect(reply.headers['content-type']).toBe('text/html; charset=utf-8');
    expect(reply.body).toContain('<title>Cellar</title>');
  });

  it('admits only its own code and asks about itself each time', async () => {
    const { headers } = await get('/');
    expect(headers['content-security-policy']).toContain("script-src 'self'");
    expect(headers['content-security-policy']).not.toContain('unsafe');
    expect(headers['x-content-type-options']).toBe('nosniff');
    expect(headers['referrer-policy']).toBe('same-origin');
    expect(headers['cache-control']).toBe('no-cache');
  });

  it('lets its assets be kept for good', async () => {
    const reply = await get('/assets/index-abc.js');
    expect(reply.body).toBe('console');
    expect(reply.headers['cache-control']).toBe('public, max-age=31536000, immutable');
    expect(reply.headers['content-type']).toBe('text/javascript; charset=utf-8');
  });

  it('sends the compressed file to whoever takes it, under another tag', async () => {
    const plain = await get('/assets/index-abc.js', { 'accept-encoding': 'br, gzip;q=0' });
    const packed = await get('/assets/index-abc.js', { 'accept-encoding': 'br, gzip' });
    expect(plain.headers['content-encoding']).toBeUndefined();
    expect(packed.headers['content-encoding']).toBe('gzip');
    expect(packed.headers.vary).toBe('accept-encoding');
    expect(packed.headers.etag).not.toBe(plain.headers.etag);
  });

  it('answers 304 to a tag it has', async () => {
    const { etag } = (await get('/theme.js')).headers;
    const again = await get('/theme.js', { 'if-none-match': `"other", W/${etag}` });
    expect([again.statusCode, again.body]).toEqual([304, '']);
    expect((await get('/theme.js', { 'if-none-match': '"other"' })).statusCode).toBe(200);
  });

  it('answers HEAD with the length alone', async () => {
    const reply = await page.inject({ method: 'HEAD', url: '/assets/index-abc.js' });
    expect([reply.statusCode, reply.headers['content-length'], reply.body]).toEqual([200, '7', '']);
  });

  it.each([
    '/assets/none.js',
    '/assets/../../secret.js',
    '/assets/..%2f..%2fsecret.js',
    '/assets/%2e%2e/index.html',
    '/assets/',
  ])('has no file at %s', async (url) => {
    const reply = await get(url);
    expect(reply.statusCode).toBe(404);
    expect(reply.json().error_code).toMatch(/DOES_NOT_EXIST|NOT_FOUND/);
  });

  it('leaves unknown addresses to the API', async () => {
    expect((await get('/api/2.0/mlflow/nothing')).json().error_code).toBe('ENDPOINT_NOT_FOUND');
    expect((await get('/experimentsandmore')).statusCode).toBe(404);
  });
});

it('says how to build the page where it is not built', async () => {
  const reply = await app(join(folder, 'nowhere')).inject({ url: '/' });
  expect(reply.statusCode).toBe(404);
  expect(reply.headers['content-type']).toBe('text/plain; charset=utf-8');
  expect(reply.body).toContain('npm run build:ui');
});
