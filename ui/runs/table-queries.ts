import { queryOptions } from '@tanstack/react-query';
import { client, type RunQuery } from '../app/api.ts';

export const pageSize = 100;
const refreshMs = 5_000;

/** The names that the runs of an experiment use. */
export const columnsQuery = (experimentId: string) =>
  queryOptions({
    queryKey: ['runs', 'columns', experimentId],
    queryFn: ({ signal }) => client.listRunColumns(experimentId, { signal }),
    staleTime: 30_000,
  });

/** As `columnsQuery`, with the number of runs of each name. */
export const countedColumnsQuery = (experimentId: string) =>
  queryOptions({
    queryKey: ['runs', 'columns', experimentId, 'counted'],
    queryFn: ({ signal }) => client.listRunColumns(experimentId, { counted: true, signal }),
    staleTime: 30_000,
  });

export const countQuery = ({ experimentId, filter, deleted }: RunQuery, live: boolean) =>
  queryOptions({
    queryKey: ['runs', 'count', experimentId, filter, deleted],
    queryFn: ({ signal }) => client.countRuns({ experimentId, filter, deleted }, { signal }),
    refetchInterval: live ? refreshMs : false,
  });

const pageKey = (query: RunQuery, columns: readonly string[], page: number) =>
  ['runs', 'rows', query, columns, page] as const;

/** One page of the table: from the token of the page before where that is known, else by jumping there. */
export const rowsQuery = (query: RunQuery, columns: readonly string[], page: number, live: boolean) =>
  queryOptions({
    queryKey: pageKey(query, columns, page),
    queryFn: ({ client: cache, signal }) => {
      const before = cache.getQueryData<{ nextPageToken: string | null }>(pageKey(query, columns, page - 1));
      const from = before?.nextPageToken ? { pageToken: before.nextPageToken } : { offset: page * pageSize };
      return client.listRunRows({ ...query, columns, limit: pageSize, ...from }, { signal });
    },
    // The rows of an earlier question stand, page for page, until the new ones are there.
    placeholderData: (previous, asked) => (asked?.queryKey[4] === page ? previous : undefined),
    refetchInterval: live ? refreshMs : false,
  });

const mostNested = 500;

/** The runs nested in a run. */
export const nestedQuery = (query: RunQuery, columns: readonly string[], runId: string, live: boolean) =>
  queryOptions({
    queryKey: ['runs', 'nested', query.experimentId, query.orderBy, columns, runId],
    queryFn: async ({ signal }) => {
      const filter = `tags.\`mlflow.parentRunId\` = '${runId}'`;
      const { rows } = await client.listRunRows({ ...query, filter, columns, limit: mostNested }, { signal });
      return rows;
    },
    refetchInterval: live ? refreshMs : false,
  });

/** Groups of runs, with mean and spread of metrics. */
export const groupsQuery = (
  { experimentId, filter, deleted }: RunQuery,
  by: string,
  metrics: readonly string[],
  live: boolean,
) =>
  queryOptions({
    queryKey: ['runs', 'groups', experimentId, filter, deleted, by, metrics],
    queryFn: ({ signal }) => client.groupRuns({ experimentId, filter, deleted, by, metrics }, { signal }),
    refetchInterval: live ? refreshMs : false,
  });

/** The most frequent values of a param or tag. */
export const valuesQuery = (experimentId: string, column: string) =>
  queryOptions({
    queryKey: ['runs', 'values', experimentId, column],
    queryFn: async ({ signal }) => {
      const { groups } = await client.groupRuns({ experimentId, by: column, metrics: [], limit: 50 }, { signal });
      return groups.flatMap(({ value }) => value ?? []);
    },
    staleTime: 30_000,
  });

/** What keeps a filter from being read. */
export const filterProblemQuery = (filter: string) =>
  queryOptions({
    queryKey: ['runs', 'check', filter],
    queryFn: async ({ signal }) => (await client.checkRunFilter(filter, { signal })) ?? null,
    staleTime: Number.POSITIVE_INFINITY,
  });

/** Versions that were registered from these runs. */
export const versionsOfRunsQuery = (runIds: readonly string[]) =>
  queryOptions({
    queryKey: ['models', 'versions of runs', runIds],
    queryFn: async ({ signal }) => {
      const filter = `run_id IN (${runIds.map((id) => `'${id}'`).join(', ')})`;
      return (await client.searchModelVersions({ filter, pageSize: 200, signal }).page()).items;
    },
    enabled: runIds.length > 0,
    staleTime: 30_000,
  });
