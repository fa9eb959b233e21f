/** Which runs of a table are picked: some by their ids, or all that its query finds. */
export type Picks = 'all' | ReadonlySet<string>;

/** More than these do not fit in an address. */
export const mostPicks = 200;

export const picksFromUrl = (text: string): Picks =>
  text === 'all' ? 'all' : new Set(text === '' ? [] : text.split(','));

export const picksToUrl = (picks: Picks): string => (picks === 'all' ? 'all' : [...picks].join(','));

/** With a run more or less. From "all" one run cannot be taken, so the others in sight stay. */
export function withPick(picks: Picks, runId: string, on: boolean, inSight: readonly string[]): Picks {
  const next = new Set(picks === 'all' ? inSight.slice(0, mostPicks) : picks);
  if (!on) next.delete(runId);
  else if (next.size < mostPicks) next.add(runId);
  return next;
}
