import { keepPreviousData, queryOptions } from '@tanstack/react-query';
import { client } from '../app/api.ts';

const liveMs = 5_000;

/** Runs by their ids, in that order; asked again while one of them goes on. */
export const runsByIdQuery = (runIds: readonly string[]) =>
  queryOptions({
    queryKey: ['runs', 'by id', runIds],
    queryFn: ({ signal }) => client.getRuns(runIds, { signal }),
    placeholderData: keepPreviousData,
    refetchInterval: ({ state }) => (state.data?.some(({ status }) => status === 'RUNNING') === true ? liveMs : false),
  });

/** Runs of any experiment whose name holds `text` or whose id begins with it. */
export const findRunsQuery = (text: string) =>
  queryOptions({
    queryKey: ['runs', 'find', text],
    queryFn: ({ signal }) => client.findRuns(text, { signal }),
    enabled: text !== '',
    placeholderData: keepPreviousData,
  });
