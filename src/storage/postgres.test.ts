import { type AddressInfo, createServer, type Socket } from 'node:net';
import { describe, expect, it } from 'vitest';
import { makePlace } from '../../test/support/stores.ts';
import { openPostgres } from './postgres.ts';
import { get } from './storage.ts';

describe('PostgreSQL that goes away', () => {
  it('fails the transaction whose connection is broken, as temporary, and nothing else', async () => {
    const place = await makePlace('postgres');
    const storage = openPostgres(place.store!);
    const ended = storage.write(() => get('select pg_terminate_backend(pg_backend_pid())'));
    await expect(ended).rejects.toMatchObject({ code: 'TEMPORARILY_UNAVAILABLE', retryAfterSeconds: 2 });
    expect(await storage.read(() => get('select 1 as one'))).toEqual({ one: 1 });
    await storage.close();
    await place.remove();
  });

  it('is temporarily unavailable when nothing listens there, and when what listens stays silent', async () => {
    const sockets = new Set<Socket>();
    const silent = createServer((socket) => sockets.add(socket));
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
    const { port } = silent.address() as AddressInfo;
    const patience = { connectMs: 20, beginMs: 20, statementMs: 20 };
    const storage = openPostgres(`postgres://nobody@127.0.0.1:${port}/nothing`, patience);
    const unavailable = { code: 'TEMPORARILY_UNAVAILABLE', status: 503 };
    await expect(storage.write(() => get('select 1'))).rejects.toMatchObject(unavailable);
    await expect(storage.ping()).rejects.toMatchObject(unavailable);
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => silent.close(resolve));
    await expect(storage.read(() => get('select 1'))).rejects.toMatchObject(unavailable);
    await storage.close();
  });

  it('gives up a statement that does not end', async () => {
    const place = await makePlace('postgres');
    const storage = openPostgres(place.store!, { connectMs: 10_000, beginMs: 1000, statementMs: 20 });
    await expect(storage.read(() => get('select pg_sleep(30)'))).rejects.toMatchObject({
      code: 'TEMPORARILY_UNAVAILABLE',
    });
    await storage.close();
    await place.remove();
  });
});
