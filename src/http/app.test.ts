import { connect } from 'node:net';
import { gzipSync } from 'node:zlib';
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AppError } from '../errors.ts';
import { createApp } from './app.ts';
import { message, required, str } from './message.ts';
import { answerProbes } from './probes.ts';
import { get, JsonText, post } from './route.ts';

const echo = message({ text: required(str()) });
const app = createApp({
  logger: pino({ level: 'silent' }),
  allowedHosts: ['cellar.example.org'],
  allowedOrigins: ['https://pages.example.org'],
  routes: [
    post('/echo', echo, ({ text }) => ({ text })),
    get('/echo', echo, ({ text }) => new JsonText(JSON.stringify({ text }))),
    get('/named/:name', message({}), (_, { path }) => ({ name: path['name'] })),
    post('/fail', message({}), () => {
      throw new Error('secret detail at /some/path: select * from users');
    }),
    post('/busy', message({}), () => {
      throw new AppError('TEMPORARILY_UNAVAILABLE', 'Come back.', { retryAfterSeconds: 3 });
    }),
    get('/only-ajax', message({}), () => ({}), { prefix: 'ajax' }),
  ],
});
answerProbes(app, { version: '1.2.3', ready: async () => undefined });
let origin: string;

beforeAll(async () => {
  origin = await app.listen({ host: '127.0.0.1', port: 0 });
});
afterAll(async () => {
  await app.close();
});

const json = { 'content-type': 'application/json' };
const send = (init: RequestInit & { path?: string }) =>
  fetch(`${origin}${init.path ?? '/api/2.0/echo'}`, { method: 'POST', headers: json, ...init });

describe('a request', () => {
  it('is bound from a JSON body or a query, under both prefixes', async () => {
    expect(await (await send({ body: '{"text":"a"}' })).json()).toEqual({ text: 'a' });
    expect(await (await send({ path: '/ajax-api/2.0/echo', body: '{"text":"a"}' })).json()).toEqual({ text: 'a' });
    expect(await (await fetch(`${origin}/api/2.0/echo?text=a%20b`)).json()).toEqual({ text: 'a b' });
    expect(await (await fetch(`${origin}//api/2.0/echo?text=x`)).json()).toEqual({ text: 'x' });
    expect((await fetch(`${origin}/api/2.0/only-ajax`)).status).toBe(404);
  });

  it('may be JSON inside a JSON string, gzip, or name a charset', async () => {
    expect(await (await send({ body: JSON.stringify('{"text":"twice"}') })).json()).toEqual({ text: 'twice' });
    const packed = await send({
      body: new Uint8Array(gzipSync('{"text":"packed"}')),
      headers: { ...json, 'content-encoding': 'gzip' },
    });
    expect(await packed.json()).toEqual({ text: 'packed' });
    const charset = await send({
      body: '{"text":"c"}',
      headers: { 'content-type': 'application/json; charset=utf-8' },
    });
    expect(charset.status).toBe(200);
  });

  it.each([
    ['no body', {}, 400, /'text'/],
    ['a broken body', { body: '{bad' }, 400, /not valid JSON/],
    ['a list', { body: '[1]' }, 400, /an object/],
    ['a bare NaN', { body: '{"text":NaN}' }, 400, /not valid JSON/],
    ['bad UTF-8', { body: new Uint8Array([0x22, 0xff, 0x22]) }, 400, /UTF-8/],
    ['another media type', { body: '{"text":"a"}', headers: { 'content-type': 'text/plain' } }, 400, /Content-Type/],
    ['depth', { body: '['.repeat(1000) }, 400, /deeper than 64/],
    ['depth in a text', { body: JSON.stringify('['.repeat(100_000)) }, 400, /deeper than 64/],
    ['an unknown encoding', { body: 'x', headers: { ...json, 'content-encoding': 'br' } }, 415, /gzip/],
    ['broken gzip', { body: 'x', headers: { ...json, 'content-encoding': 'gzip' } }, 400, /gzip/],
  ])('is refused for %s', async (_, init, status, text) => {
    const response = await send(init);
    expect(response.status).toBe(status);
    expect(await response.json()).toMatchObject({
      error_code: 'INVALID_PARAMETER_VALUE',
      message: expect.stringMatching(text),
    });
  });

  it('is refused beyond the limit of size, also when it inflates beyond it', async () => {
    const large = await send({ body: `{"text":"${'x'.repeat(33 * 1024 * 1024)}"}` }).catch(() => undefined);
    if (large !== undefined) expect(large.status).toBe(413);
    const bomb = gzipSync(Buffer.alloc(64 * 1024 * 1024, ' '));
    const response = await send({ body: new Uint8Array(bomb), headers: { ...json, 'content-encoding': 'gzip' } });
    expect(response.status).toBe(413);
    expect((await send({ body: '{"text":"still there"}' })).status).toBe(200);
  });

  it('finds no endpoint, or the wrong method, as JSON', async () => {
    const missing = await fetch(`${origin}/api/2.0/mlflow/traces`);
    expect([missing.status, await missing.json()]).toMatchObject([404, { error_code: 'ENDPOINT_NOT_FOUND' }]);
    const wrong = await fetch(`${origin}/api/2.0/echo`, { method: 'DELETE' });
    expect([wrong.status, wrong.headers.get('allow'), await wrong.json()]).toMatchObject([
      405,
      'GET, POST',
      { error_code: 'ENDPOINT_NOT_FOUND' },
    ]);
    const malformed = await fetch(`${origin}/api/2.0/named/%zz`);
    expect([malformed.status, await malformed.json()]).toMatchObject([400, { error_code: 'BAD_REQUEST' }]);
    const long = await fetch(`${origin}/api/2.0/named/${'x'.repeat(500)}`);
    expect(long.status).toBe(200);
  });

  it('shows nothing of the inside when the server fails, but a request id', async () => {
    const response = await send({ path: '/api/2.0/fail', body: '{}' });
    const text = await response.text();
    expect([response.status, JSON.parse(text).error_code]).toEqual([500, 'INTERNAL_ERROR']);
    expect(text).not.toMatch(/secret|select|path/);
    expect(response.headers.get('x-request-id')).toMatch(/\w+-\w+/);
    expect((await send({ path: '/api/2.0/busy', body: '{}' })).headers.get('retry-after')).toBe('3');
  });
});

