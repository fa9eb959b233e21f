import { beforeAll, describe, expect, it } from 'vitest';
import { type Json, withServer } from '../../../test/support/app.ts';
import { onEveryEngine } from '../../../test/support/stores.ts';

/** More than are read at once, on the event loop or beside it. */
const count = 12_003;

interface LoggedPoint {
  readonly key: string;
  readonly value: number | 'NaN';
  readonly timestamp: number;
  readonly step: number;
}

onEveryEngine((engine) => {
  describe('a long history', () => {
    const { get, post } = withServer(engine);
    const odd: LoggedPoint['value'][] = ['NaN', 1e21, 1e-7, 0.1 + 0.2, -0, 5e-324, Number.MAX_VALUE, -1 / 3];

    /** Three points a step, two of them at the same time. */
    const ascending = Array.from(
      { length: count },
      (_, i): LoggedPoint => ({
        key: 'größe: m/s',
        value: odd[i] ?? i / 7,
        timestamp: 1_700_000_000_000 + Math.floor(i / 3) * 10 + (i % 3 === 2 ? 1 : 0),
        step: Math.floor(i / 3),
      }),
    );
    /** The same points with a time that goes back. */
    const shuffled = ascending.map((point, i) => ({ ...point, key: 'shuffled', timestamp: (i * 7919) % count }));
    const number = (point: LoggedPoint) => (point.value === 'NaN' ? 0 : point.value);
    const byTime = (a: LoggedPoint, b: LoggedPoint) =>
      a.timestamp - b.timestamp || a.step - b.step || number(a) - number(b);
    const shown = (points: LoggedPoint[]) =>
      points.toSorted(byTime).map(({ key, value, timestamp, step }) => ({
        key,
        value: value === 'NaN' ? value : value + 0,
        timestamp,
        step,
      }));

    let runId = '';
    beforeAll(async () => {
      runId = (await post('runs/create', { experiment_id: '0' })).body.run.info.run_id;
      for (const points of [ascending, shuffled])
        for (let i = 0; i < count; i += 1000)
          await post('runs/log-batch', { run_id: runId, metrics: points.slice(i, i + 1000) });
    });

    async function pagesOf(key: string, pageSize: number | undefined, run = runId, between = async () => {}) {
      const pages: Json[][] = [];
      let token: string | undefined;
      do {
        if (token !== undefined) await between();
        const { body } = await get('metrics/get-history', {
          run_id: run,
          metric_key: key,
          ...(pageSize !== undefined && { max_results: pageSize }),
          ...(token !== undefined && { page_token: token }),
        });
        pages.push(body.metrics);
        token = body.next_page_token;
      } while (token !== undefined);
      return pages;
    }

    it.each([
      ['größe: m/s', ascending],
      ['shuffled', shuffled],
    ])('is read whole and by pages of any size: %s', async (key, points) => {
      const expected = shown(points);
      expect(await pagesOf(key, undefined)).toEqual([expected]);
      for (const size of [1999, 5000, 5001, 10_001, count - 1, count, count + 1]) {
        const pages = await pagesOf(key, size);
        expect(pages.flat()).toEqual(expected);
        expect(pages.map((page) => page.length)).toEqual(
          Array.from({ length: Math.ceil(count / size) }, (_, i) => Math.min(size, count - i * size)),
        );
      }
    });

    it.each([
      ['in order', ascending],
      ['out of order', shuffled],
    ])('has in its next pages what was logged since the last one: %s', async (_, points) => {
      const run = (await post('runs/create', { experiment_id: '0' })).body.run.info.run_id;
      for (let i = 0; i < count; i += 1000)
        await post('runs/log-batch', { run_id: run, metrics: points.slice(i, i + 1000) });
      const inOrder = shown(points);
      const late = [6500, 11_999].map((i) => ({ ...(inOrder[i] as LoggedPoint), value: 1e9 + i }));
      const waiting = [...late];
      const pages = await pagesOf(points[0]!.key, 6000, run, async () => {
        const point = waiting.shift();
        if (point !== undefined) await post('runs/log-metric', { run_id: run, ...point });
      });
      expect(pages.flat()).toEqual(shown([...points, ...late]));
    });

    it('refuses a token that holds no place in it', async () => {
      const about = { run_id: runId, metric_key: 'shuffled', max_results: 10 };
      const token: string = (await get('metrics/get-history', about)).body.next_page_token;
      const [digest, ...position] = JSON.parse(Buffer.from(token, 'base64url').toString());
      for (const forged of [[], position.slice(1), [...position, 1], ['x', ...position.slice(1)]]) {
        const page_token = Buffer.from(JSON.stringify([digest, ...forged])).toString('base64url');
        const { status, body } = await get('metrics/get-history', { ...about, page_token });
        expect([status, body.error_code]).toEqual([400, 'INVALID_PARAMETER_VALUE']);
      }
    });

    it('is cut to the limit when read together with others', async () => {
      const other = (await post('runs/create', { experiment_id: '0' })).body.run.info.run_id;
      await post('runs/log-batch', { run_id: other, metrics: ascending.slice(0, 10) });
      const [first, second] = [runId, other].sort();
      const read = async (limit: number) =>
        (
          await get('/ajax-api/2.0/mlflow/metrics/get-history-bulk', {
            run_id: [runId, other],
            metric_key: 'größe: m/s',
            max_results: limit,
          })
        ).body.metrics;
      const ofRun = (id: string | undefined) =>
        shown(ascending.slice(0, id === other ? 10 : count)).map((point) => ({ ...point, run_id: id }));
      const all = [...ofRun(first), ...ofRun(second)];
      for (const limit of [5, 11, 9000, 25_000]) expect(await read(limit)).toEqual(all.slice(0, limit));
    });
  });
});
