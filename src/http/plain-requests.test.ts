import { once } from 'node:events';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AppError } from '../errors.ts';
import { createApp } from './app.ts';
import { message, required, str } from './message.ts';
import { answerProbes } from './probes.ts';
import { del, get, post } from './route.ts';

const echo = message({ text: required(str()) });
const countedRequest =
  'POST /api/2.0/counted HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2\r\nContent-Type: application/json\r\n\r\n{}';
let counted = 0;
/** The most bytes that had been read of requests which were not yet begun. */
let mostWaiting = 0;
/** The server's end of the newest connection. */
let newest: Socket | undefined;
let release: () => void = () => undefined;
const app = createApp({
  logger: pino({ level: 'silent' }),
  allowedHosts: [],
  allowedOrigins: [],
  routes: [
    post('/echo', echo, ({ text }) => ({ text })),
    get('/echo', echo, ({ text }, { headers }) => ({ text, agent: headers['user-agent'] })),
    del('/echo', message({}), () => ({})),
    post('/fail', message({}), () => {
      throw new Error('secret detail');
    }),
    post('/busy', message({}), () => {
      throw new AppError('TEMPORARILY_UNAVAILABLE', 'Come back.', { retryAfterSeconds: 3 });
    }),
    post('/held', message({}), async () => {
      await new Promise<void>((resolve) => {
        release = resolve;
      });
    }),
    post('/counted', message({}), async () => {
      counted++;
      mostWaiting = Math.max(mostWaiting, (newest?.bytesRead ?? 0) - counted * countedRequest.length);
      await new Promise((resolve) => setImmediate(resolve));
    }),
    post('/nothing', message({}), () => () => 'a function is no JSON'),
    get('/named/:name', message({}), (_, { path }) => ({ name: path['name'] })),
  ],
});
answerProbes(app, { version: '1.2.3', ready: async () => undefined });
/** Requests that `node:http` has seen. */
let seenByNode = 0;
app.server.on('request', () => seenByNode++);
app.server.on('connection', (socket) => {
  newest = socket;
});
let port: number;

beforeAll(async () => {
  await app.listen({ host: '127.0.0.1', port: 0 });
  port = (app.server.address() as AddressInfo).port;
});
afterAll(() => app.close());

interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly text: string;
}

/** The answers in what a connection has received; the last may lack its end. */
function answersIn(received: Buffer): Answer[] {
  const at = received.indexOf('\r\n\r\n');
  if (at === -1) return [];
  const [first = '', ...lines] = received.toString('latin1', 0, at).split('\r\n');
  const headers = Object.fromEntries(
    lines.map((line) => [line.slice(0, line.indexOf(':')).toLowerCase(), line.slice(line.indexOf(':') + 1).trim()]),
  );
  const end = at + 4 + Number(headers['content-length'] ?? 0);
  if (received.length < end) return [];
  const text = received.toString('utf8', at + 4, end);
  return [{ status: Number(first.split(' ')[1]), headers, text }, ...answersIn(received.subarray(end))];
}

/** A connection and what came back on it. */
async function connected() {
  const socket = connect({ port, host: '127.0.0.1', noDelay: true });
  await once(socket, 'connect');
  let received = Buffer.alloc(0);
  socket.on('data', (chunk) => {
    received = Buffer.concat([received, chunk]);
  });
  const answers = async (count: number): Promise<Answer[]> => {
    while (answersIn(received).length < count && !socket.destroyed) await once(socket, 'data');
    return answersIn(received);
  };
  return { socket, answers };
}

/** Sends text in one piece or in several, and returns the answers. */
async function exchange(pieces: readonly (string | Buffer)[], count = 1): Promise<Answer[]> {
  const { socket, answers } = await connected();
  for (const piece of pieces) await sent(socket, piece);
  const result = await answers(count);
  socket.destroy();
  return result;
}

