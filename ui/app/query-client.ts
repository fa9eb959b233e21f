import { QueryClient } from '@tanstack/react-query';

export const createQueryClient = () =>
  // The client repeats what is worth repeating.
  new QueryClient({ defaultOptions: { queries: { staleTime: 5_000, retry: false } } });
