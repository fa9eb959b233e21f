import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query';
import { type ArtifactOwner, client } from '../app/api.ts';
import type { Sort } from '../kit/table.tsx';
import { orderBy } from './order.ts';

const pageSize = 100;

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

/** One folder of a run's or a model's files. */
export const filesQuery = (owner: ArtifactOwner, folder: string) =>
  queryOptions({
    queryKey: ['files', owner, folder],
    queryFn: ({ signal }) => client.listArtifacts(owner, folder === '' ? undefined : folder, { signal }),
  });
