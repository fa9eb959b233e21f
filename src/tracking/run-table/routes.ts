import { Readable } from 'node:stream';
import { create as contentDisposition } from 'content-disposition';
import { endpoint } from '../../http/api.ts';
import { list, message, str } from '../../http/message.ts';
import { type Call, JsonText, queryOf, type Route, raw } from '../../http/route.ts';
import { findFilterProblem } from '../../search/filter.ts';
import { runGrammar } from '../../search/grammar.ts';
import type { ExperimentsService } from '../experiments/service.ts';
import type { BulkChanges } from './bulk.ts';
import { runsAsCsv } from './csv.ts';
import type { RunTable } from './service.ts';
import * as wire from './wire.ts';

export interface RunTableRoutesDeps {
  readonly table: RunTable;
  readonly bulk: BulkChanges;
  readonly experiments: ExperimentsService;
}

const groupsByDefault = 200;

export function runTableRoutes({ table, bulk, experiments }: RunTableRoutesDeps): Route[] {
  const path = wire.experimentPath;
  return [
    endpoint(
      'GET',
      '/experiments/:experimentId/columns',
      {
        summary: 'The names under which the runs of an experiment logged something.',
        tag: 'runs',
        path,
        input: wire.columnsInput,
        reply: wire.columnsReply,
      },
      ({ path: { experimentId }, input }) => table.columns(experimentId, input.counted === true),
    ),
    endpoint(
      'POST',
      '/experiments/:experimentId/rows',
      {
        summary: 'One page of the runs of an experiment, with the values of chosen columns.',
        tag: 'runs',
        path,
        input: wire.rowsInput,
        reply: wire.rowsReply,
      },
      ({ path: { experimentId }, input }) => table.rows({ ...input, experimentId }),
    ),
    endpoint(
      'POST',
      '/experiments/:experimentId/count',
      {
        summary: 'How many runs of an experiment a filter admits.',
        tag: 'runs',
        path,
        input: wire.countInput,
        reply: wire.countReply,
      },
      async ({ path: { experimentId }, input }) => ({ runs: await table.count({ ...input, experimentId }) }),
    ),
    endpoint(
      'POST',
      '/experiments/:experimentId/groups',
      {
        summary: 'Runs grouped by a param or tag, with mean and spread of metrics over all runs of each group.',
        tag: 'runs',
        path,
        input: wire.groupsInput,
        reply: wire.groupsReply,
      },
      ({ path: { experimentId }, input }) =>
        table.groups({
          experimentId,
          filter: input.filter,
          deleted: input.deleted === true,
          by: input.by,
          metrics: input.metrics,
          limit: input.limit ?? groupsByDefault,
        }),
    ),
    endpoint(
      'POST',
      '/runs/tag',
      { summary: 'Sets a tag of many runs.', tag: 'runs', input: wire.tagInput, reply: wire.countReply },
      async ({ input: { key, value, ...selection } }) => ({ runs: await bulk.setTag(selection, { key, value }) }),
    ),
    endpoint(
      'POST',
      '/runs/delete',
      {
        summary: 'Deletes many runs, so that they can be restored.',
        tag: 'runs',
        input: wire.selectionInput,
        reply: wire.countReply,
      },
      async ({ input }) => ({ runs: await bulk.delete(input) }),
    ),
    endpoint(
      'POST',
      '/runs/restore',
      { summary: 'Restores many deleted runs.', tag: 'runs', input: wire.selectionInput, reply: wire.countReply },
      async ({ input }) => ({ runs: await bulk.restore(input) }),
    ),
    endpoint(
      'GET',
      '/runs/find',
      {
        summary: 'A few runs of any experiment by the beginning of their id or a part of their name.',
        tag: 'runs',
        input: wire.findInput,
        reply: wire.findReply,
      },
      async ({ input }) => ({ runs: await table.find(input.text) }),
    ),
    endpoint(
      'POST',
      '/runs/get',
      {
        summary: "Many runs at once, each as in MLflow's runs/get; those that do not exist are left out.",
        tag: 'runs',
        input: wire.documentsInput,
        reply: wire.documentsReply,
      },
      async ({ input }) => new JsonText(`{"runs":[${(await table.documents(input.runIds)).join(',')}]}`),
    ),
    endpoint(
      'GET',
      '/runs/check-filter',
      {
        summary: 'Whether a filter of runs can be read, or where it cannot and what was expected there.',
        tag: 'runs',
        input: wire.checkInput,
        reply: wire.checkReply,
      },
      ({ input }) => ({ problem: findFilterProblem(input.filter, runGrammar) ?? null }),
    ),
    raw('GET', '/experiments/:experimentId/runs.csv', sendCsv, { prefix: 'v1' }),
  ];

  async function sendCsv(call: Call) {
    const {
      reply,
      path: { experimentId = '' },
    } = call;
    const input = csvQuery.fromQuery(queryOf(call));
    const { name } = await experiments.get(experimentId);
    const query = { experimentId, filter: input.filter, orderBy: input.orderBy, deleted: input.deleted === 'true' };
    const lines = runsAsCsv(table, query, input.columns.length === 0 ? undefined : input.columns);
    // The first lines are made before the head is sent, so that a bad query is still refused with its status.
    const first = await lines.next();
    reply
      .header('content-type', 'text/csv; charset=utf-8')
      .header('content-disposition', contentDisposition(`${name.split('/').pop() || 'runs'}.csv`));
    return reply.send(Readable.from(withFirst(first.value ?? '', lines)));
  }
}

const csvQuery = message({ filter: str(), orderBy: list(str()), columns: list(str()), deleted: str() });

async function* withFirst(first: string, rest: AsyncIterable<string>): AsyncGenerator<string> {
  yield first;
  yield* rest;
}