const sent = (socket: Socket, piece: string | Buffer) =>
  new Promise<void>((resolve) => void socket.write(piece, () => setImmediate(resolve)));

function request(method: string, path: string, body: string, more: readonly string[] = []): string {
  const length =
    method === 'GET' ? [] : [`Content-Length: ${Buffer.byteLength(body)}`, 'Content-Type: application/json'];
  return `${[`${method} ${path} HTTP/1.1`, 'Host: localhost', ...length, ...more].join('\r\n')}\r\n\r\n${body}`;
}
const url = '/api/2.0/echo';
const asking = (text: string) => request('POST', url, JSON.stringify({ text }));
const texts = (answers: readonly Answer[]) => answers.map(({ text }) => JSON.parse(text).text);

describe('a plain request', () => {
  it.each([
    ['POST', url, '{"text":"a"}'],
    ['POST', '/ajax-api/2.0/echo', '{"text":"ä€😀"}'],
    ['POST', url, '{"text":1}'],
    ['POST', url, ''],
    ['POST', url, '{bad'],
    ['POST', url, '['.repeat(200)],
    ['POST', url, JSON.stringify(JSON.stringify({ text: 'twice' }))],
    ['POST', url, JSON.stringify({ text: 'x'.repeat(200_000) })],
    ['DELETE', url, '{}'],
    ['GET', `${url}?text=a%20b`, ''],
    ['GET', `${url}?text=%zz`, ''],
    ['GET', url, ''],
    ['POST', '/api/2.0/busy', '{}'],
    ['POST', '/api/2.0/fail', '{}'],
  ])('is answered as by Fastify: %s %s (%#)', async (method, path, body) => {
    const before = seenByNode;
    const [plain] = await exchange([request(method, path, body)]);
    expect(seenByNode).toBe(before);
    const [other] = await exchange([request(method, path, body, ['X-Other: 1'])]);
    expect(seenByNode).toBe(before + 1);
    const same = ({ headers: { date, 'x-request-id': id, ...headers }, ...answer }: Answer) => ({
      ...answer,
      headers,
      date: /^\w{3}, \d\d \w{3} \d{4} [\d:]{8} GMT$/.test(date!),
      named: id !== undefined,
    });
    expect(same(plain!)).toEqual(same(other!));
  });

  it('may arrive in any two pieces', async () => {
    const bytes = Buffer.from(asking('ä'));
    const answers = await Promise.all(
      Array.from({ length: bytes.length - 1 }, (_, at) =>
        exchange([bytes.subarray(0, at + 1), bytes.subarray(at + 1)]),
      ),
    );
    expect(new Set(texts(answers.flat()))).toEqual(new Set(['ä']));
    expect(answers.flat()).toHaveLength(bytes.length - 1);
  });

  it('may be followed by others before it is answered, which are answered in their order', async () => {
    const many = Array.from({ length: 50 }, (_, i) => `t${i}`);
    expect(texts(await exchange([many.map(asking).join('')], 50))).toEqual(many);
    const bytes = Buffer.from(many.map(asking).join(''));
    const cut = [bytes.subarray(0, 777), bytes.subarray(777, 2500), bytes.subarray(2500)];
    expect(texts(await exchange(cut, 50))).toEqual(many);
  });

  it('may be followed by what is not plain, and that by plain ones', async () => {
    const chunked = `POST ${url} HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\nContent-Type: application/json\r\n\r\nc\r\n{"text":"b"}\r\n0\r\n\r\n`;
    const all = [asking('a'), chunked, asking('c'), request('GET', '/api/2.0/named/d', ''), asking('e')];
    const expected = ['a', 'b', 'c', undefined, 'e'];
    expect(texts(await exchange([all.join('')], 5))).toEqual(expected);
    expect(texts(await exchange(all, 5))).toEqual(expected);
  });

  it('is left to Node when it does not arrive in time, and answered when the rest comes', async () => {
    const { socket, answers } = await connected();
    const text = asking('late');
    await sent(socket, text.slice(0, -5));
    await once(app.server, 'request');
    await sent(socket, text.slice(-5) + asking('next'));
    expect(texts(await answers(2))).toEqual(['late', 'next']);
    socket.destroy();
  });

  it('is left to Node when it is large', async () => {
    const before = seenByNode;
    const large = 'x'.repeat(300_000);
    expect(texts(await exchange([asking(large)]))).toEqual([large]);
    expect(seenByNode).toBe(before + 1);
  });

  it('is answered although its client has nothing more to say, and ends the connection', async () => {
    const { socket, answers } = await connected();
    socket.end(asking('last'));
    await once(socket, 'close');
    expect(texts(await answers(1))).toEqual(['last']);
  });

  it('is answered with those that follow it, plain or not, before the connection ends', async () => {
    const { socket, answers } = await connected();
    socket.end([asking('a'), asking('b'), request('GET', '/api/2.0/named/c', ''), asking('d')].join(''));
    await once(socket, 'close');
    expect((await answers(4)).map(({ status }) => status)).toEqual([200, 200, 200, 200]);
  });

  it('that ends in its middle is refused', async () => {
    for (const length of [-1, -20, 30, 5]) {
      const { socket, answers } = await connected();
      socket.end(asking('half').slice(0, length));
      await once(socket, 'close');
      expect((await answers(1)).map(({ status }) => status)).toEqual([400]);
    }
  });

  it('whose client goes away hurts nobody', async () => {
    const { socket } = await connected();
    await sent(socket, request('POST', '/api/2.0/held', '{}'));
    await sent(socket, asking('never answered'));
    socket.destroy();
    await once(socket, 'close');
    release();
    expect(texts(await exchange([asking('still there')]))).toEqual(['still there']);
  });

  it('is not read long before it is answered', async () => {
    const many = 20_000;
    const socket = connect({ port, host: '127.0.0.1' });
    socket.write(countedRequest.repeat(many));
    while (counted < many) await once(socket, 'data');
    socket.destroy();
    expect(mostWaiting).toBeLessThan(4 * 64 * 1024);
  });

  it('whose answer is no JSON fails alone', async () => {
    const [failed, next] = await exchange([request('POST', '/api/2.0/nothing', '{}') + asking('still there')], 2);
    expect([failed?.status, JSON.parse(failed!.text).error_code]).toEqual([500, 'INTERNAL_ERROR']);
    expect(texts([next!])).toEqual(['still there']);
  });

  it('of a foreign host is refused', async () => {
    const [answer] = await exchange([asking('a').replace('localhost', 'evil.example.org')]);
    expect(answer?.status).toBe(403);
  });

  it('is counted under its route', async () => {
    await exchange([asking('counted')]);
    const metrics = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
    expect(metrics).toMatch(
      /_request_duration_seconds_count\{method="POST",route="\/api\/2.0\/echo",status="200"\} \d/,
    );
  });
});

describe('what is no plain request', () => {
  it.each([
    ['no HTTP', '\x16\x03\x01\x02\x00\x01\x00'],
    ['two lengths', `POST ${url} HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nxx`],
    ['a length and chunks', `${asking('a').replace('Host', 'Transfer-Encoding: chunked\r\nHost')}`],
    ['a signed length', asking('a').replace('Content-Length: ', 'Content-Length: +')],
    ['a line feed in a header', asking('a').replace('Host: localhost', 'Host: localhost\nContent-Length: 0')],
    ['a head without an end', `GET /${'x'.repeat(20_000)}`],
  ])('is refused by Node: %s', async (_, text) => {
    const [answer] = await exchange([Buffer.from(text, 'latin1')]);
    expect(answer?.status).toBeGreaterThanOrEqual(400);
    expect(JSON.parse(answer!.text)).toMatchObject({ error_code: 'BAD_REQUEST' });
  });
});
