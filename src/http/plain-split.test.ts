import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { answerPlainRequests } from './plain-requests.ts';

const unfinished = '(unfinished)';

let answeredPlainly = 0;

/** A server that notes what it is asked, up to the request that ends the connection; with or without the plain way. */
function noting(plain: boolean) {
  const seen: string[] = [];
  let over = false;
  const server = createServer((request, response) => {
    if (over) return;
    over = !response.shouldKeepAlive;
    const at = seen.push(unfinished) - 1;
    const body: Buffer[] = [];
    request.on('data', (chunk: Buffer) => body.push(chunk));
    request.on('error', () => undefined);
    request.on('end', () => {
      seen[at] = `${request.method} ${request.url} ${Buffer.concat(body).toString('latin1')}`;
      response.end('{}');
    });
  });
  // What came before the bad bytes is still read to its end.
  server.on('clientError', (_, socket) => setImmediate(() => setImmediate(() => socket.destroy())));
  if (plain)
    answerPlainRequests(server, {
      answerer:
        ({ method, path, query }) =>
        async (body) => {
          answeredPlainly++;
          seen.push(`${method} ${path}${query === '' ? '' : `?${query}`} ${body.toString('latin1')}`);
          return { status: 200, body: '{}' };
        },
      headers: {},
      idleMs: 10_000,
    });
  const reset = () => {
    seen.length = 0;
    over = false;
  };
  return { server, seen, reset };
}

const servers = { plain: noting(true), node: noting(false) };
const portOf = (server: Server) => (server.address() as AddressInfo).port;

beforeAll(async () => {
  for (const { server } of Object.values(servers)) await once(server.listen(0, '127.0.0.1'), 'listening');
});
afterAll(() => {
  for (const { server } of Object.values(servers)) server.close();
});

/** Sends a stream in pieces, says that it ends, and returns what the server took it for. */
async function understood(
  { server, seen, reset }: (typeof servers)['plain'],
  pieces: readonly Buffer[],
): Promise<string[]> {
  reset();
  const socket = connect({ port: portOf(server), host: '127.0.0.1', noDelay: true });
  socket.on('error', () => undefined);
  socket.resume();
  const closed = once(socket, 'close');
  for (const piece of pieces) await new Promise<void>((done) => socket.write(piece, () => setImmediate(done)));
  socket.end();
  await closed;
  // A request whose body never came to its end was not answered.
  return seen.filter((each) => each !== unfinished);
}

const smuggled = 'GET /smuggled HTTP/1.1\r\nHost: h\r\n\r\n';
const methods = ['POST', 'GET', 'PATCH', 'DELETE', 'HEAD', 'PUT', 'get'];
const targets = ['/a', '/a?b=c', '/a?b=%20', '/ä', '/a b', '*', 'http://h/a', ''];
const versions = ['HTTP/1.1', 'HTTP/1.0', 'HTTP/1.2', 'http/1.1'];
const bodies = ['', '{}', '{"a":1}', smuggled, '0\r\n\r\n', `0\r\n\r\n${smuggled}`, '\r\n', 'x'.repeat(300)];
const fields = [
  'Content-Type: application/json',
  'Accept: */*',
  'Connection: keep-alive',
  'Connection: close',
  'Transfer-Encoding: chunked',
  'Transfer-Encoding: identity',
  'Transfer-Encoding : chunked',
  'Content-Length: 0',
  'Content-Length: 5',
  'Content-Length: +2',
  'Content-Length: 2, 2',
  'Content-Length: 0x2',
  'Content-Length:\t2',
  'Content-Length: 2\u00a0',
  'Content-Length : 2',
  ' Content-Length: 2',
  'Accept: a\r\n b',
  'Accept: a\nContent-Length: 2',
  'Accept: a\rContent-Length: 2',
  'Expect: 100-continue',
  'Upgrade: websocket',
  'X-Other: 1',
  'Host: other',
  'no colon',
  ':',
];

/** A stream of one to four requests, most of them right or nearly right, and where it is cut. */
function stream(seed: number): Buffer[] {
  const random = xoroshiro128plus(seed);
  const below = (n: number) => (random.next() >>> 0) % n;
  const one = <T>(of: readonly T[]): T => of[below(of.length)]!;
  const seldom = () => below(12) === 0;
  const requests = Array.from({ length: 1 + below(4) }, () => {
    const body = one(bodies);
    const length = seldom() ? one([body.length - 1, body.length + 1, 0]) : body.length;
    const lines = ['Host: localhost', `Content-Length: ${length}`];
    if (below(3) === 0) lines.splice(below(lines.length + 1), 0, one(fields));
    if (seldom()) lines.splice(below(lines.length), 1);
    const end = seldom() ? '\n' : '\r\n';
    const line = [
      seldom() ? one(methods) : 'POST',
      seldom() ? one(targets) : '/a',
      seldom() ? one(versions) : 'HTTP/1.1',
    ];
    return `${line.join(' ')}${end}${lines.join(end)}${end}${end}${body}`;
  });
  const bytes = Buffer.from(requests.join(seldom() ? '\r\n' : ''), 'latin1');
  if (seldom()) bytes[below(bytes.length)] = one([0, 9, 10, 13, 32, 58, 0x80, 0xff]);
  const cuts = Array.from({ length: below(3) }, () => below(bytes.length)).sort((a, b) => a - b);
  return [0, ...cuts].map((from, i) => bytes.subarray(from, cuts[i]));
}

describe('a stream of requests, right and nearly right', () => {
  it.each([1, 2, 3, 4])('is split as node:http splits it (%#)', async (part) => {
    let together = 0;
    for (let i = 0; i < 250; i++) {
      const pieces = stream(part * 1000 + i);
      const plain = await understood(servers.plain, pieces);
      const node = await understood(servers.node, pieces);
      expect(plain, JSON.stringify(Buffer.concat(pieces).toString('latin1'))).toEqual(node);
      together += node.length;
    }
    expect(together).toBeGreaterThan(150);
    expect(answeredPlainly).toBeGreaterThan(part * 100);
  });
});
