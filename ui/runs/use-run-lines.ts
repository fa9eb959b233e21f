import { useQueries, useQuery } from '@tanstack/react-query';
import type { RunQuery, RunRow } from '../app/api.ts';
import { countQuery, nestedQuery, pageSize, rowsQuery } from './table-queries.ts';
import { type Lines, linesOf } from './tree.ts';
import { type Sight, useSight } from './use-sight.ts';

interface Asked {
  readonly query: RunQuery;
  /** Columns that the server fills. */
  readonly columns: readonly string[];
  /** Runs whose nested runs are shown. */
  readonly open: ReadonlySet<string>;
  readonly live: boolean;
}

interface RunLines {
  readonly lines: Lines;
  readonly rows: readonly RunRow[];
  /** How many runs there are in all, where the server has counted them. */
  readonly total: number | undefined;
  readonly isPending: boolean;
  readonly isStale: boolean;
  readonly error: Error | null;
  readonly onSight: (first: number, last: number) => void;
}

/** The lines of the runs table: pages that are in sight are fetched, and fetched again while it is live. */
export function useRunLines({ query, columns, open, live }: Asked): RunLines {
  // Pages, not rows: a row more or less in sight changes nothing.
  const [sight, look] = useSight();
  const count = useQuery(countQuery(query, live));
  const pages = pagesFor(sight, count.data);
  const results = useQueries({ queries: pages.map((page) => rowsQuery(query, columns, page, live)) });
  const opened = [...open];
  const nested = useQueries({ queries: opened.map((runId) => nestedQuery(query, columns, runId, live)) });

  const loaded = new Map<number, RunRow>();
  for (const [i, page] of pages.entries())
    for (const [j, row] of (results[i]?.data?.rows ?? []).entries()) loaded.set(page * pageSize + j, row);
  const beyond = results.some(({ data }) => data !== undefined && data.nextPageToken !== null);
  const known = Math.max(-1, ...loaded.keys()) + 1;
  // Until the server has counted, the table is as long as what is known of it.
  const roots = count.data ?? known + (beyond ? 1 : 0);
  const lines = linesOf({
    roots,
    rootAt: (index) => loaded.get(index),
    loaded: loaded.keys(),
    isOpen: (runId) => open.has(runId),
    childrenOf: (runId) => nested[opened.indexOf(runId)]?.data,
  });

  const [first] = results;
  return {
    lines,
    rows: [...loaded.values()],
    total: count.data,
    // Further down, a page that is on its way leaves its lines blank.
    isPending: pages[0] === 0 && (first?.isPending ?? true),
    isStale: results.some((result) => result.isPlaceholderData),
    error: results.find((result) => result.error !== null)?.error ?? null,
    onSight: (from, to) => look([pageOf(lines.rootOf(from)), pageOf(lines.rootOf(to))]),
  };
}

const pageOf = (row: number) => Math.floor(row / pageSize);

function pagesFor([first, last]: Sight, total: number | undefined): number[] {
  const end = total === undefined ? last : Math.min(last, pageOf(Math.max(0, total - 1)));
  const pages: number[] = [];
  for (let page = first; page <= end; page++) pages.push(page);
  return pages.length === 0 ? [0] : pages;
}
