import { describe, expect, it } from 'vitest';
import { withServer } from '../../test/support/app.ts';
import {
  aService,
  onDatabase,
  type Settings,
  type TestService,
  withoutPython,
} from '../../test/support/environments.ts';
import { type Circumstances, type Ended, cellar as run } from '../../test/support/terminal.ts';

const server = withServer('sqlite', withoutPython);
let wine: TestService;
/** The model that the tests promote. */
let name: string;

const fresh = async (settings: Settings = {}) => {
  wine = await aService(server);
  name = wine.model('AImodel');
  await wine.apply(settings);
};
const cellarAs = (given: Circumstances, ...words: string[]): Promise<Ended> =>
  run([...words, '--server', server.url], { now: Date.now(), ...given });
const cellar = (...words: string[]) => cellarAs({}, ...words);
const json = async (...words: string[]) => JSON.parse((await cellar(...words, '--json')).out);
const onProd = ['--env', 'prod'] as const;

describe('cellar select and candidates', () => {
  it('print a decision as a table: rank, candidate, code version, score, margin, verdict, guards', async () => {
    await fresh({ service: '    guards: { minImprovement: 0.01 }' });
    await wine.log({ accuracy: 0.8 });
    await wine.select('prod');
    await wine.log({ accuracy: 0.805 });
    await wine.log({ accuracy: 0.9, code: '2.0' });
    const { modelId } = await wine.log({ accuracy: 0.85, register: false });
    const dry = await cellar('select', wine.service, ...onProd, '--dry-run');
    expect(dry.out).toMatch(/^\S+ on PROD would keep \S+ version 1, code 1\.0 \(no_better_candidate\)\.\n/);
    expect(dry.out).toMatch(/^first +2 candidates without a score would be evaluated first$/m);

    const { out, exitCode } = await cellar('select', wine.service, '--env', 'PROD');
    expect(exitCode).toBe(0);
    expect(out).toContain(
      `${wine.service} on PROD serves ${name} version 4, code 1.0 instead of ${name} version 1, code 1.0.\n`,
    );
    expect(out).toMatch(/^made +just now \(.* UTC\) by ana$/m);
    expect(out).toMatch(new RegExp(`^measured +accuracy, more is better; on ${wine.holdout}@1$`, 'm'));
    expect(out).toContain('\nRANK  CANDIDATE');
    for (const row of [
      `^1 +${name} ${modelId} +1\\.0 +0\\.85 +\\+0\\.05 +chosen +✓ minImprovement: \\+0\\.05, at least 0\\.01 wanted$`,
      `^2 +${name} version 2 +1\\.0 +0\\.805 +\\+0\\.005 +fails minImprovement +✗ minImprovement: \\+0\\.005, `,
      `^3 +${name} version 1 +1\\.0 +0\\.8 +champion$`,
      `^ +${name} version 3 +2\\.0 +refused: outside_allowance +${name} 2\\.0 is outside <=1\\.0\\.$`,
    ])
      expect(out).toMatch(new RegExp(row, 'm'));

    const [{ id }] = await wine.decisions('prod');
    expect((await cellar('decisions', 'show', id)).out).toBe(out);
    expect((await json('decisions', 'show', id)).decision).toMatchObject({ id, outcome: 'replaced' });
  });

  it('say before an allowance is changed whom it would admit', async () => {
    const { out } = await cellar('candidates', wine.service, ...onProd, '--allow', `${name}=<=2.0`);
    expect(out).toContain(`With ${name} <=2.0, ${wine.service} on PROD admits 4 candidates and refuses 0`);
    expect(out).toMatch(new RegExp(`^admitted +${name} version 3 +2\\.0`, 'm'));
    expect((await cellar('candidates', wine.service, ...onProd)).out).toContain('refused: outside_allowance');
    const wrong = await cellar('candidates', wine.service, ...onProd, '--allow', name);
    expect(wrong).toMatchObject({ exitCode: 2, err: expect.stringContaining("such as 'AImodel=<=2.0'") });
  });

  it('fit the terminal, and use colours only there', async () => {
    const lines = (await cellarAs({ columns: 80 }, 'candidates', wine.service, ...onProd)).out.split('\n');
    for (const line of lines.slice(lines.findIndex((each) => each.startsWith('RANK'))))
      expect(line.length).toBeLessThanOrEqual(80);
    expect((await cellarAs({ colours: true }, 'candidates', wine.service, ...onProd)).out).toContain('\u001b[31m');
  });

  it('say what is not there', async () => {
    expect(await cellar('select', 'nothing', ...onProd)).toMatchObject({ exitCode: 1, out: '' });
    expect((await cellar('select', wine.service)).exitCode).toBe(2);
  });
});

