import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { chown } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Json, serverAt, type TestServer, withServer } from '../../test/support/app.ts';
import { aService, type TestService, withoutPython } from '../../test/support/environments.ts';
import { makePlace, onEveryEngine, type Place } from '../../test/support/stores.ts';
import type { Step } from './selection.ts';

const nobody = 65534;
const program = fileURLToPath(new URL('../../test/support/selecting-server.ts', import.meta.url));

onEveryEngine((engine) => {
  const server = withServer(engine, withoutPython);

  test('two triggers at once give one replacement and one that keeps it', async () => {
    const wine = await aService(server);
    await wine.apply();
    await wine.log({ accuracy: 0.8 });
    await wine.select('prod');
    await wine.log({ accuracy: 0.9 });
    const made = await Promise.all(Array.from({ length: 4 }, () => wine.select('prod')));
    const outcomes = made.map(({ decision }: Json) => decision.outcome);
    expect(outcomes.filter((outcome) => outcome === 'replaced')).toHaveLength(1);
    expect(outcomes.filter((outcome) => outcome === 'kept')).toHaveLength(3);
    expect(await wine.champion('prod')).toBe('AImodel 2');
    expect(await wine.call('GET', 'decisions/verify', { service: wine.service })).toMatchObject({ intact: true });
  });

  test('acts by hand and selections at once leave one champion, which the last record names', async () => {
    const wine = await aService(server);
    await wine.apply();
    const one = await wine.log({ accuracy: 0.8 });
    await wine.select('prod');
    await wine.log({ accuracy: 0.9 });
    const move = { name: wine.model('AImodel'), version: String(one.version), stage: 'Production' };
    await Promise.all([
      wine.select('prod'),
      server.post('model-versions/transition-stage', move),
      wine.select('int'),
      server.post('registered-models/alias', { name: move.name, alias: 'prod', version: '2' }),
      wine.select('prod'),
    ]);
    const { champion } = await wine.slot('prod');
    const [last] = (await wine.decisions('prod')).filter(({ after }) => after !== null);
    expect(last.after).toMatchObject({ versionNo: champion.versionNo });
    expect((await wine.seen(champion.version)).aliases).toContain('prod');
    expect(await wine.call('GET', 'decisions/verify', { service: wine.service })).toMatchObject({ intact: true });
  });

  test('a select that is asked for while another is made sees what came meanwhile', async () => {
    const wine = await aService(server);
    await wine.apply();
    await wine.log({ accuracy: 0.8 });
    const first = wine.select('prod');
    await wine.log({ accuracy: 0.9 });
    await Promise.all([first, wine.select('prod')]);
    expect(await wine.champion('prod')).toBe('AImodel 2');
  });
});

onEveryEngine((engine) => {
  let place: Place;
  let child: ChildProcess | undefined;
  let url = '';
  const start = async (): Promise<void> => {
    const started = fork(program, [place.dataDir, place.store ?? ''], {
      execArgv: ['--import', 'tsx'],
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
      env: { ...process.env, TMPDIR: place.dataDir, HOME: place.dataDir },
      ...(process.getuid?.() === 0 && { uid: nobody, gid: nobody }),
    });
    child = started;
    [{ url }] = (await once(started, 'message')) as [{ url: string }];
  };
  const killAt = async (step: Step): Promise<void> => {
    const armed = once(child!, 'message');
    child!.send(step);
    await armed;
  };
  beforeAll(async () => {
    place = await makePlace(engine);
    if (process.getuid?.() === 0) await chown(place.dataDir, nobody, nobody);
    await start();
  });
  afterAll(async () => {
    child?.kill('SIGKILL');
    await place?.remove();
  });

  test('a server that is killed at any step of a selection leaves the old champion or the new one, whole, and goes on', async () => {
    const server: TestServer = serverAt(
      () => url,
      () => place,
    );
    const wine: TestService = await aService(server);
    await wine.apply();
    await wine.log({ accuracy: 0.1 });
    await wine.select('prod');
    const steps: Step[] = ['gathered', 'evaluated', 'leased', 'decided', 'verified', 'committed'];
    for (const [i, step] of steps.entries()) {
      const { version } = await wine.log({ accuracy: 0.2 + i / 10 });
      const before = await wine.champion('prod');
      await killAt(step);
      const ended = once(child!, 'exit');
      // Asked for on record, so that whoever starts next has to make it; the answer may not come any more.
      await wine.call('POST', `${wine.place('prod')}/pause`, { reason: 'a test' });
      await wine.call('POST', `${wine.place('prod')}/resume`, {}).catch(() => undefined);
      expect(await ended).toEqual([null, 'SIGKILL']);
      await start();
      await wine.settled();
      expect([step, await wine.champion('prod')]).toEqual([step, `AImodel ${version}`]);
      const kept = before.split(' ')[1];
      expect(await wine.seen(Number(kept))).toEqual({ stage: 'Archived', aliases: [] });
      expect(await wine.seen(version)).toMatchObject({ stage: 'Production' });
      const [last, previous] = await wine.decisions('prod');
      expect(last.after).toMatchObject({ version });
      if (previous.after !== null) expect(previous.after.version).not.toBe(version);
      expect(await wine.call('GET', 'decisions/verify', {})).toMatchObject({ intact: true });
    }
  }, 120_000);
});
