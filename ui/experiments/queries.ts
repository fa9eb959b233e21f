import { queryOptions } from '@tanstack/react-query';
import { client } from '../app/api.ts';

/** All experiments, or all deleted ones, with their runs counted. */
export const experimentsQuery = (deleted: boolean) =>
  queryOptions({
    queryKey: ['experiments', 'all', deleted],
    queryFn: ({ signal }) => client.listExperimentActivity({ deleted, signal }),
  });

export const experimentQuery = (id: string) =>
  queryOptions({
    queryKey: ['experiments', 'get', id],
    queryFn: ({ signal }) => client.getExperiment(id, { signal }),
  });
