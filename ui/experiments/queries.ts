import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query';
import { client, type Experiment, type Run } from '../app/api.ts';
import { nameFilter } from './name-filter.ts';

const pageSize = 100;

/** Experiments whose name holds `text`, newest first, page by page. */
export const experimentsQuery = (text: string) =>
  infiniteQueryOptions({
    queryKey: ['experiments', 'search', text],
    queryFn: ({ pageParam, signal }) =>
      client.searchExperiments({ filter: nameFilter(text), pageSize, signal }).page(pageParam),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.nextPageToken,
  });

export const experimentQuery = (id: string) =>
  queryOptions({
    queryKey: ['experiments', 'get', id],
    queryFn: ({ signal }) => client.getExperiment(id, { signal }),
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
  const ids = experiments.map((experiment) => experiment.experimentId);
  return queryOptions({
    queryKey: ['runs', 'activity', ids],
    queryFn: ({ signal }) => findActivity(ids, signal),
  });
};

async function findActivity(ids: readonly string[], signal: AbortSignal): Promise<Activity> {
  const orderBy = ['attributes.start_time DESC'];
  const newest = await client.searchRuns({ experimentIds: ids, orderBy, pageSize: 50, signal }).page();
  const lastRunTime = new Map<string, number>();
  const note = (run: Run) => {
    if (!lastRunTime.has(run.experimentId)) lastRunTime.set(run.experimentId, run.startTime ?? 0);
  };
  newest.items.forEach(note);
  if (newest.nextPageToken !== undefined) {
    const rest = ids.filter((id) => !lastRunTime.has(id));
    const answers = await Promise.all(
      rest.map((id) => client.searchRuns({ experimentIds: [id], orderBy, pageSize: 1, signal }).page()),
    );
    for (const answer of answers) answer.items.forEach(note);
  }
  return { runs: newest.items, lastRunTime };
}
