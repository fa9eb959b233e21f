import { createServer } from 'node:net';
import { pino } from 'pino';
import { expect, it } from 'vitest';
import { makePlace } from '../test/support/stores.ts';
import { readConfig } from './config.ts';
import { startServer } from './main.ts';

const logger = pino({ level: 'silent' });

it('says which port is taken, and lets go of the data folder', async () => {
  const place = await makePlace('sqlite');
  const other = createServer();
  await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
  const { port } = other.address() as { port: number };
  const config = readConfig({ port: String(port), dataDir: place.dataDir }, {}, undefined);
  await expect(startServer(config, logger)).rejects.toThrow(`Port ${port} of 127.0.0.1 is taken`);
  other.close();
  const server = await startServer(readConfig({ port: '0', dataDir: place.dataDir }, {}, undefined), logger);
  await server.close();
  await place.remove();
});

it('keeps everything over a restart', async () => {
  const place = await makePlace('sqlite');
  const config = readConfig({ port: '0', dataDir: place.dataDir }, {}, undefined);
  const headers = { 'content-type': 'application/json' };
  const first = await startServer(config, logger);
  const created = await fetch(`${first.url}/api/2.0/mlflow/experiments/create`, {
    method: 'POST',
    headers,
    body: '{"name":"kept"}',
  });
  const { experiment_id: id } = (await created.json()) as { experiment_id: string };
  await first.close();
  const second = await startServer(config, logger);
  const found = await fetch(`${second.url}/api/2.0/mlflow/experiments/get?experiment_id=${id}`);
  expect(await found.json()).toMatchObject({ experiment: { name: 'kept' } });
  await second.close();
  await place.remove();
});
