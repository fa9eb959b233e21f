import { queryOptions } from '@tanstack/react-query';
import { client } from '../app/api.ts';

const refreshMs = 10_000;

/** Every service in every environment. */
export const statusQuery = () =>
  queryOptions({
    queryKey: ['environments', 'status'],
    queryFn: async ({ signal }) => (await client.getStatus({ signal })).slots,
    refetchInterval: refreshMs,
  });

/** Who answers for the services now. */
export const deploymentsQuery = () =>
  queryOptions({
    queryKey: ['environments', 'deployments'],
    queryFn: ({ signal }) => client.listDeployments({ signal }),
    refetchInterval: refreshMs,
  });
