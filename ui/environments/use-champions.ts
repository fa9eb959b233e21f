import { useQuery } from '@tanstack/react-query';
import { type Champions, championsOf } from './champions.ts';
import { statusQuery } from './queries.ts';

const unknown = championsOf([]);

/** Which models are champions, as far as it is known: nobody waits for it, and where it fails nothing is marked. */
export function useChampions(): Champions {
  return useQuery({ ...statusQuery(), select: championsOf }).data ?? unknown;
}
