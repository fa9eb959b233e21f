import { describe, expect, it } from 'vitest';
import { type Json, withServer } from '../../../test/support/app.ts';
import { onEveryEngine } from '../../../test/support/stores.ts';

let unique = 0;
const fresh = (name: string) => `${name} ${++unique}`;

onEveryEngine((engine) => {
  describe('run search', () => {
    const server = withServer(engine);
    const { post } = server;

    const anExperiment = async () =>
      String((await post('experiments/create', { name: fresh('experiment') })).body.experiment_id);
    const aRun = async (experimentId = '0', fields: object = {}) =>
      String((await post('runs/create', { experiment_id: experimentId, ...fields })).body.run.info.run_id);
    const metric = (key: string, value: unknown, step = 0, timestamp = 1) => ({ key, value, step, timestamp });
    const search = async (experimentId: string, fields: object = {}) =>
      (await post('runs/search', { experiment_ids: [experimentId], ...fields })).body;
    /** Every run of a search, a few a page. */
    const paged = async (experimentId: string, fields: object, size: number) => {
      const found: string[] = [];
      let token: unknown;
      do {
        const body = await search(experimentId, { ...fields, max_results: size, page_token: token });
        found.push(...ids(body));
        token = body.next_page_token;
      } while (token !== undefined);
      return found;
    };
    const ids = (body: Json) => (body.runs ?? []).map((run: Json) => String(run.info.run_id));

    const values = [0.9, 'NaN', 0.5, 0.7, undefined, 0.7];
    const setUp = async () => {
      const experimentId = await anExperiment();
      const runIds: string[] = [];
      for (const [i, value] of values.entries()) {
        const tags = i % 2 === 0 ? [{ key: 'even', value: `yes ${i}` }] : [];
        const runId = await aRun(experimentId, { start_time: 1000 + i, run_name: `run ${i}`, tags });
        if (value !== undefined) await post('runs/log-metric', { run_id: runId, ...metric('f1', value) });
        await post('runs/log-parameter', { run_id: runId, key: 'n', value: String(i % 3) });
        runIds.push(runId);
      }
      return { experimentId, runIds };
    };

    it('orders by a metric: values, then NaN, then missing, in both directions, the younger run first', async () => {
      const { experimentId, runIds } = await setUp();
      const order = async (item: string) =>
        ids(await search(experimentId, { order_by: [item] })).map((id: string) => runIds.indexOf(id));
      expect(await order('metrics.f1 DESC')).toEqual([0, 5, 3, 2, 1, 4]);
      expect(await order('metrics.f1 ASC')).toEqual([2, 5, 3, 0, 1, 4]);
      expect(await order('tags.even')).toEqual([0, 2, 4, 5, 3, 1]);
      expect(await order('tags.even DESC')).toEqual([4, 2, 0, 5, 3, 1]);
      expect(await order('start_time')).toEqual([0, 1, 2, 3, 4, 5]);
      expect(await order('params.n DESC')).toEqual([5, 2, 4, 1, 3, 0]);
      expect(await order('run_name desc')).toEqual([5, 4, 3, 2, 1, 0]);
      expect(await order('metrics.never_logged')).toEqual([5, 4, 3, 2, 1, 0]);
    });

    it.each([
      [['metrics.f1 DESC']],
      [['metrics.f1 ASC', 'params.n']],
      [['params.n', 'metrics.f1']],
      [['end_time', 'tags.even DESC']],
      [['status', 'run_id DESC']],
      [[]],
    ])('turns pages without repeating or losing a run, ordered by %j', async (orderBy) => {
      const { experimentId } = await setUp();
      const whole = ids(await search(experimentId, { order_by: orderBy }));
      for (const size of [1, 2, 4]) expect(await paged(experimentId, { order_by: orderBy }, size)).toEqual(whole);
      expect(whole).toHaveLength(values.length);
    });

    it.each([
      ['metrics.f1 > 0.6', [0, 3, 5]],
      ['metrics.f1 != 0.7', [0, 1, 2]],
      ['metrics.f1 <= 0.7 and params.n = "0"', [3]],
      ["params.n = '1' or tags.even LIKE 'yes %'", [0, 1, 2, 4]],
      ["(params.n = '1' or params.n = '2') and metrics.f1 = 0.7", [5]],
      ["tags.even != 'yes 2'", [0, 4]],
      ["tags.even ILIKE 'YES %'", [0, 2, 4]],
      ['tags.even IS NULL', [1, 3, 5]],
      ["attributes.run_name = 'run 3'", [3]],
      ["attributes.status = 'running' and start_time > 1003", [4, 5]],
      ['params.unheard_of IS NULL and metrics.f1 = 0.5', [2]],
      ["params.unheard_of = 'x'", []],
    ])('finds by %s', async (filter, expected) => {
      const { experimentId, runIds } = await setUp();
      for (const orderBy of [[], ['metrics.f1'], ['metrics.other DESC']]) {
        const found = ids(await search(experimentId, { filter, order_by: orderBy }));
        expect(found.map((id: string) => runIds.indexOf(id)).sort()).toEqual(expected);
        // Small pages are worth a walk among the runs that a condition admits.
        expect(await paged(experimentId, { filter, order_by: orderBy }, 1)).toEqual(found);
      }
    });

    it.each([
      ["tags.side = 'left'", (i: number) => i % 2 === 0],
      ["params.third = '0' and tags.side = 'right'", (i: number) => i % 2 === 1 && i % 3 === 0],
      ["metrics.f1 < 30 and tags.side = 'left'", (i: number) => i % 2 === 0 && i < 30],
    ])('walks a metric where %s holds for many runs', async (filter, admits) => {
      const experimentId = await anExperiment();
      const runIds: string[] = [];
      for (let i = 0; i < 40; i++) {
        const tags = [{ key: 'side', value: i === 7 ? 'left' : i % 2 === 0 ? 'left' : 'right' }];
        const runId = await aRun(experimentId, { start_time: 1000 + ((i * 17) % 40), tags });
        await post('runs/log-metric', { run_id: runId, ...metric('f1', i) });
        await post('runs/log-parameter', { run_id: runId, key: 'third', value: String(i % 3) });
        runIds.push(runId);
      }
      const expected = runIds.filter((_, i) => admits(i)).reverse();
      const question = { filter, order_by: ['metrics.f1 DESC'] };
      await paged(experimentId, question, 1);
      await post('runs/set-tag', { run_id: runIds[7]!, key: 'side', value: 'right' });
      expect(await paged(experimentId, question, 1)).toEqual(expected);
    });

    it('merges experiments and lifecycle stages into one order', async () => {
      const first = await setUp();
      const second = await setUp();
      await post('runs/delete', { run_id: second.runIds[0]! });
      const question = {
        experiment_ids: [first.experimentId, second.experimentId, '999999'],
        run_view_type: 'ALL',
        order_by: ['metrics.f1 DESC', 'run_id'],
        max_results: 3,
      };
      const { body } = await post('runs/search', question);
      const best = [first.runIds[0]!, second.runIds[0]!].sort();
      const next = [first.runIds[3]!, first.runIds[5]!, second.runIds[3]!, second.runIds[5]!].sort();
      expect(ids(body)).toEqual([...best, next[0]]);
      const page = await post('runs/search', { ...question, page_token: body.next_page_token });
      expect(ids(page.body)).toEqual(next.slice(1));
      const active = await post('runs/search', { ...question, run_view_type: 'ACTIVE_ONLY', max_results: 100 });
      expect(ids(active.body)).not.toContain(second.runIds[0]);
    });

    it('refuses a token of another search, and what is no token', async () => {
      const { experimentId } = await setUp();
      const { body } = await post('runs/search', { experiment_ids: [experimentId], max_results: 1 });
      const other = await post('runs/search', {
        experiment_ids: [experimentId],
        filter: 'metrics.f1 > 0',
        page_token: body.next_page_token,
      });
      const garbage = await post('runs/search', { experiment_ids: [experimentId], page_token: '@@@' });
      for (const refused of [other, garbage])
        expect(refused).toMatchObject({ status: 400, body: { error_code: 'INVALID_PARAMETER_VALUE' } });
    });

    it('refuses a token with a position that no page can end at', async () => {
      const { experimentId } = await setUp();
      const orders = [[], ['metrics.f1'], ['tags.even', 'end_time DESC'], ['status', 'run_name', 'start_time']];
      for (const order_by of orders) {
        const question = { experiment_ids: [experimentId], order_by, max_results: 1 };
        const { body } = await post('runs/search', question);
        const [digest, ...position] = JSON.parse(Buffer.from(body.next_page_token, 'base64url').toString());
        const forged = [[], position.slice(1), [...position, 1], [null, ...position.slice(1)]];
        position.forEach((value: unknown, i: number) => {
          const others = typeof value === 'string' ? [1, 'a\0', '\ud800'] : ['x', 0.5, 1e300];
          // A score may be any of these numbers.
          for (const other of order_by[0] === 'metrics.f1' && i === 1 ? ['x'] : others)
            if (value !== null) forged.push(position.with(i, other));
        });
        for (const made of forged) {
          const page_token = Buffer.from(JSON.stringify([digest, ...made])).toString('base64url');
          const refused = await post('runs/search', { ...question, page_token });
          expect(refused, JSON.stringify(made)).toMatchObject({
            status: 400,
            body: { error_code: 'INVALID_PARAMETER_VALUE' },
          });
        }
      }
    });
  });
});
