import { describe, expect, it } from 'vitest';
import { type Json, withServer } from '../../../test/support/app.ts';
import { onEveryEngine } from '../../../test/support/stores.ts';

let unique = 0;

onEveryEngine((engine) => {
  describe('the runs of an experiment as a table', () => {
    const server = withServer(engine);
    const v1 = (method: string, path: string, input?: object) => server.call(method, `/api/v1/${path}`, input);

    const anExperiment = async () =>
      String((await server.post('experiments/create', { name: `table ${++unique}` })).body.experiment_id);

    /** A run with params, metrics and tags as `{ 'params.a': '1', 'metrics.m': 2 }`. */
    async function aRun(experimentId: string, name: string, logged: Record<string, unknown> = {}): Promise<string> {
      const started = { run_name: name, start_time: 1000 + ++unique };
      const made = await server.post('runs/create', { experiment_id: experimentId, ...started });
      const run_id = String(made.body.run.info.run_id);
      const of = (kind: string) =>
        Object.entries(logged).flatMap(([column, value]) =>
          column.startsWith(kind) ? [{ key: column.slice(kind.length), value }] : [],
        );
      const answer = await server.post('runs/log-batch', {
        run_id,
        params: of('params.'),
        metrics: of('metrics.').map((metric) => ({ ...metric, timestamp: 1, step: 0 })),
        tags: of('tags.'),
      });
      expect(answer.body).toEqual({});
      return run_id;
    }

    const rows = async (experimentId: string, fields: object = {}) =>
      (await v1('POST', `experiments/${experimentId}/rows`, { columns: [], limit: 100, ...fields })).body;
    const names = (body: Json) => body.rows.map((row: Json) => row.name);

    it('names the columns with the range of each metric, and counts their runs where asked', async () => {
      const experimentId = await anExperiment();
      await aRun(experimentId, 'a', { 'params.p': '1', 'metrics.m': 3, 'tags.t': 'x' });
      await aRun(experimentId, 'b', { 'metrics.m': -1, 'metrics.n': 'NaN', 'metrics.o': 'Infinity' });
      const columns = (await v1('GET', `experiments/${experimentId}/columns`)).body;
      expect(columns).toEqual({
        params: [{ key: 'p' }],
        metrics: [
          { key: 'm', min: -1, max: 3 },
          { key: 'n', min: null, max: null },
          { key: 'o', min: null, max: null },
        ],
        tags: [{ key: 'mlflow.runName' }, { key: 't' }],
        datasets: [],
      });
      const counted = (await v1('GET', `experiments/${experimentId}/columns`, { counted: true })).body;
      expect(counted.metrics.map((metric: Json) => metric.runs)).toEqual([2, 1, 1]);
      expect(counted.tags).toEqual([
        { key: 'mlflow.runName', runs: 2 },
        { key: 't', runs: 1 },
      ]);
    });

    it('gives rows with the cells of the columns asked for, and nothing where a run has nothing', async () => {
      const experimentId = await anExperiment();
      await aRun(experimentId, 'a', { 'params.p': '1', 'metrics.m': 0.5, 'tags.t': 'x' });
      await aRun(experimentId, 'b', { 'metrics.m': 'NaN' });
      const columns = ['metrics.m', 'params.p', 'tags.t', 'params.never.logged'];
      const page = await rows(experimentId, { columns, orderBy: ['start_time ASC'] });
      expect(page.rows.map((row: Json) => row.cells)).toEqual([
        [0.5, '1', 'x', null],
        ['NaN', null, null, null],
      ]);
      expect(page.rows[0]).toMatchObject({ name: 'a', status: 'RUNNING', endTime: null, children: 0, models: [] });
    });

    it('jumps into the middle, and goes on from there by token', async () => {
      const experimentId = await anExperiment();
      for (let i = 0; i < 7; i++) await aRun(experimentId, `run ${i}`, { 'metrics.m': i % 3 });
      const question = { orderBy: ['metrics.m ASC'], limit: 2 };
      const whole = names(await rows(experimentId, { ...question, limit: 100 }));
      const middle = await rows(experimentId, { ...question, offset: 3 });
      const next = await rows(experimentId, { ...question, pageToken: middle.nextPageToken });
      expect([...names(middle), ...names(next)]).toEqual(whole.slice(3, 7));
      expect(next.nextPageToken).toBeNull();
    });

    it('counts the runs that a filter admits, deleted ones apart', async () => {
      const experimentId = await anExperiment();
      const first = await aRun(experimentId, 'a', { 'metrics.m': 1 });
      await aRun(experimentId, 'b', { 'metrics.m': 2 });
      await server.post('runs/delete', { run_id: first });
      const count = async (input: object) => (await v1('POST', `experiments/${experimentId}/count`, input)).body.runs;
      expect(await count({})).toBe(1);
      expect(await count({ filter: 'metrics.m < 2' })).toBe(0);
      expect(await count({ filter: 'metrics.m < 2', deleted: true })).toBe(1);
    });

    it('tells of the nested runs, models and data sets of a run', async () => {
      const experimentId = await anExperiment();
      const parent = await aRun(experimentId, 'parent');
      await aRun(experimentId, 'child', { 'tags.mlflow.parentRunId': parent });
      await aRun(experimentId, 'second child', { 'tags.mlflow.parentRunId': parent });
      await server.post('logged-models', { experiment_id: experimentId, name: 'forest', source_run_id: parent });
      await server.post('runs/log-inputs', {
        run_id: parent,
        datasets: [
          {
            dataset: { name: 'wine', digest: 'abc', source_type: 'local', source: '{}' },
            tags: [{ key: 'mlflow.data.context', value: 'training' }],
          },
        ],
      });
      const page = await rows(experimentId, { filter: 'tags.`mlflow.parentRunId` IS NULL' });
      expect(names(page)).toEqual(['parent']);
      expect(page.rows[0]).toMatchObject({
        children: 2,
        models: [{ name: 'forest' }],
        datasets: [{ name: 'wine', digest: 'abc', role: 'training' }],
      });
      const known = async (input: object) => (await v1('GET', `experiments/${experimentId}/columns`, input)).body;
      expect((await known({})).datasets).toEqual([{ key: 'wine' }]);
      expect((await known({ counted: true })).datasets).toEqual([{ key: 'wine', runs: 1 }]);
      const nested = await rows(experimentId, { filter: `tags.\`mlflow.parentRunId\` = '${parent}'` });
      expect(nested.rows.map((row: Json) => row.parentRunId)).toEqual([parent, parent]);
    });

    it('groups by a param with mean and spread over all runs of the group, finite values alone', async () => {
      const experimentId = await anExperiment();
      for (const m of [1, 2, 3, 'NaN', 'Infinity'])
        await aRun(experimentId, 'rf', { 'params.model': 'rf', 'metrics.m': m });
      await aRun(experimentId, 'svm', { 'params.model': 'svm', 'metrics.m': 10 });
      await aRun(experimentId, 'none', { 'metrics.m': 5 });
      const group = async (input: object) => (await v1('POST', `experiments/${experimentId}/groups`, input)).body;
      const { groups, more } = await group({ by: 'params.model', metrics: ['m', 'never'] });
      const nothing = { runs: 0, mean: null, deviation: null, min: null, max: null };
      expect(groups).toEqual([
        { value: 'rf', runs: 5, metrics: [{ runs: 3, mean: 2, deviation: 1, min: 1, max: 3 }, nothing] },
        { value: 'svm', runs: 1, metrics: [{ runs: 1, mean: 10, deviation: null, min: 10, max: 10 }, nothing] },
        { value: null, runs: 1, metrics: [{ runs: 1, mean: 5, deviation: null, min: 5, max: 5 }, nothing] },
      ]);
      expect(more).toBe(false);
      const largest = await group({ by: 'params.model', metrics: [], filter: "params.model != 'x'", limit: 1 });
      expect(largest).toEqual({ groups: [{ value: 'rf', runs: 5, metrics: [] }], more: true });
    });

    it('sets a tag of, deletes and restores the runs that are named, or all that a query finds', async () => {
      const experimentId = await anExperiment();
      const first = await aRun(experimentId, 'a', { 'metrics.m': 1 });
      await aRun(experimentId, 'b', { 'metrics.m': 2 });
      const tagged = await v1('POST', 'runs/tag', { runIds: [first, first], key: 'best', value: 'yes' });
      expect(tagged.body).toEqual({ runs: 1 });
      expect(names(await rows(experimentId, { filter: "tags.best = 'yes'" }))).toEqual(['a']);
      const query = { experimentId, filter: 'metrics.m > 0' };
      expect((await v1('POST', 'runs/delete', { query })).body).toEqual({ runs: 2 });
      expect(names(await rows(experimentId))).toEqual([]);
      expect((await v1('POST', 'runs/restore', { query: { ...query, deleted: true } })).body).toEqual({ runs: 2 });
      expect(names(await rows(experimentId))).toEqual(['b', 'a']);
      const both = await v1('POST', 'runs/delete', { query, runIds: [first] });
      expect(both).toMatchObject({ status: 400, body: { error_code: 'INVALID_PARAMETER_VALUE' } });
      expect((await v1('POST', 'runs/delete', { runIds: ['f'.repeat(32)] })).status).toBe(404);
    });

    it('finds runs of any experiment by the beginning of an id or a part of a name', async () => {
      const experimentId = await anExperiment();
      const runId = await aRun(experimentId, 'Gewürztraminer 100%_x');
      const find = async (text: string) =>
        (await v1('GET', 'runs/find', { text })).body.runs.map((run: Json) => run.runId);
      expect(await find(runId.slice(0, 12))).toEqual([runId]);
      expect(await find('TRAMINER 100%')).toEqual([runId]);
      expect(await find('no such run')).toEqual([]);
    });

    it('gives many runs at once in the order asked for, without those that do not exist', async () => {
      const experimentId = await anExperiment();
      const [first, second] = [await aRun(experimentId, 'a'), await aRun(experimentId, 'b')];
      const { body } = await v1('POST', 'runs/get', { runIds: [second, 'f'.repeat(32), first] });
      expect(body.runs.map((run: Json) => run.info.run_id)).toEqual([second, first]);
    });

    it('streams the runs as CSV, with quotes where they are needed', async () => {
      const experimentId = await anExperiment();
      for (let i = 0; i < 3; i++) await aRun(experimentId, `run ${i}`, { 'params.p': `a "b",\n${i}`, 'metrics.m': i });
      const url = new URL(`/api/v1/experiments/${experimentId}/runs.csv?orderBy=metrics.m+DESC`, server.url);
      const answer = await fetch(url);
      expect(answer.headers.get('content-type')).toBe('text/csv; charset=utf-8');
      const text = await answer.text();
      expect(text.split('\r\n')[0]).toBe(
        'run_id,run_name,status,start_time,end_time,user,parent_run_id,params.p,metrics.m',
      );
      expect([...text.matchAll(/"a ""b"",\n(\d)",\d\r\n/g)].map((match) => match[1])).toEqual(['2', '1', '0']);
      expect((await fetch(`${url}&filter=nonsense`)).status).toBe(400);
    });

    it.each([
      ['metrics.m > 1 or', { start: 16, end: 16, message: 'The filter ends where a comparison was expected.' }],
      ['metrics.m >> 1', { start: 10, end: 12 }],
      ["params.a = 'x' and banana = 1", { start: 19, end: 25 }],
      ['  ', null],
      ["metrics.m > 1 and (params.a = 'x' or tags.b = 'y')", null],
    ])('checks the filter %j', async (filter, problem) => {
      const { body } = await v1('GET', 'runs/check-filter', { filter });
      if (problem === null) expect(body).toEqual({ problem: null });
      else expect(body.problem).toMatchObject(problem);
    });

    it('lists experiments with the number of their runs and when the last one started', async () => {
      const experimentId = await anExperiment();
      const empty = await anExperiment();
      await aRun(experimentId, 'a');
      const gone = await aRun(experimentId, 'b');
      await server.post('runs/delete', { run_id: gone });
      const { experiments, more } = (await v1('GET', 'experiments')).body;
      const of = (id: string) => experiments.find((experiment: Json) => experiment.experimentId === id);
      expect(of(experimentId)).toMatchObject({ runs: 1 });
      expect(of(experimentId).lastRunTime).toBeGreaterThan(1000);
      expect(of(empty)).toMatchObject({ runs: 0, lastRunTime: null });
      expect(more).toBe(false);
      await server.post('experiments/delete', { experiment_id: experimentId });
      const deleted = (await v1('GET', 'experiments', { deleted: true })).body.experiments;
      expect(deleted.map((experiment: Json) => experiment.experimentId)).toEqual([experimentId]);
    });
  });
});