describe('the guard', () => {
  const status = async (headers: Record<string, string>, method = 'POST', path = '/api/2.0/echo') => {
    const { port, hostname } = new URL(origin);
    const body = method === 'POST' ? '{"text":"a"}' : '';
    const lines = Object.entries({
      host: `${hostname}:${port}`,
      ...json,
      'content-length': String(body.length),
      connection: 'close',
      ...headers,
    });
    const socket = connect(Number(port), hostname);
    socket.end(
      `${method} ${path} HTTP/1.1\r\n${lines.map(([name, value]) => `${name}: ${value}\r\n`).join('')}\r\n${body}`,
    );
    let answer = '';
    for await (const chunk of socket) answer += chunk;
    return Number(answer.split(' ')[1]);
  };

  it.each([
    'localhost:5000',
    '127.0.0.1',
    '[::1]:5000',
    '10.1.2.3',
    '192.168.0.7:80',
    '172.16.9.9',
    'cellar.example.org',
  ])('serves the host %s', async (host) => {
    expect(await status({ host })).toBe(200);
  });

  it.each([
    'evil.example.org',
    'localhost.evil.org',
    '127.0.0.1.evil.org',
    '172.32.0.1',
    '8.8.8.8',
    'cellar.example.org.evil.org',
  ])('refuses the host %s', async (host) => {
    expect(await status({ host })).toBe(403);
    expect(await status({ host }, 'GET', '/health')).toBe(200);
  });

  it('lets pages of our own and of allowed origins write, and no others', async () => {
    const { host } = new URL(origin);
    expect(await status({ origin: `http://${host}` })).toBe(200);
    expect(await status({ origin: 'https://pages.example.org' })).toBe(200);
    expect(await status({ origin: 'https://evil.example.org' })).toBe(403);
    expect(await status({ origin: 'null' })).toBe(403);
    expect(await status({ 'sec-fetch-site': 'cross-site' })).toBe(403);
    expect(await status({ origin: 'https://evil.example.org' }, 'GET', '/api/2.0/echo?text=a')).toBe(200);
  });

  it.each([
    ['what is no HTTP', 'NONSENSE\r\n\r\n', 400],
    ['two lengths', 'POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nx', 400],
    [
      'a length and chunks',
      'POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
      400,
    ],
    ['too many headers', `GET / HTTP/1.1\r\nHost: localhost\r\nX: ${'x'.repeat(20_000)}\r\n\r\n`, 431],
  ])('answers %s with an error', async (_, text, status) => {
    const { port, hostname } = new URL(origin);
    const socket = connect(Number(port), hostname);
    socket.end(text);
    let answer = '';
    for await (const chunk of socket) answer += chunk;
    expect(answer).toMatch(new RegExp(`^HTTP/1.1 ${status} [\\s\\S]*"error_code":"BAD_REQUEST"`));
  });
});

describe('the probes', () => {
  it('answer, and the metrics speak of requests', async () => {
    expect(await (await fetch(`${origin}/health`)).text()).toBe('OK');
    expect(await (await fetch(`${origin}/ready`)).text()).toBe('OK');
    expect(await (await fetch(`${origin}/version`)).text()).toBe('1.2.3');
    const metrics = await (await fetch(`${origin}/metrics`)).text();
    expect(metrics).toMatch(/cellar_http_request_duration_seconds_count\{method="GET",route="\/health",status="200"\}/);
    expect(metrics).toMatch(/cellar_event_loop_delay_p99_seconds/);
  });
});
