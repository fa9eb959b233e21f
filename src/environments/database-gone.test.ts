import { pino } from 'pino';
import { afterAll, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { serverAt } from '../../test/support/app.ts';
import { aService, type TestService, withoutPython } from '../../test/support/environments.ts';
import { type RunningPostgres, startPostgres } from '../../test/support/postgres.ts';
import { makePlace, onEveryEngine, type Place } from '../../test/support/stores.ts';
import { readConfig } from '../config.ts';
import { type RunningServer, startServer } from '../main.ts';
import { openStorage } from '../storage/open.ts';
import type { Storage } from '../storage/storage.ts';
import { type EnvironmentsOptions, environmentsService } from './service.ts';

const unhandled: unknown[] = [];
const onUnhandled = (why: unknown) => void unhandled.push(why);
beforeAll(() => void process.on('unhandledRejection', onUnhandled));
afterAll(() => void process.off('unhandledRejection', onUnhandled));
beforeEach(() => void unhandled.splice(0));

onEveryEngine((engine) => {
  if (engine === 'postgres') {
    let database: RunningPostgres;
    let place: Place;
    let running: RunningServer;
    let wine: TestService;
    beforeAll(async () => {
      database = await startPostgres();
      place = await makePlace('sqlite');
      const flags = { port: '0', dataDir: place.dataDir, store: database.url, ...withoutPython };
      running = await startServer(readConfig(flags, {}, undefined), pino({ level: 'silent' }));
      const server = serverAt(
        () => running.url,
        () => ({ ...place, store: database.url }),
      );
      wine = await aService(server);
      await wine.apply();
    });
    afterAll(async () => {
      await running?.close();
      await database?.stop();
      await place?.remove();
    });

    test('a selection fails while the database is gone, and the server goes on when it is back', async () => {
      await wine.log({ accuracy: 0.8 });
      await wine.select('prod');
      const better = await wine.log({ accuracy: 0.9 });
      await database.halt('fast');
      const { status } = await wine.refusedAct('prod', 'select', {});
      expect(status).toBe(503);
      await database.resume();
      await wine.select('prod');
      expect(await wine.champion('prod')).toBe(`AImodel ${better.version}`);
      expect(unhandled).toEqual([]);
    });
  }

  let place: Place;
  let storage: Storage;
  beforeAll(async () => {
    place = await makePlace(engine);
    storage = await openStorage({ url: place.store, dataDir: place.dataDir, durability: 'normal' }, Date.now);
  });
  afterAll(async () => {
    await storage?.close();
    await place?.remove();
  });

  /** Environments whose database fails so many reads and writes; `settle` says that evaluations are there. */
  function failing({ reads = 0, writes = 0 }) {
    const gone = () => Promise.reject(new Error('The database is gone.'));
    const read = vi.fn<Storage['read']>((...args) => (reads-- > 0 ? gone() : storage.read(...args)));
    const write = vi.fn<Storage['write']>((...args) => (writes-- > 0 ? gone() : storage.write(...args)));
    const log = { info: vi.fn(), error: vi.fn() };
    let settle: () => void = () => undefined;
    const onSettled = (listener: () => void) => {
      settle = listener;
      return () => undefined;
    };
    const flaky = { ...storage, exclusive: false, read, write };
    const options = { storage: flaky, clock: Date.now, log, evaluation: { evaluations: { onSettled } } };
    const environments = environmentsService(options as unknown as EnvironmentsOptions);
    return { environments, read, write, log, settle: () => settle() };
  }

  test('selections that were asked for are looked for again when the database did not answer', async () => {
    const { environments, read, log } = failing({ reads: 1 });
    await environments.start();
    await vi.waitFor(() => expect(read).toHaveBeenCalledTimes(2), { timeout: 10_000 });
    expect(log.error).toHaveBeenCalledTimes(1);
    expect(unhandled).toEqual([]);
    await environments.stop();
  });

  test('that evaluations are there is noted again when the database did not answer', async () => {
    const { environments, write, log, settle } = failing({ writes: 1 });
    await environments.start();
    settle();
    await vi.waitFor(() => expect(write).toHaveBeenCalledTimes(2), { timeout: 10_000 });
    expect(log.error).toHaveBeenCalledTimes(1);
    expect(unhandled).toEqual([]);
    await environments.stop();
  });
});