describe('what is on record', () => {
  it('decisions are listed, newest first, and why tells the standing of a version, a run and a logged model', async () => {
    await fresh();
    const one = await wine.log({ accuracy: 0.8 });
    await wine.select('prod');
    const two = await wine.log({ accuracy: 0.7 });
    await wine.select('prod');
    const { out } = await cellar('decisions', 'list', wine.service, ...onProd);
    expect(out.split('\n').map((line) => line.split(/ {2,}/)[4])).toEqual([
      'OUTCOME',
      'kept',
      'first',
      'none',
      undefined,
    ]);
    const first = await cellar('decisions', 'list', wine.service, '--outcome', 'first', '--about', `${name}/1`);
    expect(first.out.trim().split('\n')).toHaveLength(2);
    expect((await cellar('decisions', 'list', wine.service, '--limit', '1')).out).toContain('There are more');

    const champion = await cellar('why', `${name}/${one.version}`);
    expect(champion.out).toContain(`${name} version 1 is the champion of ${wine.service} on PROD.\n`);
    const other = await cellar('why', two.runId);
    expect(other.out).toContain(`run ${two.runId} serves nowhere.\n`);
    expect(other.out).toMatch(/2 +0\.7 +-0\.1 +not better/);
    expect(await json('why', two.modelId)).toMatchObject({ championOf: [], considered: [{ candidate: { rank: 2 } }] });
    expect((await cellar('why', 'AImodel')).exitCode).toBe(2);
  });

  it('status tells what serves now, and what served at a time', async () => {
    const { out } = await cellar('status', wine.service);
    expect(out).toMatch(
      new RegExp(`PROD +${name} version 1 +1\\.0 +0\\.8 accuracy +just now +${name} <=1\\.0 +free\n`),
    );
    const past = await cellar('status', wine.service, '--at', '1h');
    expect(past.out).toMatch(/^At .* UTC:\n\n[^\n]*\n\S+ +INT +none\n\S+ +PROD +none\n$/);
    const now = await json('status', wine.service, '--at', new Date().toISOString());
    expect(now.slots).toMatchObject([{ champion: null }, { champion: { version: 1 } }]);
    expect((await cellar('status', '--at', 'yesterday')).exitCode).toBe(2);
  });

  it('a decision replays to the same bytes, and a chain that somebody changed is found', async () => {
    const [{ id, digest }] = await wine.decisions('prod');
    expect(await cellar('decisions', 'replay', id)).toMatchObject({
      exitCode: 0,
      out: expect.stringMatching(/^identical: /),
    });
    const verify = (...words: string[]) => cellar('decisions', 'verify', wine.service, ...onProd, ...words);
    expect(await verify('--head', digest)).toMatchObject({ exitCode: 0, out: expect.stringContaining('intact') });
    const cut = await verify('--head', 'f'.repeat(64));
    expect(cut).toMatchObject({ exitCode: 1, out: expect.stringContaining('no record has the digest') });

    const forge = "update decisions set record = replace(record, '0.8', '0.7') where decision_id = ?";
    expect(await onDatabase(server, forge, [id])).toBe(1);
    const forged = await verify();
    expect(forged).toMatchObject({ exitCode: 1, out: expect.stringContaining('its text does not have its digest') });
    expect(forged.out).toContain('1 fault');
    const replayed = await cellar('decisions', 'replay', id);
    expect(replayed).toMatchObject({ exitCode: 1, out: expect.stringMatching(/^different: /) });
  });
});

