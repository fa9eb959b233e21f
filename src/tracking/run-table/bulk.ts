import { invalid } from '../../errors.ts';
import type { KeyValue } from '../experiments/wire.ts';
import type { LogService } from '../runs/log.ts';
import type { RunsService } from '../runs/service.ts';
import type { RunQuery, RunTable } from './service.ts';

export interface BulkDeps {
  readonly table: RunTable;
  readonly runs: RunsService;
  readonly log: LogService;
}

/** Which runs: those that are named, or all that a query finds. */
export interface Selection {
  readonly runIds?: readonly string[] | undefined;
  readonly query?: RunQuery | undefined;
}

/** Runs changed in one transaction: a few milliseconds, then others get their turn. */
const slice = 50;
const idsOfPage = 5000;

/**
 * Changes many runs. Every run is changed whole or not at all, but not all of them together: after a failure a repeat
 * does the rest. Each verb answers with how many runs there were. RESOURCE_DOES_NOT_EXIST when a named run is not there.
 */
export function bulkChanges({ table, runs, log }: BulkDeps) {
  async function idsOf({ runIds, query }: Selection): Promise<readonly string[]> {
    if ((runIds === undefined) === (query === undefined))
      throw invalid("Expected either 'runIds' or 'query' to say which runs are meant.");
    if (query === undefined) return [...new Set(runIds)];
    // All ids first: what is changed here may leave the query.
    const found: string[] = [];
    let pageToken: string | undefined;
    do {
      const page = await table.ids(query, idsOfPage, pageToken);
      found.push(...page.runIds);
      pageToken = page.nextPageToken;
    } while (pageToken !== undefined);
    return found;
  }

  async function each(selection: Selection, change: (runId: string) => Promise<void>): Promise<number> {
    const ids = await idsOf(selection);
    for (let i = 0; i < ids.length; i += slice) await Promise.all(ids.slice(i, i + slice).map(change));
    return ids.length;
  }

  return {
    setTag: (selection: Selection, tag: KeyValue) => each(selection, (runId) => log.setTag(runId, tag)),
    delete: (selection: Selection) => each(selection, (runId) => runs.delete(runId)),
    restore: (selection: Selection) => each(selection, (runId) => runs.restore(runId)),
  };
}

export type BulkChanges = ReturnType<typeof bulkChanges>;
