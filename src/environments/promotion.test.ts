import { describe, expect, test } from 'vitest';
import { type Json, withServer } from '../../test/support/app.ts';
import { aService, type Settings, type TestService, withoutPython } from '../../test/support/environments.ts';
import { onEveryEngine } from '../../test/support/stores.ts';

onEveryEngine((engine) => {
  const server = withServer(engine, withoutPython);
  let wine: TestService;
  const fresh = async (settings: Settings = {}) => {
    wine = await aService(server);
    await wine.apply(settings);
  };
  /** AImodel 1.0 on PROD, a better 2.0 on INT. */
  const twoCodes = async (settings: Settings = {}) => {
    await fresh(settings);
    const one = await wine.log({ accuracy: 0.8 });
    await wine.select('int');
    await wine.select('prod');
    const two = await wine.log({ accuracy: 0.9, code: '2.0' });
    await wine.select('int');
    return { one, two };
  };
  const promotion = (range = '<=2.0') => ({
    from: 'int',
    allow: { [wine.model('AImodel')]: range },
    reason: 'a week on INT',
  });
  const rangeOn = async (environment: string) => (await wine.slot(environment)).allow[wine.model('AImodel')];

  describe('a promotion', () => {
    test('raises the allowance and selects in one go, and tells what INT has proved', async () => {
      const { one, two } = await twoCodes();
      await wine.select('int');
      const asked = { ...promotion(), dryRun: true };
      const seen = await wine.call('POST', `${wine.place('prod')}/promote`, asked);
      expect(seen.decision).toBeNull();
      expect(seen.evidence).toMatchObject({
        environment: 'int',
        registeredModel: wine.model('AImodel'),
        codeVersion: '2.0.0',
        version: two.version,
        decisionsSurvived: 1,
        evaluations: 2,
        evaluationsFailed: 0,
        quarantines: 0,
        score: 0.9,
      });
      expect(seen.preview).toMatchObject({ outcome: 'replaced' });
      expect(seen.changes).toMatchObject([{ before: '<=1.0', after: '<=2.0' }]);
      expect(await rangeOn('prod')).toBe('<=1.0');

      const { decision } = await wine.call('POST', `${wine.place('prod')}/promote`, promotion());
      expect(decision.decision).toMatchObject({
        kind: 'promotion',
        outcome: 'replaced',
        before: { version: one.version },
        after: { version: two.version },
      });
      expect(await rangeOn('prod')).toBe('<=2.0');
      expect(await wine.seen(two.version)).toEqual({ stage: 'Production', aliases: ['int', 'prod'] });
    });

    test('whose code does not win changes nothing, and names the better model or the guard', async () => {
      await twoCodes();
      const better = await wine.log({ accuracy: 0.95 });
      const answer = await wine.refusedAct('prod', 'promote', promotion());
      expect(answer).toMatchObject({ status: 409, body: { error_code: 'RESOURCE_CONFLICT' } });
      expect(answer.body.message).toContain(`${wine.model('AImodel')} 1.0 (version ${better.version}) is better`);
      expect(await rangeOn('prod')).toBe('<=1.0');

      await twoCodes({ service: '    perEnvironment: { prod: { guards: { minImprovement: 0.2 } } }' });
      const refused = await wine.refusedAct('prod', 'promote', promotion());
      expect(refused.status).toBe(409);
      expect(refused.body.message).toContain('minImprovement');
      expect((await wine.decisions('prod')).filter(({ kind }) => kind === 'promotion')).toEqual([]);
    });

    test('with a pinned version makes it the champion whatever selection says', async () => {
      const { one, two } = await twoCodes();
      const better = await wine.log({ accuracy: 0.95 });
      const { decision } = await wine.call('POST', `${wine.place('prod')}/promote`, {
        ...promotion(),
        pin: two.version,
      });
      expect(decision.decision).toMatchObject({ kind: 'override', after: { version: two.version } });
      expect((await wine.slot('prod')).pin).not.toBeNull();
      expect((await wine.select('prod')).decision).toMatchObject({ outcome: 'kept', reason: 'pinned' });
      await wine.act('prod', 'release', { reason: 'enough' });
      await wine.settled();
      expect(await wine.champion('prod')).toBe(`AImodel ${better.version}`);
      expect(one.version).toBe(1);
    });

    test('of a range that does not admit the code, from nowhere, or onto itself is refused', async () => {
      await fresh();
      const nothing = await wine.refusedAct('prod', 'promote', promotion());
      expect(nothing).toMatchObject({ status: 409, body: { error_code: 'RESOURCE_CONFLICT' } });
      await twoCodes();
      const narrow = await wine.refusedAct('prod', 'promote', promotion('<=1.5'));
      expect(narrow).toMatchObject({ status: 400, body: { error_code: 'INVALID_PARAMETER_VALUE' } });
      expect(narrow.body.message).toContain('does not admit 2.0.0');
      const itself = await wine.refusedAct('int', 'promote', promotion());
      expect(itself.status).toBe(400);
      const broken = await wine.refusedAct('prod', 'promote', promotion('<=2.'));
      expect(broken.status).toBe(400);
    });

    test('is the sign-off that a tested environment asks for, once for all weights of the code', async () => {
      const tested = {
        service: '    perEnvironment: { prod: { requires: { testedOn: int } } }',
        prod: 'AImodel: "<=2.0"',
      };
      await fresh(tested);
      await wine.log({ accuracy: 0.8, code: '2.0' });
      await wine.select('int');
      const { candidates } = await wine.select('prod');
      expect(candidates[0]).toMatchObject({ reason: 'not_tested' });
      expect(candidates[0].detail).toContain('is not signed off');
      await wine.call('POST', `${wine.place('prod')}/promote`, promotion());
      expect(await wine.champion('prod')).toBe('AImodel 1');
      const retrained = await wine.log({ accuracy: 0.85, code: '2.0' });
      await wine.select('prod');
      expect(await wine.champion('prod')).toBe(`AImodel ${retrained.version}`);
    });
  });

  describe('an approval', () => {
    const careful = { service: '    perEnvironment: { prod: { approval: newCode } }', prod: 'AImodel: "<=2.0"' };
    const approve = (id: string) => wine.refused('POST', `approvals/${id}/approve`, { reason: 'looks good' });

    test('makes the challenger the champion, and its code need none again', async () => {
      await fresh(careful);
      await wine.log({ accuracy: 0.8 });
      await wine.select('prod');
      expect(await wine.champion('prod')).toBe('none');
      const { openApproval } = await wine.slot('prod');
      expect((await approve(openApproval.id)).body.decision.decision).toMatchObject({
        kind: 'approval',
        outcome: 'first',
      });
      expect(await wine.champion('prod')).toBe('AImodel 1');
      expect((await wine.slot('prod')).openApproval).toBeNull();
      await wine.log({ accuracy: 0.9 });
      await wine.select('prod');
      expect(await wine.champion('prod')).toBe('AImodel 2');
      expect((await approve(openApproval.id)).status).toBe(409);
      expect((await approve('a-none')).status).toBe(404);
    });

    test('is superseded by a better candidate, and cannot be given any more', async () => {
      await fresh(careful);
      await wine.log({ accuracy: 0.8 });
      await wine.select('prod');
      const first = (await wine.slot('prod')).openApproval.id;
      const better = await wine.log({ accuracy: 0.9 });
      await wine.select('prod');
      const second = (await wine.slot('prod')).openApproval;
      expect(second.version).not.toBeNull();
      expect(second.id).not.toBe(first);
      expect((await approve(first)).status).toBe(409);
      await approve(second.id);
      expect(await wine.champion('prod')).toBe(`AImodel ${better.version}`);
    });

    test('of what has changed since it was asked for is refused', async () => {
      await fresh(careful);
      await wine.log({ accuracy: 0.8 });
      await wine.select('prod');
      const { id } = (await wine.slot('prod')).openApproval;
      await wine.log({ accuracy: 0.9 });
      const answer = await approve(id);
      expect(answer).toMatchObject({ status: 409, body: { error_code: 'RESOURCE_CONFLICT' } });
      expect(answer.body.message).toContain('superseded');
      expect(await wine.champion('prod')).toBe('none');
    });

    test('that is rejected leaves the champion', async () => {
      await fresh(careful);
      await wine.log({ accuracy: 0.8 });
      await wine.select('prod');
      const { id } = (await wine.slot('prod')).openApproval;
      await wine.call('POST', `approvals/${id}/reject`, { reason: 'too early' });
      expect((await wine.slot('prod')).openApproval).toBeNull();
      expect(await wine.champion('prod')).toBe('none');
      expect((await wine.refused('POST', `approvals/${id}/reject`, { reason: 'again' })).status).toBe(409);
    });
  });

  describe('a rollback', () => {
    test('brings the champion before back at once, pins it, and holds what it replaces until released', async () => {
      await fresh({ prod: 'AImodel: "<=2.0"' });
      const one = await wine.log({ accuracy: 0.8 });
      await wine.select('prod');
      const two = await wine.log({ accuracy: 0.9, code: '2.0' });
      await wine.select('prod');
      const { decision } = await wine.act('prod', 'rollback', { reason: 'complaints' });
      expect(decision).toMatchObject({ kind: 'rollback', after: { version: one.version } });
      const slot = await wine.slot('prod');
      expect(slot.pin).toBe(decision.id);
      expect(slot.holds).toMatchObject([{ version: two.version, reason: 'complaints' }]);
      expect(await wine.seen(two.version)).toEqual({ stage: 'Archived', aliases: [] });
      expect((await wine.select('prod')).decision).toMatchObject({ outcome: 'kept', reason: 'pinned' });
      await wine.act('prod', 'release', {
        reason: 'only the pin',
        registeredModel: wine.model('AImodel'),
        version: one.version,
      });
      await wine.settled();
      const { decision: kept, candidates } = await wine.select('prod');
      expect(kept.outcome).toBe('kept');
      expect(candidates.find(({ version }: Json) => version === two.version).reason).toBe('on_hold');
      await wine.act('prod', 'release', { reason: 'fixed' });
      await wine.settled();
      expect(await wine.champion('prod')).toBe(`AImodel ${two.version}`);
    });

    test('goes to the champion that a decision made, also outside the allowance, and says so', async () => {
      await fresh({ prod: 'AImodel: "<=2.0"' });
      const two = await wine.log({ accuracy: 0.8, code: '2.0' });
      const first = (await wine.select('prod')).decision.id;
      await wine.log({ accuracy: 0.85, code: '2.0' });
      await wine.select('prod');
      await wine.apply({ prod: 'AImodel: "<=1.0"' });
      const rolled = await wine.act('prod', 'rollback', { reason: 'that one', to: first });
      expect(rolled.decision.flags).toContain('outside_allowance');
      expect(await wine.champion('prod')).toBe(`AImodel ${two.version}`);
      const elsewhere = await wine.refusedAct('int', 'rollback', { reason: 'x', to: first });
      expect(elsewhere.status).toBeGreaterThanOrEqual(400);
    });

    test('of nothing, or to nothing, is refused', async () => {
      await fresh();
      expect((await wine.refusedAct('prod', 'rollback', { reason: 'x' })).status).toBe(409);
      await wine.log({ accuracy: 0.8 });
      await wine.select('prod');
      const alone = await wine.refusedAct('prod', 'rollback', { reason: 'x' });
      expect(alone).toMatchObject({ status: 409, body: { error_code: 'RESOURCE_CONFLICT' } });
      expect((await wine.refusedAct('prod', 'rollback', { reason: '' })).status).toBe(400);
      expect((await wine.refusedAct('prod', 'release', { reason: 'x' })).status).toBe(409);
    });
  });
});