describe('cellar promote', () => {
  const promote = (given: Circumstances, ...more: string[]) => {
    const words = ['promote', wine.service, '--from', 'int', '--to', 'prod', '--allow', `${name}=<=2.0`];
    return cellarAs(given, ...words, '--reason', 'a week on INT', ...more);
  };
  /** AImodel 1.0 on PROD, a better 2.0 on INT. */
  const twoCodes = async (settings: Settings = {}) => {
    await fresh(settings);
    await wine.log({ accuracy: 0.8 });
    await wine.select('int');
    await wine.select('prod');
    const { openApproval } = await wine.slot('prod');
    if (openApproval !== null) await wine.call('POST', `approvals/${openApproval.id}/approve`, { reason: 'seen' });
    await wine.log({ accuracy: 0.9, code: '2.0' });
    await wine.select('int');
    await wine.select('int');
  };

  it('shows what INT has proved and what will change, and asks; a no changes nothing', async () => {
    await twoCodes({ service: '    perEnvironment: { prod: { approval: newCode } }' });
    const { out, err, exitCode } = await promote({ answer: 'n' });
    expect(exitCode).toBe(1);
    expect(err).toBe(`Promote ${name} 2.0.0 to PROD? [y/N] `);
    expect(out).toContain(`What INT has proved of ${name} 2.0.0:\n`);
    expect(out).toMatch(/^since +.* UTC, live for /m);
    expect(out).toMatch(/^survived +1 decision$/m);
    expect(out).toMatch(/^evaluations +2 made, 0 failed$/m);
    expect(out).toMatch(/^errors +none$/m);
    expect(out).toMatch(/^services\.\S+\.allow\.prod\.\S+ +<=1\.0 +<=2\.0$/m);
    expect(out).toContain(`${wine.service} on PROD would serve ${name} version 2, code 2.0 instead of`);
    expect(out).toMatch(/Nothing changed\.\n$/);
    expect(await wine.champion('prod')).toBe('AImodel 1');
  });

  it('without anybody to ask, or for a program, wants --yes', async () => {
    expect(await promote({})).toMatchObject({ exitCode: 2, out: '', err: expect.stringContaining('pass --yes') });
    expect(await promote({ answer: 'y' }, '--json')).toMatchObject({ exitCode: 2, out: '' });
    const dry = JSON.parse((await promote({}, '--dry-run', '--json')).out);
    expect(dry).toMatchObject({ decision: null, evidence: { environment: 'int' }, preview: { outcome: 'replaced' } });
    expect(await wine.champion('prod')).toBe('AImodel 1');
  });

  it('of a yes promotes, and the record says why', async () => {
    const { out, exitCode } = await promote({ answer: 'y' });
    expect(exitCode).toBe(0);
    expect(out).toContain(`${wine.service} on PROD serves ${name} version 2, code 2.0 instead of ${name} version 1`);
    expect(out).toMatch(/^kind +promotion, set off by promotion \(from int: a week on INT\)$/m);
    expect(await wine.champion('prod')).toBe('AImodel 2');
  });

  it('that is refused ends with 3, names what stood in its way, and has changed nothing', async () => {
    await twoCodes();
    const better = await wine.log({ accuracy: 0.95 });
    const { out, err, exitCode } = await promote({}, '--yes');
    expect({ out, exitCode }).toEqual({ out: '', exitCode: 3 });
    expect(err).toContain(`${name} 1.0 (version ${better.version}) is better`);
    expect((await wine.slot('prod')).allow[name]).toBe('<=1.0');

    const dry = await promote({}, '--dry-run', '--pin', '2');
    expect(dry.out).toContain(`${wine.service} on PROD would serve ${name} version 2, pinned`);
    const pinned = await promote({}, '--yes', '--pin', '2');
    expect(pinned).toMatchObject({ exitCode: 0, out: expect.stringMatching(/^What INT has proved/) });
    expect(await wine.champion('prod')).toBe('AImodel 2');
  });
});

