import { expect, test } from 'vitest';
import { withScriptedServer } from '../../test/support/scripted-server.ts';
import { createClient } from './cellar-client.ts';

const aRun = (id: string) => ({ info: { run_id: id, experiment_id: '1', status: 'FINISHED' } });
const book: Readonly<Record<string, object>> = {
  first: { runs: [aRun('a'), aRun('b')], next_page_token: 'second' },
  second: { runs: [], next_page_token: 'third' },
  third: { runs: [aRun('c')], next_page_token: '' },
};

test('a search reads on through its pages, also through an empty one', () =>
  withScriptedServer(
    ({ body }) => ({ body: book[body.page_token ?? 'first'] }),
    async ({ url, asked }) => {
      const found = createClient({ trackingUri: url }).searchRuns({ experimentIds: ['1'], pageSize: 2 });
      const ids: string[] = [];
      for await (const run of found) ids.push(run.runId);
      expect(ids).toEqual(['a', 'b', 'c']);
      expect(asked.map(({ body }) => [body.page_token, body.max_results])).toEqual([
        [undefined, 2],
        ['second', 2],
        ['third', 2],
      ]);
    },
  ));

test('pages that nobody reads are not asked for', () =>
  withScriptedServer(
    ({ body }) => ({ body: book[body.page_token ?? 'first'] }),
    async ({ url, asked }) => {
      const found = createClient({ trackingUri: url }).searchRuns({ experimentIds: ['1'] });
      expect(asked).toHaveLength(0);
      for await (const run of found) if (run.runId === 'b') break;
      expect(asked).toHaveLength(1);
    },
  ));

test('one page can be asked for by its token', () =>
  withScriptedServer(
    ({ body }) => ({ body: book[body.page_token ?? 'first'] }),
    async ({ url }) => {
      const page = await createClient({ trackingUri: url })
        .searchRuns({ experimentIds: ['1'] })
        .page('third');
      expect(page.items.map(({ runId }) => runId)).toEqual(['c']);
      expect(page.nextPageToken).toBeUndefined();
    },
  ));

test('a server that leads in a circle is told, not followed', () =>
  withScriptedServer(
    () => ({ body: { metrics: [], next_page_token: 'again' } }),
    async ({ url, asked }) => {
      await expect(createClient({ trackingUri: url }).getMetricHistory('r', 'm').all()).rejects.toThrow(
        'same page token twice',
      );
      expect(asked).toHaveLength(2);
    },
  ));
