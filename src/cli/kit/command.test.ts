import { describe, expect, it } from 'vitest';
import { type Scripted, withScriptedServer } from '../../../test/support/scripted-server.ts';
import { asking, failure, remoteCommand, repeated, wholeNumber } from './command.ts';
import { type Terminal, wantsColours } from './terminal.ts';

/** Runs `cellar taste [wine] …`, a command of nothing but what the kit gives. */
async function taste(words: readonly string[], env: Terminal['env'] = {}, user = 'ana') {
  let out = '';
  const terminal: Terminal = {
    write: (text) => {
      out += text;
    },
    complain: () => undefined,
    columns: undefined,
    colours: false,
    env,
    user,
    now: () => 0,
    ask: undefined,
    exitCode: 0,
  };
  await remoteCommand(terminal, 'taste', { summary: 'Tastes.', examples: ['taste'] })
    .argument('[wine]')
    .option('--glasses <N>', 'how many', wholeNumber(1))
    .option('--with <CHEESE>', 'may be repeated', repeated)
    .action(
      asking(terminal, async (client, wine: string | undefined, options: { glasses?: number; with?: string[] }) => {
        const run = await client.getRun('r1');
        return {
          value: { wine, glasses: options.glasses, with: options.with, id: run.runId },
          text: () => `${wine} is fine\n`,
          exitCode: 3,
        };
      }),
    )
    .parseAsync(words, { from: 'user' });
  return { out, exitCode: terminal.exitCode };
}

const reply: Scripted = { body: { run: { info: { run_id: 'r1', experiment_id: '1', status: 'RUNNING' } } } };

describe('a command that asks a server', () => {
  it('prints text for people and JSON for programs, and ends with its own code', () =>
    withScriptedServer(
      () => reply,
      async ({ url }) => {
        expect(await taste(['merlot', '--server', url])).toEqual({ out: 'merlot is fine\n', exitCode: 3 });
        const { out } = await taste([
          'merlot',
          '--json',
          '--glasses',
          '2',
          '--with',
          'brie',
          '--with',
          'feta',
          '--server',
          url,
        ]);
        expect(JSON.parse(out)).toEqual({ wine: 'merlot', glasses: 2, with: ['brie', 'feta'], id: 'r1' });
      },
    ));

  it('finds the server by its flag, then CELLAR_SERVER, then MLFLOW_TRACKING_URI', () =>
    withScriptedServer(
      () => reply,
      async ({ url, asked }) => {
        const nowhere = 'http://127.0.0.1:1';
        await taste(['--server', `${url}/a`], { CELLAR_SERVER: nowhere, MLFLOW_TRACKING_URI: nowhere });
        await taste([], { CELLAR_SERVER: `${url}/b`, MLFLOW_TRACKING_URI: nowhere });
        await taste([], { CELLAR_SERVER: '', MLFLOW_TRACKING_URI: `${url}/c` });
        expect(asked.map(({ path }) => path.slice(0, 3))).toEqual(['/a/', '/b/', '/c/']);
      },
    ));

  it('says who asks: --as, then CELLAR_ACTOR, then the user; nobody where there is none', () =>
    withScriptedServer(
      () => reply,
      async ({ url, asked }) => {
        const env = { CELLAR_SERVER: url };
        await taste(['--as', 'bo'], { ...env, CELLAR_ACTOR: 'ci' });
        await taste([], { ...env, CELLAR_ACTOR: 'ci' });
        await taste([], env);
        await taste([], env, '');
        expect(asked.map(({ headers }) => headers['x-cellar-actor'])).toEqual(['bo', 'ci', 'ana', undefined]);
      },
    ));

  it.each(['0', '-1', '1.5', 'two', ''])('refuses --glasses=%s', async (glasses) => {
    await expect(taste([`--glasses=${glasses}`])).rejects.toThrow('Expected a whole number of at least 1.');
  });

  it('says how to find a server when none answers', async () => {
    const error = await taste(['--server', 'http://127.0.0.1:1']).catch((caught: unknown) => caught);
    expect(failure(error)).toMatch(/http:\/\/127\.0\.0\.1:1\S* got no answer: .+\nStart a server with 'cellar server'/);
  });
});

describe('colours', () => {
  it.each([
    [true, {}, true],
    [false, {}, false],
    [true, { NO_COLOR: '1' }, false],
    [true, { NO_COLOR: '' }, true],
    [true, { TERM: 'dumb' }, false],
    [false, { FORCE_COLOR: '1' }, true],
    [true, { FORCE_COLOR: '0' }, false],
    [true, { FORCE_COLOR: '1', NO_COLOR: '1' }, false],
  ])('on a terminal: %s, with %j: %s', (isTerminal, env, wanted) => {
    expect(wantsColours(isTerminal, env)).toBe(wanted);
  });
});
