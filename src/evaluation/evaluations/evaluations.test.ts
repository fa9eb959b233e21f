import { beforeAll, describe, expect, it } from 'vitest';
import { type Json, withServer } from '../../../test/support/app.ts';
import { aService, type TestService, withoutPython } from '../../../test/support/environments.ts';
import { onEveryEngine } from '../../../test/support/stores.ts';

onEveryEngine((engine) => {
  const server = withServer(engine, withoutPython);
  let wine: TestService;
  let model: { modelId: string; runId: string; version: number };
  beforeAll(async () => {
    wine = await aService(server);
    model = await wine.log({});
  });
  const holdout = () => `${wine.holdout}@1`;
  const post = (input: object): Promise<Json> => wine.call('POST', 'evaluations', { holdout: holdout(), ...input });
  const list = async (query: object): Promise<string[]> =>
    (await wine.call('GET', 'evaluations', query)).evaluations.map(({ evaluationId }: Json) => evaluationId);

  describe('a result from elsewhere', () => {
    it('is kept with who posted it, shown as a run, and found by all that it is about', async () => {
      const { name, version } = { name: wine.model('AImodel'), version: model.version };
      const response = await fetch(`${server.url}/api/v1/evaluations`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'x-cellar-actor': 'ana' },
        body: JSON.stringify({ name, version, holdout: holdout(), metrics: { profit: 12.5 } }),
      });
      const posted: Json = await response.json();
      expect(posted).toMatchObject({
        status: 'succeeded',
        label: `${name} ${version}`,
        external: true,
        actor: 'ana',
        metrics: { profit: 12.5 },
        hasPredictions: false,
        sourceRunId: model.runId,
      });
      expect(posted.endTime).toBeGreaterThan(1_700_000_000_000);
      expect(await wine.call('GET', `evaluations/${posted.evaluationId}`)).toEqual(posted);
      const { run } = (await server.get('runs/get', { run_id: posted.runId })).body;
      expect(run.data.metrics).toMatchObject([{ key: 'profit', value: 12.5 }]);
      expect(run.info.status).toBe('FINISHED');
      for (const query of [
        { name, version },
        { runId: model.runId },
        { holdout: wine.holdout },
        { status: 'succeeded' },
      ])
        expect(await list(query)).toContain(posted.evaluationId);
      expect(await list({ status: 'failed' })).not.toContain(posted.evaluationId);
    });

    it('is the same record when it is posted again, and another one with other figures', async () => {
      const one = await post({ modelId: model.modelId, metrics: { accuracy: 0.5 } });
      const again = await post({ runId: model.runId, metrics: { accuracy: 0.5 } });
      const other = await post({ modelId: model.modelId, metrics: { accuracy: 0.75 } });
      expect(again.evaluationId).toBe(one.evaluationId);
      expect(other.evaluationId).not.toBe(one.evaluationId);
      const { name, version } = { name: wine.model('AImodel'), version: model.version };
      expect(await list({ name, version })).toEqual(expect.arrayContaining([one.evaluationId, other.evaluationId]));
    });

    it.each([
      [{ metrics: { a: 1 } }, "No model: expected 'modelId', 'runId', or 'name' and 'version'."],
      [{ name: 'x', metrics: { a: 1 } }, "'name' and 'version' go together"],
      [{ modelId: 'm', runId: 'r', metrics: { a: 1 } }, 'The model is named twice'],
      [{ modelId: 'm-none', metrics: { a: 1 } }, 'There is no logged model "m-none".'],
      [{ runId: 'none', metrics: { a: 1 } }, 'There is no run "none".'],
      [{ name: 'none', version: 1, metrics: { a: 1 } }, 'There is no version 1 of the registered model "none".'],
      [{ modelId: 'm', holdout: 'none@1', metrics: { a: 1 } }, 'There is no holdout "none@1".'],
      [{ modelId: 'm', holdout: 'none', metrics: { a: 1 } }, 'expected its version too, such as none@1.'],
      [{ modelId: 'm', metrics: {} }, "parameter 'metrics'"],
      [{ modelId: 'm', metrics: { a: 'high' } }, 'expected a finite number'],
    ])('%j is refused', async (input, message) => {
      const { status, body } = await wine.refused('POST', 'evaluations', { holdout: holdout(), ...input });
      expect([status, body.message]).toEqual([
        expect.toSatisfy((code: number) => code === 400 || code === 404),
        expect.stringContaining(message),
      ]);
    });
  });

  it('that has not failed is not made again', async () => {
    const posted = await post({ modelId: model.modelId, metrics: { accuracy: 0.25 } });
    const { status, body } = await wine.refused('POST', `evaluations/${posted.evaluationId}/retry`, {});
    expect([status, body.error_code]).toEqual([409, 'RESOURCE_CONFLICT']);
    expect(body.message).toContain('is succeeded: only a failed one is made again');
    expect((await wine.refused('GET', 'evaluations/e-none')).status).toBe(404);
  });
});
