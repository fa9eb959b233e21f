import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pino } from 'pino';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { serverAt } from '../../../test/support/app.ts';
import { aService } from '../../../test/support/environments.ts';
import { isAlive } from '../../../test/support/jobs.ts';
import { makePlace, type Place } from '../../../test/support/stores.ts';
import { readConfig } from '../../config.ts';
import { startServer } from '../../main.ts';

let place: Place;
let folder: string;
beforeAll(async () => {
  place = await makePlace('sqlite');
  folder = mkdtempSync(path.join(tmpdir(), 'cellar-test-'));
});
afterAll(async () => {
  await place.remove();
  rmSync(folder, { recursive: true });
});

it('a server that closes waits for no evaluation, tells whoever does, and leaves no worker behind', async () => {
  const python = path.join(folder, 'python');
  writeFileSync(python, '#!/bin/sh\nexec sleep 600\n', { mode: 0o755 });
  const config = readConfig({ port: '0', dataDir: place.dataDir, python }, {}, undefined);
  const running = await startServer(config, pino({ level: 'silent' }));
  const server = serverAt(
    () => running.url,
    () => place,
  );
  const wine = await aService(server);
  await wine.log({});
  await wine.apply();
  const waiting = wine.refusedAct('prod', 'select', {});
  const pid = await vi.waitFor(
    async () => {
      const { jobs } = await wine.call('GET', 'jobs', { status: 'running' });
      return jobs[0].pid as number;
    },
    { timeout: 15_000, interval: 20 },
  );
  await running.close();
  expect(await waiting).toMatchObject({ status: 503, body: { error_code: 'TEMPORARILY_UNAVAILABLE' } });
  expect(await isAlive(pid)).toBe(false);
});
