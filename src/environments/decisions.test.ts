import { expect, test } from 'vitest';
import { type Json, withServer } from '../../test/support/app.ts';
import { aService, onDatabase, type TestService, withoutPython } from '../../test/support/environments.ts';
import { onEveryEngine } from '../../test/support/stores.ts';
import { canonicalJson, sha256 } from './canonical-json.ts';
import { type StoredRecord, verifyChain } from './records.ts';

onEveryEngine((engine) => {
  const server = withServer(engine, withoutPython);
  let wine: TestService;

  /** Decisions of every kind that one slot can have, oldest first. */
  const aWalk = async (): Promise<Json[]> => {
    wine = await aService(server);
    await wine.apply({ service: '    perEnvironment: { prod: { approval: newCode } }', prod: 'AImodel: "<=2.0"' });
    const one = await wine.log({ accuracy: 0.7 });
    await wine.select('prod');
    const { openApproval } = await wine.slot('prod');
    await wine.call('POST', `approvals/${openApproval.id}/approve`, { reason: 'the first one' });
    await wine.log({ accuracy: 0.8 });
    await wine.select('prod');
    await wine.act('prod', 'rollback', { reason: 'complaints' });
    await wine.act('prod', 'release', { reason: 'fixed' });
    await wine.settled();
    await wine.log({ accuracy: 0.9, code: '2.0' });
    await wine.select('int');
    const promotion = { from: 'int', allow: { [wine.model('AImodel')]: '<=2.0' }, reason: 'a week on INT' };
    await wine.call('POST', `${wine.place('prod')}/promote`, promotion);
    const move = { name: wine.model('AImodel'), version: String(one.version), stage: 'Production' };
    await wine.mlflow('model-versions/transition-stage', move);
    await wine.select('prod');
    const decisions = (await wine.decisions('prod')).reverse();
    return Promise.all(decisions.map(({ id }) => wine.call('GET', `decisions/${id}`)));
  };
  const verify = (more: object = {}): Promise<Json> =>
    wine.call('GET', 'decisions/verify', { service: wine.service, environment: 'prod', ...more });
  const stored = (walk: readonly Json[]): StoredRecord[] =>
    walk.map(({ decision: { id, sequence, digest, kind, outcome, reason, actor, time }, record }) => ({
      id,
      sequence,
      digest,
      text: canonicalJson(record),
      beside: { kind, outcome, reason, actor, time },
    }));

  test('of every kind form a chain that is whole, and each replays to identical bytes', async () => {
    const walk = await aWalk();
    const kinds = new Set(walk.map(({ decision }) => decision.kind));
    expect([...kinds].sort()).toEqual(['approval', 'override', 'promotion', 'release', 'rollback', 'selection']);
    let previous: string | null = null;
    for (const { decision, record } of walk) {
      expect(sha256(canonicalJson(record))).toBe(decision.digest);
      expect(record.previous).toBe(previous);
      previous = decision.digest;
      const file = await fetch(`${server.url}/api/v1/decisions/${decision.id}/record`);
      expect(file.headers.get('content-disposition')).toContain(`${decision.id}.json`);
      expect(sha256(await file.text())).toBe(decision.digest);
      const replayed = await wine.call('POST', `decisions/${decision.id}/replay`, {});
      expect(replayed).toMatchObject({ identical: true });
      expect(replayed.recomputed).toBe(replayed.recorded);
    }
    expect(await verify()).toMatchObject({ intact: true, slots: [{ records: walk.length, head: previous }] });
    expect(await verify({ head: previous })).toMatchObject({ intact: true });
  });

  test('are found out when any byte of any record is changed, or a record is missing or moved', async () => {
    const records = stored(await aWalk());
    expect(verifyChain(records)).toEqual([]);
    for (const [i, record] of records.entries()) {
      for (let at = 0; at < record.text.length; at++) {
        const other = record.text[at] === '0' ? '1' : '0';
        const text = `${record.text.slice(0, at)}${other}${record.text.slice(at + 1)}`;
        const faults = verifyChain([{ ...record, text }]).map(({ fault }) => fault);
        if (!faults.includes('its text does not have its digest'))
          throw new Error(`Byte ${at} of record ${i + 1} can be changed unnoticed.`);
      }
      const forged = { ...record, text: record.text.replace('"actor":"', '"actor":"x') };
      const rehashed = { ...forged, digest: sha256(forged.text) };
      expect(verifyChain(records.with(i, rehashed)).length).toBeGreaterThan(0);
      if (i < records.length - 1) {
        expect(verifyChain(records.toSpliced(i, 1)).length).toBeGreaterThan(0);
        expect(verifyChain(records.toSpliced(i, 2, records[i + 1]!, record)).length).toBeGreaterThan(0);
      }
    }
    const head = records.at(-1)!.digest;
    expect(verifyChain(records.slice(0, -1))).toEqual([]);
    expect(verifyChain(records.slice(0, -1), head)).toMatchObject([{ fault: `no record has the digest ${head}` }]);
  });

  test('that somebody changed in the database itself are found', async () => {
    const walk = await aWalk();
    const { id, digest, outcome, actor } = walk[2].decision;
    const text = canonicalJson(walk[2].record);
    const set = (column: string, value: string) =>
      onDatabase(server, `update decisions set ${column} = ? where decision_id = ?`, [value, id]);
    for (const [column, forged, honest] of [
      ['record', text.replace('"actor":"', '"actor":"e'), text],
      ['outcome', 'none', outcome],
      ['actor', 'eve', actor],
      ['digest', '0'.repeat(64), digest],
    ] as const) {
      expect(await set(column, forged)).toBe(1);
      expect(await verify()).toMatchObject({ intact: false, slots: [{ faults: expect.anything() }] });
      await set(column, honest);
      expect((await verify()).intact).toBe(true);
    }
    // The end of the chain cut off: the slot remembers its last record, and so may whoever kept its digest.
    const last = walk.at(-1).decision;
    await onDatabase(server, 'delete from decisions where decision_id = ?', [last.id]);
    const cut = await verify({ head: last.digest });
    expect(cut.intact).toBe(false);
    expect(cut.slots[0].faults.map(({ fault }: Json) => fault)).toEqual([
      `no record has the digest ${last.digest}`,
      'the slot remembers another last record',
    ]);
  });

  test('tell why a run, a logged model or a version is not the one', async () => {
    wine = await aService(server);
    await wine.apply();
    await wine.log({ accuracy: 0.9 });
    const loser = await wine.log({ accuracy: 0.8 });
    const outside = await wine.log({ accuracy: 0.95, code: '3.0' });
    await wine.select('prod');
    const prod = (reply: Json) =>
      reply.considered.find(({ decision }: Json) => decision.environment === 'prod' && decision.outcome === 'first');
    const byRun = await wine.call('GET', 'why', { runId: loser.runId });
    expect(byRun.championOf).toEqual([]);
    expect(prod(byRun).candidate).toMatchObject({ rank: 2, score: 0.8, version: loser.version });
    const byModel = await wine.call('GET', 'why', { modelId: outside.modelId });
    expect(prod(byModel).candidate).toMatchObject({ reason: 'outside_allowance' });
    expect(prod(byModel).candidate.detail).toContain('3.0');
    const byVersion = await wine.call('GET', 'why', { registeredModel: wine.model('AImodel'), version: 1 });
    expect(byVersion.championOf).toContainEqual({ service: wine.service, environment: 'prod' });
    expect((await wine.refused('GET', 'why', {})).status).toBe(400);
    const listed = await wine.call('GET', 'decisions', { runId: loser.runId, environment: 'prod' });
    expect(listed.decisions[0]).toMatchObject({ outcome: 'first' });
  });

  test('tell what served at a moment', async () => {
    wine = await aService(server);
    await wine.apply();
    const before = Date.now() - 1;
    await wine.log({ accuracy: 0.8 });
    const first = (await wine.select('prod')).decision;
    await wine.log({ accuracy: 0.9 });
    const second = (await wine.select('prod')).decision;
    const at = async (time: number) =>
      (await wine.call('GET', 'status/at', { time })).slots.find(
        ({ service, environment }: Json) => service === wine.service && environment === 'prod',
      );
    expect((await at(before)).champion).toBeNull();
    expect(await at(first.time)).toMatchObject({ champion: { version: 1 }, decision: first.id });
    expect(await at(second.time)).toMatchObject({ champion: { version: 2 }, decision: second.id });
  });
});
