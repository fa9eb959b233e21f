import { QueryClient } from '@tanstack/react-query';
import { ApiError } from './api.ts';

/** Only a server that did not answer is asked again: its refusals would come back the same. */
const worthRepeating = (error: Error) => error instanceof ApiError && error.code === 'NO_ANSWER';

export const createQueryClient = () =>
  new QueryClient({
    defaultOptions: {
      queries: { staleTime: 5_000, retry: (failures, error) => failures < 2 && worthRepeating(error) },
    },
  });
