import { expect, test } from 'vitest';
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
  /** Of a decision or a preview: why each version is not the one, by version. */
  const reasons = ({ candidates }: Json): Record<string, string> =>
    Object.fromEntries(candidates.map(({ version, modelId, reason }: Json) => [version ?? modelId, reason]));

  test('the best admitted model becomes the first champion, with its stage and its alias', async () => {
    await fresh();
    await wine.log({ accuracy: 0.8 });
    const best = await wine.log({ accuracy: 0.9 });
    const { decision, candidates } = await wine.select('prod');
    expect(decision).toMatchObject({ kind: 'selection', outcome: 'first', before: null, actor: 'anonymous' });
    expect(candidates.map(({ rank, score }: Json) => [rank, score])).toEqual([
      [1, 0.9],
      [2, 0.8],
    ]);
    expect(await wine.champion('prod')).toBe(`AImodel ${best.version}`);
    expect(await wine.seen(best.version)).toEqual({ stage: 'Production', aliases: ['prod'] });
  });

  test('a better one replaces it, an equal one does not, and what is replaced is archived but goes on competing', async () => {
    await fresh();
    const first = await wine.log({ accuracy: 0.8 });
    await wine.select('prod');
    await wine.log({ accuracy: 0.8 });
    const { decision: kept } = await wine.select('prod');
    expect(kept).toMatchObject({ outcome: 'kept', reason: 'no_better_candidate' });
    const better = await wine.log({ accuracy: 0.9 });
    const { decision, candidates } = await wine.select('prod');
    expect(decision).toMatchObject({ outcome: 'replaced' });
    expect(decision.margin).toBeCloseTo(0.1);
    expect(await wine.seen(first.version)).toEqual({ stage: 'Archived', aliases: [] });
    expect(await wine.seen(better.version)).toEqual({ stage: 'Production', aliases: ['prod'] });
    expect(candidates.find(({ version }: Json) => version === first.version).score).toBe(0.8);
    const again = await wine.select('prod');
    expect(again.candidates.find(({ version }: Json) => version === first.version).reason).not.toBe('archived_by_user');
  });

  test('the same inputs with the same outcome count up on the last record', async () => {
    await fresh();
    await wine.log({ accuracy: 0.8 });
    await wine.select('prod');
    await wine.select('prod');
    const before = (await wine.decisions('prod')).length;
    const { decision } = await wine.select('prod');
    expect(await wine.decisions('prod')).toHaveLength(before);
    expect(decision.repeats).toBeGreaterThan(0);
  });

  test('a selection for an environment that is not there asks for no other', async () => {
    await fresh();
    await wine.log({ accuracy: 0.8 });
    await wine.select('prod');
    const { repeats } = (await wine.select('prod')).decision;
    expect((await wine.refusedAct('none', 'select', {})).status).toBe(404);
    await wine.settled();
    expect((await wine.decisions('prod'))[0].repeats).toBe(repeats);
  });

  test('a logged model that is no version competes, and is registered when it wins, its code version copied', async () => {
    await fresh();
    await wine.log({ accuracy: 0.8 });
    await wine.select('prod');
    const { modelId, runId } = await wine.log({ accuracy: 0.95, register: false });
    const { decision } = await wine.select('prod');
    expect(decision.after).toMatchObject({ registeredModel: wine.model('AImodel'), version: 2, modelId, runId });
    const query = { name: wine.model('AImodel'), version: '2' };
    const { model_version: made } = (await server.get('model-versions/get', query)).body;
    expect(made.tags).toEqual([{ key: 'code_version', value: '1.0' }]);
    expect(made.run_id).toBe(runId);
    const { candidates } = await wine.select('prod');
    expect(candidates.map(({ id, version }: Json) => [id.startsWith('v'), version])).toEqual([
      [true, 2],
      [true, 1],
    ]);
  });

  test('every candidate that is refused says why', async () => {
    await fresh({ service: `    where: tags.kind = 'good'\n    requires: { tags: [owner] }` });
    const good = { kind: 'good', owner: 'ann' };
    const winner = await wine.log({ accuracy: 0.7, tags: good });
    const other = {
      noCode: await wine.log({ accuracy: 0.9, code: null, tags: good }),
      outside: await wine.log({ accuracy: 0.9, code: '3.0', tags: good }),
      where: await wine.log({ accuracy: 0.9, tags: { ...good, kind: 'bad' } }),
      archived: await wine.log({ accuracy: 0.9, tags: good }),
      tagless: await wine.log({ accuracy: 0.9, tags: { kind: 'good' } }),
    };
    await wine.mlflow('model-versions/transition-stage', {
      name: wine.model('AImodel'),
      version: String(other.archived.version),
      stage: 'Archived',
    });
    const selected = await wine.select('prod');
    expect(selected.decision.after.version).toBe(winner.version);
    expect(reasons(selected)).toEqual({
      [winner.version]: null,
      [other.noCode.version]: 'no_code_version',
      [other.outside.version]: 'outside_allowance',
      [other.where.version]: 'where_not_matched',
      [other.archived.version]: 'archived_by_user',
      [other.tagless.version]: 'missing_tag',
    });
  });

  test('runs that have not finished have no candidates', async () => {
    await fresh();
    await wine.log({ accuracy: 0.9, register: false, status: 'RUNNING' });
    expect((await wine.select('prod')).candidates).toEqual([]);
    expect((await wine.decisions('prod'))[0]).toMatchObject({ outcome: 'none' });
  });

  test('a dry run says what would be, and changes nothing', async () => {
    await fresh();
    const { version } = await wine.log({ accuracy: 0.8 });
    await wine.select('int');
    const { preview } = await wine.call('POST', `${wine.place('prod')}/select`, { dryRun: true });
    expect(preview).toMatchObject({ outcome: 'first', challenger: expect.any(String) });
    expect(preview.candidates[0].version).toBe(version);
    expect(await wine.champion('prod')).toBe('none');
  });

  test('a model whose files are changed between evaluation and decision is never chosen', async () => {
    await fresh();
    const honest = await wine.log({ accuracy: 0.8 });
    const forged = await wine.log({ accuracy: 0.9 });
    await wine.select('int');
    const { candidates } = await wine.call('GET', `${wine.place('prod')}/candidates`);
    expect(candidates[0].version).toBe(forged.version);
    const path = `/api/2.0/mlflow-artifacts/artifacts/${wine.experimentId}/models/${forged.modelId}/artifacts/MLmodel`;
    expect((await fetch(`${server.url}${path}`, { method: 'PUT', body: 'something else' })).status).toBe(200);
    const selected = await wine.select('prod');
    expect(await wine.champion('prod')).toBe(`AImodel ${honest.version}`);
    expect(reasons(selected)[forged.version]).toBe('artifact_changed');
  });

  test('another holdout opens an epoch: only scores on it count', async () => {
    await fresh();
    const old = await wine.log({ accuracy: 0.9 });
    await wine.select('prod');
    const other = await wine.log({ accuracy: 0.8 });
    await wine.upload('x,class\n5,a\n6,b\n7,a\n');
    const pinned = { holdout: `${wine.holdout}@2` };
    await wine.score(old, 0.5, pinned.holdout);
    await wine.score(other, 0.6, pinned.holdout);
    await wine.apply(pinned);
    await wine.select('prod');
    expect(await wine.champion('prod')).toBe(`AImodel ${other.version}`);
    const [decision] = await wine.decisions('prod');
    const { holdout } = await wine.call('GET', `decisions/${decision.id}`);
    expect(holdout).toMatchObject({ name: wine.holdout, version: 2 });
  });

  test('an allowance that is raised brings a selection; one that is narrowed replaces what it no longer admits', async () => {
    await fresh({ prod: 'AImodel: "<=2.0"' });
    const one = await wine.log({ accuracy: 0.8 });
    const two = await wine.log({ accuracy: 0.9, code: '2.0' });
    await wine.select('prod');
    expect(await wine.champion('prod')).toBe(`AImodel ${two.version}`);
    await wine.apply({ prod: 'AImodel: "<=1.0"' });
    expect(await wine.champion('prod')).toBe(`AImodel ${one.version}`);
    expect((await wine.decisions('prod'))[0]).toMatchObject({
      outcome: 'replaced',
      trigger: { kind: 'configuration' },
    });
    await wine.apply({ prod: 'AImodel: "<=2.0"' });
    expect(await wine.champion('prod')).toBe(`AImodel ${two.version}`);
  });

  test('what serves on two environments carries the stage of the last, and losing the first does not archive it', async () => {
    await fresh();
    const one = await wine.log({ accuracy: 0.8 });
    await wine.select('int');
    await wine.select('prod');
    expect(await wine.seen(one.version)).toEqual({ stage: 'Production', aliases: ['int', 'prod'] });
    const two = await wine.log({ accuracy: 0.9, code: '2.0' });
    await wine.select('int');
    await wine.select('prod');
    expect(await wine.seen(one.version)).toEqual({ stage: 'Production', aliases: ['prod'] });
    expect(await wine.seen(two.version)).toEqual({ stage: 'Staging', aliases: ['int'] });
    expect((await wine.decisions('prod'))[0]).toMatchObject({ outcome: 'kept' });
  });

  test("another model that wins the slot takes the first one's stage and alias", async () => {
    await fresh({ prod: 'AImodel: "<=1.0", MLmodel: "*"' });
    const ai = await wine.log({ accuracy: 0.8 });
    await wine.select('prod');
    const ml = await wine.log({ name: 'MLmodel', accuracy: 0.9 });
    await wine.select('prod');
    expect(await wine.champion('prod')).toBe('MLmodel 1');
    expect(await wine.seen(ai.version)).toEqual({ stage: 'Archived', aliases: [] });
    expect(await wine.seen(ml.version, 'MLmodel')).toEqual({ stage: 'Production', aliases: ['prod'] });
    const latest = { name: wine.model('AImodel'), stages: ['Production'] };
    expect((await server.get('registered-models/get-latest-versions', latest)).body).toEqual({});
  });

  test('a pause keeps the champion until it is resumed or ends', async () => {
    await fresh();
    await wine.log({ accuracy: 0.8 });
    await wine.select('prod');
    const better = await wine.log({ accuracy: 0.9 });
    await wine.call('POST', `${wine.place('prod')}/pause`, { reason: 'the harvest' });
    expect((await wine.slot('prod')).pause).toMatchObject({ reason: 'the harvest', until: null });
    expect((await wine.select('prod')).decision).toMatchObject({ outcome: 'kept', reason: 'paused' });
    await wine.call('POST', `${wine.place('prod')}/resume`, {});
    await wine.settled();
    expect(await wine.champion('prod')).toBe(`AImodel ${better.version}`);
    const past = await wine.refused('POST', `${wine.place('prod')}/pause`, { reason: 'late', until: 1 });
    expect(past).toMatchObject({ status: 400, body: { error_code: 'INVALID_PARAMETER_VALUE' } });
    expect((await wine.refused('POST', `${wine.place('prod')}/resume`, {})).status).toBe(409);
  });

  test('a slot that is not configured is not there', async () => {
    await fresh();
    const answer = await wine.refused('POST', `services/${wine.service}/environments/uat/select`, {});
    expect(answer).toMatchObject({ status: 404, body: { error_code: 'RESOURCE_DOES_NOT_EXIST' } });
    expect((await wine.refused('GET', 'services/none')).status).toBe(404);
  });
});
