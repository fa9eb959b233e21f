import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query';
import { client, type Run } from '../app/api.ts';
import type { Sort } from '../kit/table.tsx';
import { orderBy } from './order.ts';

const pageSize = 100;

/** As MLflow does, the server cuts a longer value of a run's tag. */
export const longestTag = 8000;

/** The runs of an experiment that MLflow's `filter` admits, page by page. */
export const runsQuery = (experimentId: string, filter: string, sort: Sort | undefined) =>
  infiniteQueryOptions({
    queryKey: ['runs', 'search', experimentId, filter, sort],
    queryFn: ({ pageParam, signal }) =>
      client
        .searchRuns({ experimentIds: [experimentId], filter, orderBy: orderBy(sort), pageSize, signal })
        .page(pageParam),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.nextPageToken,
  });

/** One run, asked again every few seconds while it goes on. */
export const runQuery = (id: string) =>
  queryOptions({
    queryKey: ['runs', 'get', id],
    queryFn: ({ signal }) => client.getRun(id, { signal }),
    refetchInterval: ({ state }) => (state.data?.status === 'RUNNING' ? 5_000 : false),
  });

export const modelQuery = (id: string) =>
  queryOptions({
    queryKey: ['logged-models', 'get', id],
    queryFn: ({ signal }) => client.getLoggedModel(id, { signal }),
  });

/** A run's metrics with their last and best values; asked again as often as the run itself. */
export const metricSummaryQuery = ({ runId, status }: Pick<Run, 'runId' | 'status'>) =>
  queryOptions({
    queryKey: ['runs', 'metrics', runId],
    queryFn: ({ signal }) => client.summarizeMetrics(runId, { signal }),
    refetchInterval: status === 'RUNNING' ? 5_000 : false,
  });

/** MLflow's filter for the runs that a run started within itself. */
export const nestedFilter = (runId: string) => `tags.mlflow.parentRunId = '${runId}'`;

export const nestedCountQuery = ({ runId, experimentId, status }: Run) =>
  queryOptions({
    queryKey: ['runs', 'nested', runId],
    queryFn: ({ signal }) => client.countRuns({ experimentId, filter: nestedFilter(runId) }, { signal }),
    refetchInterval: status === 'RUNNING' ? 5_000 : false,
  });

/** The youngest runs of some experiments together. */
export const latestQuery = (experimentIds: readonly string[], most: number) =>
  queryOptions({
    queryKey: ['runs', 'latest', experimentIds, most],
    queryFn: async ({ signal }) => {
      const orderBy = ['attributes.start_time DESC'];
      return (await client.searchRuns({ experimentIds, orderBy, pageSize: most, signal }).page()).items;
    },
  });
