import { describe, expect, it } from 'vitest';
import { type Json, withServer } from '../../test/support/app.ts';
import { onEveryEngine } from '../../test/support/stores.ts';

let unique = 0;
const fresh = (name: string) => `${name} ${++unique}`;

onEveryEngine((engine) => {
  describe('tracking', () => {
    const server = withServer(engine);
    const { get, post } = server;

    const anExperiment = async () =>
      String((await post('experiments/create', { name: fresh('experiment') })).body.experiment_id);
    const aRun = async (experimentId = '0', fields: object = {}) =>
      String((await post('runs/create', { experiment_id: experimentId, ...fields })).body.run.info.run_id);
    const getRun = async (runId: string) => (await get('runs/get', { run_id: runId })).body.run;
    const metric = (key: string, value: unknown, step = 0, timestamp = 1) => ({ key, value, step, timestamp });
    const byKey = (pairs: Json) =>
      Object.fromEntries((pairs ?? []).map((pair: Json) => [String(pair.key), pair.value as unknown]));
    const search = async (experimentId: string, fields: object = {}) =>
      (await post('runs/search', { experiment_ids: [experimentId], ...fields })).body;
    const both = (extreme: unknown) => ({ lowest: extreme, highest: extreme });
    const ids = (body: Json) => (body.runs ?? []).map((run: Json) => String(run.info.run_id));

    it('logs a run from beginning to end', async () => {
      const experimentId = await anExperiment();
      const runId = await aRun(experimentId, { run_name: 'first', start_time: '1234', user_id: 'me' });
      await post('runs/log-batch', {
        run_id: runId,
        metrics: [metric('loss', 0.5, 1), metric('loss', 0.25, 2)],
        params: [{ key: 'depth', value: '3' }],
        tags: [{ key: 'team', value: 'wine' }],
      });
      const update = await post('runs/update', { run_id: runId, status: 'FINISHED', end_time: 99 });
      expect(update.body.run_info).toMatchObject({ status: 'FINISHED', end_time: 99, run_name: 'first' });
      const run = await getRun(runId);
      expect(run.info).toEqual({
        run_id: runId,
        run_uuid: runId,
        run_name: 'first',
        experiment_id: experimentId,
        user_id: 'me',
        status: 'FINISHED',
        start_time: 1234,
        end_time: 99,
        artifact_uri: `mlflow-artifacts:/${experimentId}/${runId}/artifacts`,
        lifecycle_stage: 'active',
      });
      expect(run.data.metrics).toEqual([{ key: 'loss', value: 0.25, timestamp: 1, step: 2 }]);
      expect(byKey(run.data.params)).toEqual({ depth: '3' });
      expect(byKey(run.data.tags)).toEqual({ team: 'wine', 'mlflow.runName': 'first' });
      expect(ids(await search(experimentId))).toEqual([runId]);
    });

    it('shows a change at once in every way to read a run', async () => {
      const experimentId = await anExperiment();
      const runId = await aRun(experimentId);
      await search(experimentId);
      await post('runs/log-metric', { run_id: runId, ...metric('m', 1) });
      expect((await getRun(runId)).data.metrics).toHaveLength(1);
      await post('runs/set-tag', { run_id: runId, key: 'mlflow.runName', value: 'renamed' });
      expect((await search(experimentId)).runs[0]!.info.run_name).toBe('renamed');
      await post('runs/delete-tag', { run_id: runId, key: 'mlflow.runName' });
      await post('experiments/delete', { experiment_id: experimentId });
      expect((await getRun(runId)).info.lifecycle_stage).toBe('deleted');
      await post('experiments/restore', { experiment_id: experimentId });
      expect((await getRun(runId)).info.lifecycle_stage).toBe('active');
    });

    it('writes a batch as a whole or not at all', async () => {
      const runId = await aRun();
      await post('runs/log-parameter', { run_id: runId, key: 'p', value: 'old' });
      const refused = await post('runs/log-batch', {
        run_id: runId,
        metrics: [metric('m', 1)],
        params: [
          { key: 'new', value: '1' },
          { key: 'p', value: 'changed' },
        ],
        tags: [{ key: 't', value: '1' }],
      });
      expect(refused).toMatchObject({ status: 400, body: { error_code: 'INVALID_PARAMETER_VALUE' } });
      const { data } = await getRun(runId);
      expect(byKey(data.params)).toEqual({ p: 'old' });
      expect(data.metrics).toBeUndefined();
      expect(byKey(data.tags)['t']).toBeUndefined();
    });

    it.each([
      ['1,001 metrics', { metrics: Array.from({ length: 1001 }, (_, i) => metric('m', i, i)) }],
      ['101 params', { params: Array.from({ length: 101 }, (_, i) => ({ key: `p${i}`, value: '' })) }],
      ['101 tags', { tags: Array.from({ length: 101 }, (_, i) => ({ key: `t${i}`, value: '' })) }],
      [
        'a param twice',
        {
          params: [
            { key: 'p', value: '1' },
            { key: 'p', value: '1' },
          ],
        },
      ],
      ['a bad name', { tags: [{ key: '../x', value: '1' }] }],
      ['a fractional step', { metrics: [{ ...metric('m', 1), step: 1.5 }] }],
      ['a negative time', { metrics: [metric('m', 1, 0, -1)] }],
      ['no timestamp', { metrics: [{ key: 'm', value: 1 }] }],
      ['a bare string as a value', { metrics: [metric('m', 'abc')] }],
    ])('refuses a batch with %s', async (_, fields) => {
      const runId = await aRun();
      const refused = await post('runs/log-batch', { run_id: runId, ...fields });
      expect(refused).toMatchObject({ status: 400, body: { error_code: 'INVALID_PARAMETER_VALUE' } });
    });

    it('collapses identical points, so that a repeated request is harmless', async () => {
      const runId = await aRun();
      const batch = {
        run_id: runId,
        metrics: [metric('m', 1, 1), metric('m', 1, 1), metric('m', 'NaN', 2), metric('m', 'NaN', 2)],
      };
      await post('runs/log-batch', batch);
      await post('runs/log-batch', batch);
      const history = await get('metrics/get-history', { run_id: runId, metric_key: 'm' });
      expect(history.body.metrics).toEqual([metric('m', 1, 1), metric('m', 'NaN', 2)]);
    });

    it('reads back NaN as "NaN" and infinities as the largest numbers', async () => {
      const runId = await aRun();
      const values = { nan: 'NaN', up: 'Infinity', down: '-Infinity' };
      for (const [key, value] of Object.entries(values))
        await post('runs/log-metric', { run_id: runId, ...metric(key, value) });
      const { metrics } = (await getRun(runId)).data;
      expect(byKey(metrics)).toEqual({ nan: 'NaN', up: Number.MAX_VALUE, down: -Number.MAX_VALUE });
    });

    it('pages a history by time, whatever the order of arrival', async () => {
      const runId = await aRun();
      const points = Array.from({ length: 57 }, (_, i) => metric('m', i, (i * 7) % 57, (i * 13) % 57));
      await post('runs/log-batch', { run_id: runId, metrics: points });
      const expected = [...points].sort((a, b) => a.timestamp - b.timestamp);
      const pages: unknown[] = [];
      let token: Json;
      do {
        const query = {
          run_id: runId,
          metric_key: 'm',
          max_results: 10,
          ...(token !== undefined && { page_token: token }),
        };
        const { body } = await get('metrics/get-history', query);
        pages.push(...body.metrics);
        token = body.next_page_token;
      } while (token !== undefined);
      expect(pages).toEqual(expected);
    });

    it('sums up every metric of a run, and follows it as it grows', async () => {
      const runId = await aRun();
      const summary = async () => (await get(`/api/v1/runs/${runId}/metrics`)).body.metrics;
      expect(await summary()).toEqual([]);
      await post('runs/log-batch', {
        run_id: runId,
        metrics: [
          metric('loss', 0.5, 1),
          metric('loss', 'NaN', 2),
          metric('loss', 0.25, 3),
          metric('loss', 0.5, 4),
          metric('accuracy', 0.9, 7),
          metric('broken', 'NaN', 1),
        ],
      });
      expect(await summary()).toEqual([
        { key: 'accuracy', points: 1, last: { value: 0.9, step: 7 }, ...both({ value: 0.9, step: 7 }) },
        { key: 'broken', points: 1, last: { value: 'NaN', step: 1 }, ...both(null) },
        {
          key: 'loss',
          points: 4,
          last: { value: 0.5, step: 4 },
          lowest: { value: 0.25, step: 3 },
          highest: { value: 0.5, step: 1 },
        },
      ]);
      await post('runs/log-batch', { run_id: runId, metrics: [metric('accuracy', 0.95, 8)] });
      expect((await summary())[0]).toMatchObject({ points: 2, highest: { value: 0.95, step: 8 } });
      expect((await get(`/api/v1/runs/${'0'.repeat(32)}/metrics`)).status).toBe(404);
    });

    it('samples long series per run, says how many points each sample stands for, and keeps to a range of steps', async () => {
      const runIds = [await aRun(), await aRun()].sort();
      for (const runId of runIds) {
        const points = Array.from({ length: 100 }, (_, i) => metric('m', i * 2, i, i));
        await post('runs/log-batch', { run_id: runId, metrics: points });
      }
      const query = { run_ids: runIds, metric_key: 'm', max_results: 3 };
      const { body } = await get('metrics/get-history-bulk-interval', query);
      expect(body.metrics.map((point: Json) => [point.run_id, point.step])).toEqual(
        runIds.flatMap((runId) => [
          [runId, 0],
          [runId, 34],
          [runId, 99],
        ]),
      );
      expect(body.points).toEqual(Object.fromEntries(runIds.map((runId) => [runId, 100])));
      const ranged = await get('metrics/get-history-bulk-interval', { ...query, start_step: 10, end_step: 12 });
      expect(ranged.body.metrics.map((point: Json) => point.step)).toEqual([10, 11, 12, 10, 11, 12]);
      expect(ranged.body.points[runIds[0]!]).toBe(3);
      const narrow = await get('metrics/get-history-bulk-interval', {
        ...query,
        start_step: 10,
        end_step: 40,
        max_results: 2,
      });
      expect(narrow.body.metrics.map((point: Json) => point.step)).toEqual([10, 40, 10, 40]);
    });

    it('refuses to write to a deleted run and says what to do', async () => {
      const runId = await aRun();
      await post('runs/delete', { run_id: runId });
      await post('runs/delete', { run_id: runId });
      const refused = await post('runs/log-metric', { run_id: runId, ...metric('m', 1) });
      expect(refused).toMatchObject({ status: 400, body: { error_code: 'INVALID_PARAMETER_VALUE' } });
      await post('runs/restore', { run_id: runId });
      expect((await post('runs/log-metric', { run_id: runId, ...metric('m', 1) })).status).toBe(200);
    });

    it('keeps params, tags and metrics of any text apart', async () => {
      const runId = await aRun();
      const odd = ['__proto__', 'constructor', 'a/b', 'Ä ö', '日本'];
      await post('runs/log-batch', {
        run_id: runId,
        params: odd.map((key) => ({ key, value: `p "${key}" \\ \n 🍷` })),
        tags: odd.map((key) => ({ key, value: `t ${key}` })),
      });
      const { data } = await getRun(runId);
      const pairs = (name: string) =>
        new Map([...(data[name] ?? [])].map((pair: Json) => [String(pair.key), String(pair.value)]));
      for (const key of odd) {
        expect(pairs('params').get(key)).toBe(`p "${key}" \\ \n 🍷`);
        expect(pairs('tags').get(key)).toBe(`t ${key}`);
      }
    });

    it('notes data sets once, with the tags of every call, and models in and out', async () => {
      const runId = await aRun();
      const dataset = { name: 'wine', digest: 'abc', source_type: 'local', source: '{}', schema: '{"s":1}' };
      const input = (tags: object[]) => ({ dataset, tags });
      await post('runs/log-inputs', {
        run_id: runId,
        datasets: [input([])],
        models: [{ model_id: 'm-1' }, { model_id: 'm-1' }],
      });
      await post('runs/log-inputs', {
        run_id: runId,
        datasets: [input([{ key: 'mlflow.data.context', value: 'training' }])],
      });
      for (const step of [0, 7]) await post('runs/outputs', { run_id: runId, models: [{ model_id: 'm-2', step }] });
      const run = await getRun(runId);
      expect(run.inputs).toEqual({
        dataset_inputs: [{ dataset, tags: [{ key: 'mlflow.data.context', value: 'training' }] }],
        model_inputs: [{ model_id: 'm-1' }],
      });
      expect(run.outputs).toEqual({ model_outputs: [{ model_id: 'm-2', step: 7 }] });
      const found = await search('0', { filter: "datasets.name = 'wine' and datasets.context = 'training'" });
      expect(ids(found)).toContain(runId);
    });

    it('keeps logged models with what they were made from', async () => {
      const experimentId = await anExperiment();
      const runId = await aRun(experimentId);
      const created = await post('logged-models', {
        experiment_id: experimentId,
        name: 'model',
        source_run_id: runId,
        params: [{ key: 'n', value: '1' }],
      });
      const info = created.body.model.info;
      const modelId = String(info.model_id);
      expect(info).toMatchObject({
        status: 'LOGGED_MODEL_PENDING',
        artifact_uri: `mlflow-artifacts:/${experimentId}/models/${modelId}/artifacts`,
      });
      await post('runs/log-metric', {
        run_id: runId,
        ...metric('acc', 0.75),
        model_id: modelId,
        dataset_name: 'wine',
        dataset_digest: 'd',
      });
      await server.call('PATCH', `logged-models/${modelId}`, { model_id: modelId, status: 'LOGGED_MODEL_READY' });
      const model = (await get(`logged-models/${modelId}`)).body.model;
      expect(model.info.status).toBe('LOGGED_MODEL_READY');
      expect(model.data.metrics).toEqual([
        { ...metric('acc', 0.75), model_id: modelId, run_id: runId, dataset_name: 'wine', dataset_digest: 'd' },
      ]);
      const found = async (fields: object) =>
        (await post('logged-models/search', { experiment_ids: [experimentId], ...fields })).body.models?.length ?? 0;
      expect(await found({ filter: "name = 'model' and metrics.acc > 0.7 and params.n = '1'" })).toBe(1);
      expect(await found({ filter: "status = 'READY'" })).toBe(1);
      expect(await found({ filter: 'metrics.acc > 0.7', datasets: [{ dataset_name: 'wine' }] })).toBe(1);
      expect(await found({ filter: 'metrics.acc > 0.7', datasets: [{ dataset_name: 'other' }] })).toBe(0);
      expect(await found({ order_by: [{ field_name: 'metrics.acc', ascending: false }] })).toBe(1);
      await server.call('DELETE', `logged-models/${modelId}`);
      expect((await get(`logged-models/${modelId}`)).status).toBe(404);
      expect((await get(`logged-models/${modelId}`, { allow_deleted: 'true' })).status).toBe(200);
      const unknown = await post('runs/log-metric', { run_id: runId, ...metric('acc', 1, 1), model_id: 'm-unknown' });
      expect(unknown).toMatchObject({ status: 404, body: { error_code: 'RESOURCE_DOES_NOT_EXIST' } });
    });

    it('keeps what 2.x clients say about models they log', async () => {
      const runId = await aRun();
      const model = {
        artifact_path: 'model',
        utc_time_created: 'now',
        run_id: runId,
        flavors: { sklearn: { a: 1, config: {} } },
      };
      await post('runs/log-model', { run_id: runId, model_json: JSON.stringify(model) });
      await post('runs/log-model', {
        run_id: runId,
        model_json: JSON.stringify({ ...model, artifact_path: 'second' }),
      });
      const history = JSON.parse(String(byKey((await getRun(runId)).data.tags)['mlflow.log-model.history']));
      expect(history).toMatchObject([
        { artifact_path: 'model', flavors: { sklearn: { a: 1 } } },
        { artifact_path: 'second' },
      ]);
      expect((await post('runs/log-model', { run_id: runId, model_json: '{}' })).status).toBe(400);
    });
  });
});
