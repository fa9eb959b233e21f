import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query';
import { type Experiment, getExperiment, type Run, searchExperiments, searchRuns } from '../app/api.ts';
import { nameFilter } from './name-filter.ts';

const pageSize = 100;

/** Experiments whose name holds `text`, newest first, page by page. */
export const experimentsQuery = (text: string) =>
  infiniteQueryOptions({
    queryKey: ['experiments', 'search', text],
    queryFn: ({ pageParam, signal }) =>
      searchExperiments({ filter: nameFilter(text), maxResults: pageSize, pageToken: pageParam }, signal),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.nextPageToken,
  });

export const experimentQuery = (id: string) =>
  queryOptions({
    queryKey: ['experiments', 'get', id],
    queryFn: ({ signal }) => getExperiment(id, signal),
  });

export interface Activity {
  /** The newest runs of all the experiments together. */
  readonly runs: readonly Run[];
  /** The start of each experiment's newest run; an experiment without runs is absent. */
  readonly lastRunTime: ReadonlyMap<string, number>;
}

/**
 * What happened last in these experiments. One search of the newest runs answers for most; an experiment that it does
 * not reach is asked about by itself.
 */
export const activityQuery = (experiments: readonly Experiment[]) => {
  const ids = experiments.map((experiment) => experiment.id);
  return queryOptions({
    queryKey: ['runs', 'activity', ids],
    queryFn: ({ signal }) => findActivity(ids, signal),
  });
};

async function findActivity(ids: readonly string[], signal: AbortSignal): Promise<Activity> {
  const orderBy = ['attributes.start_time DESC'];
  const newest = await searchRuns({ experimentIds: ids, orderBy, maxResults: 50 }, signal);
  const lastRunTime = new Map<string, number>();
  const note = (run: Run) => {
    if (!lastRunTime.has(run.experimentId)) lastRunTime.set(run.experimentId, run.startTime ?? 0);
  };
  newest.items.forEach(note);
  if (newest.nextPageToken !== undefined) {
    const rest = ids.filter((id) => !lastRunTime.has(id));
    const answers = await Promise.all(
      rest.map((id) => searchRuns({ experimentIds: [id], orderBy, maxResults: 1 }, signal)),
    );
    for (const answer of answers) answer.items.forEach(note);
  }
  return { runs: newest.items, lastRunTime };
}
