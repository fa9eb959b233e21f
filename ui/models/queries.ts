import { infiniteQueryOptions, keepPreviousData, queryOptions } from '@tanstack/react-query';
import { client, type ModelVersion } from '../app/api.ts';
import { nameFilter } from '../app/name-filter.ts';

const quoted = (text: string) => {
  const quote = text.includes("'") ? '"' : "'";
  return `${quote}${text}${quote}`;
};

const pageSize = 100;

/** Registered models whose name holds `text`, the last changed first, page by page. */
export const modelsQuery = (text: string) =>
  infiniteQueryOptions({
    queryKey: ['models', 'search', text],
    queryFn: ({ pageParam, signal }) =>
      client
        .searchRegisteredModels({
          filter: nameFilter(text),
          orderBy: ['last_updated_timestamp DESC'],
          pageSize,
          signal,
        })
        .page(pageParam),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.nextPageToken,
  });

export const modelQuery = (name: string) =>
  queryOptions({
    queryKey: ['models', 'get', name],
    queryFn: ({ signal }) => client.getRegisteredModel(name, { signal }),
  });

/** The versions of a model, the newest first, page by page. */
export const versionsQuery = (name: string) =>
  infiniteQueryOptions({
    queryKey: ['models', 'versions', name],
    queryFn: ({ pageParam, signal }) =>
      client
        .searchModelVersions({ filter: `name = ${quoted(name)}`, orderBy: ['version_number DESC'], pageSize, signal })
        .page(pageParam),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.nextPageToken,
  });

export const versionQuery = (name: string, version: string) =>
  queryOptions({
    queryKey: ['models', 'version', name, version],
    queryFn: ({ signal }) => client.getModelVersion(name, version, { signal }),
  });

/** What versions score on the holdouts that environments pin now. */
export const scoresQuery = (versions: readonly Pick<ModelVersion, 'name' | 'version'>[]) => {
  const asked = versions
    .slice(0, 1000)
    .map(({ name, version }) => ({ registeredModel: name, version: Number(version) }));
  return queryOptions({
    queryKey: ['models', 'scores', asked],
    queryFn: ({ signal }) => client.listScores(asked, { signal }),
    placeholderData: keepPreviousData,
    enabled: asked.length > 0,
  });
};

/** Runs that versions came from; those that are gone are left out. */
export const sourceRunsQuery = (runIds: readonly string[]) =>
  queryOptions({
    queryKey: ['runs', 'get many', runIds],
    queryFn: ({ signal }) => client.getRuns(runIds.slice(0, 200), { signal }),
    enabled: runIds.length > 0,
  });
