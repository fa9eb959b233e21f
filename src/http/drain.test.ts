import { once } from 'node:events';
import { Agent, get as httpGet } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { pino } from 'pino';
import { describe, expect, it } from 'vitest';
import { createApp } from './app.ts';
import { type DrainLimits, prepareDrain } from './drain.ts';
import { message } from './message.ts';
import { get, post } from './route.ts';

interface Answer {
  readonly status: number | undefined;
  readonly connection: string | undefined;
}

/**
 * A listening application: `/slow` answers when `finish` is called, `/now` at once, `/body` after its body. Below `/api/2.0`
 * they may be asked by plain requests, at the root not.
 */
async function listening(limits?: DrainLimits) {
  let finish: () => void = () => undefined;
  const finished = new Promise<void>((resolve) => {
    finish = resolve;
  });
  let arrived: () => void = () => undefined;
  const slowArrived = new Promise<void>((resolve) => {
    arrived = resolve;
  });
  const slow = async () => {
    arrived();
    await finished;
    return {};
  };
  const routes = (prefix: 'both' | 'root') => [
    get('/slow', message({}), slow, { prefix }),
    get('/now', message({}), () => ({}), { prefix }),
    post('/body', message({}), () => ({}), { prefix }),
  ];
  const app = createApp({
    logger: pino({ level: 'silent' }),
    allowedHosts: [],
    allowedOrigins: [],
    routes: [...routes('both'), ...routes('root')],
  });
  const drain = prepareDrain(app, limits);
  await app.listen({ host: '127.0.0.1', port: 0 });
  const { port } = app.server.address() as AddressInfo;
  return { app, drain, finish, slowArrived, port };
}

function ask(port: number, path: string, agent: Agent): Promise<Answer> {
  return new Promise((resolve, reject) => {
    httpGet({ host: '127.0.0.1', port, path, agent }, (incoming) => {
      incoming.resume();
      incoming.on('end', () => resolve({ status: incoming.statusCode, connection: incoming.headers.connection }));
    }).on('error', reject);
  });
}

describe.each([
  ['plain requests', '/api/2.0'],
  ['other requests', ''],
])('a drain of %s', (_, before) => {
  it('answers what is under way, and does not wait for its kept-alive connection', async () => {
    const { drain, finish, slowArrived, port } = await listening();
    const agent = new Agent({ keepAlive: true });
    const answer = ask(port, `${before}/slow`, agent);
    await slowArrived;
    const drained = drain();
    finish();
    expect((await answer).status).toBe(200);
    await drained;
    await expect(ask(port, `${before}/now`, new Agent())).rejects.toThrow(/ECONNREFUSED/);
    agent.destroy();
  });

  it('answers what still comes on a connection that was kept alive, and ends that connection with the answer', async () => {
    const { drain, port } = await listening();
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    expect((await ask(port, `${before}/now`, agent)).connection).toBe('keep-alive');
    const drained = drain();
    expect(await ask(port, `${before}/now`, agent)).toEqual({ status: 200, connection: 'close' });
    await drained;
    agent.destroy();
  });

  it('answers a request that comes after the listener has closed, on a connection with one under way', async () => {
    const { app, drain, finish, slowArrived, port } = await listening({ graceMs: 0 });
    const socket = connect(port, '127.0.0.1');
    let received = '';
    socket.on('data', (chunk) => {
      received += chunk.toString();
    });
    socket.write(`GET ${before}/slow HTTP/1.1\r\nhost: 127.0.0.1\r\n\r\n`);
    await slowArrived;
    const drained = drain();
    while (app.server.listening) await new Promise((resolve) => setImmediate(resolve));
    socket.write(`GET ${before}/now HTTP/1.1\r\nhost: 127.0.0.1\r\n\r\n`);
    finish();
    await drained;
    expect(received).toMatch(/^HTTP\/1\.1 200 /);
    expect(received).not.toContain('503');
  });

  it('does not wait for a client that does not end its connection', async () => {
    const { drain, finish, slowArrived, port } = await listening({ graceMs: 0, limitMs: 600_000 });
    const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
    const answered = once(socket, 'data');
    socket.on('error', () => undefined);
    socket.write(`GET ${before}/slow HTTP/1.1\r\nhost: 127.0.0.1\r\n\r\n`);
    await slowArrived;
    const drained = drain();
    finish();
    await drained;
    const [received] = await answered;
    expect(received.toString()).toMatch(/^HTTP\/1\.1 200 /);
    socket.destroy();
  });

  it('ends when clients never finish a body or never ask', async () => {
    const { drain, port } = await listening({ graceMs: 0, limitMs: 1 });
    const stalled = connect(port, '127.0.0.1');
    const silent = connect(port, '127.0.0.1');
    const closed = [stalled, silent].map((socket) => new Promise((resolve) => socket.once('close', resolve)));
    for (const socket of [stalled, silent]) socket.on('error', () => undefined);
    await new Promise<void>((resolve) => {
      stalled.write(
        `POST ${before}/body HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: application/json\r\ncontent-length: 9\r\n\r\n{`,
        () => resolve(),
      );
    });
    await drain();
    await Promise.all(closed);
  });
});