describe('by hand', () => {
  it('rollback goes back at once; release lets selection decide again', async () => {
    await fresh();
    await wine.log({ accuracy: 0.8 });
    await wine.select('prod');
    await wine.log({ accuracy: 0.9 });
    await wine.select('prod');
    const { out } = await cellar('rollback', wine.service, ...onProd, '--reason', 'wrong labels');
    expect(out).toContain(`${name} version 1, code 1.0 instead of ${name} version 2, code 1.0.\n`);
    expect(out).toMatch(/^why +.*: wrong labels$/m);
    expect(out).toContain(`It is pinned, and ${name} version 2 on hold, until: cellar release`);
    const { out: status } = await cellar('status', wine.service);
    expect(status).toContain('pinned by d-');
    expect(status).toContain(`${name} version 2 on hold`);

    const release = (...more: string[]) =>
      cellar('release', wine.service, ...onProd, '--reason', 'labels are right', ...more);
    await release('--only', `${name}/2`);
    expect((await wine.slot('prod')).holds).toEqual([]);
    expect(await release()).toMatchObject({ exitCode: 0, out: expect.stringMatching(/A selection follows\.\n$/) });
    await wine.settled();
    expect(await wine.champion('prod')).toBe('AImodel 2');
    expect((await cellar('rollback', wine.service, ...onProd)).exitCode).toBe(2);
  });

  it('pause holds a better model off until resume', async () => {
    await wine.log({ accuracy: 0.95 });
    const paused = await cellar('pause', wine.service, ...onProd, '--for', '7d', '--reason', 'audit');
    expect(paused.out).toMatch(/ on PROD is paused until 20.* UTC\.\n$/);
    expect((await cellar('select', wine.service, ...onProd)).out).toMatch(/held back: paused/);
    expect((await cellar('status', wine.service)).out).toMatch(/paused until .* by ana: audit/);
    expect((await cellar('resume', wine.service, ...onProd)).out).toContain('goes on: a selection follows.');
    await wine.settled();
    expect(await wine.champion('prod')).toBe('AImodel 3');
    expect(await cellar('resume', wine.service, ...onProd)).toMatchObject({
      exitCode: 1,
      err: expect.stringContaining('is not paused'),
    });
    const both = ['--for', '1h', '--until', '2100-01-01'];
    expect((await cellar('pause', wine.service, ...onProd, '--reason', 'audit', ...both)).exitCode).toBe(2);
  });

  it('approve and reject answer what waits', async () => {
    await fresh({ service: '    approval: always' });
    await wine.log({ accuracy: 0.8 });
    await wine.select('prod');
    const open = async (): Promise<string> => (await wine.slot('prod')).openApproval.id;
    expect((await cellar('status', wine.service)).out).toContain(`${await open()} waits: cellar approve, or reject`);
    const approved = await cellar('approve', await open(), '--reason', 'seen');
    expect(approved.out).toContain(`on PROD serves ${name} version 1, code 1.0, its first champion.`);
    expect(approved.out).toMatch(/^kind +approval, .*: seen\)$/m);

    await wine.log({ accuracy: 0.9 });
    const waiting = await cellar('select', wine.service, ...onProd);
    expect(waiting.out).toMatch(/waits for an approval; \S+ version 1, code 1\.0 goes on\.\n/);
    const id = await open();
    expect((await cellar('reject', id, '--reason', 'no')).out).toBe(`${id} is rejected. The champion stays.\n`);
    expect(await cellar('reject', id, '--reason', 'no')).toMatchObject({ exitCode: 1, out: '' });
    expect(await wine.champion('prod')).toBe('AImodel 1');
  });
});
