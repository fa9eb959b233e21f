import type { Dialect } from '../../storage/dialect.ts';
import { all, get, type Insert, insertRows, run, type Tx } from '../../storage/storage.ts';
import type { KeyValue } from '../experiments/wire.ts';
import type { SearchIndex } from './search-index.ts';
import type { RunInfo } from './wire.ts';

export interface RunRow extends RunInfo {
  readonly run_no: number;
}

const runColumns = 'run_no, run_id, exp_id, name, user_id, status, start_time, end_time, deleted, artifact_uri';

export function* findRun(runId: string): Tx<RunRow | undefined> {
  return yield* get<RunRow>(`select ${runColumns} from runs where run_id = ?`, [runId]);
}

export function* findRunNo(runId: string): Tx<number | undefined> {
  return (yield* get<{ run_no: number }>('select run_no from runs where run_id = ?', [runId]))?.run_no;
}

/** What a write to a run must know. Locks the run where writers run side by side. */
export interface RunKey {
  readonly run_no: number;
  readonly exp_id: number;
  readonly deleted: number;
}
export function* lockRun(dialect: Dialect, runId: string): Tx<RunKey | undefined> {
  return yield* get<RunKey>(`select run_no, exp_id, deleted from runs where run_id = ? ${dialect.forUpdate}`, [runId]);
}

export function* listRuns(dialect: Dialect, runNos: readonly number[]): Tx<RunRow[]> {
  return yield* all<RunRow>(`select ${runColumns} from runs where ${dialect.isAnyOf('run_no', runNos)}`, [
    dialect.list(runNos),
  ]);
}

export const runRows = {
  table: 'runs',
  columns: {
    run_no: 'bigint',
    run_id: 'text',
    exp_id: 'bigint',
    name: 'text',
    user_id: 'text',
    status: 'bigint',
    start_time: 'bigint',
    end_time: 'bigint',
    deleted: 'bigint',
    artifact_uri: 'text',
  },
} as const satisfies Insert;

export function* insertRun(row: RunRow): Tx<void> {
  const columns = Object.keys(runRows.columns) as (keyof typeof runRows.columns)[];
  yield* insertRows(runRows, [columns.map((column) => row[column])]);
}

export interface RunChange {
  readonly name?: string | undefined;
  readonly status?: number | undefined;
  readonly endTime?: number | undefined;
}

/** Changes what is given of an active run, leaves the rest, and returns the run as it is then; undefined when there is none. */
export function* updateActiveRun(runId: string, { name, status, endTime }: RunChange): Tx<RunRow | undefined> {
  return yield* get<RunRow>(
    `update runs set name = coalesce(?, name), status = coalesce(?, status), end_time = coalesce(?, end_time)
     where run_id = ? and deleted = 0 returning ${runColumns}`,
    [name ?? null, status ?? null, endTime ?? null, runId],
  );
}

export function* renameRun(runNo: number, name: string): Tx<void> {
  yield* run('update runs set name = ? where run_no = ?', [name, runNo]);
}

export function* setRunDeleted(runNo: number, deleted: boolean): Tx<void> {
  yield* run('update runs set deleted = ? where run_no = ?', [deleted ? 1 : 0, runNo]);
}

const keyed = { run_no: 'bigint', key_id: 'bigint', exp_id: 'bigint', value: 'text', indexed: 'bigint' } as const;
export const paramRows: Insert = { table: 'params', columns: keyed, onConflict: 'on conflict do nothing' };
export const tagRows: Insert = {
  table: 'tags',
  columns: keyed,
  onConflict: 'on conflict (run_no, key_id) do update set value = excluded.value',
};

export type Keyed = readonly [keyId: number, value: string];

/** Inserts params that are not there yet and returns how many were new. */
export function* insertParams(index: SearchIndex, at: RunKey, params: readonly Keyed[]): Tx<number> {
  return yield* insertKeyed(paramRows, index, at, params);
}

export function* paramValues(runNo: number): Tx<Map<number, string>> {
  const rows = yield* all<{ key_id: number; value: string }>('select key_id, value from params where run_no = ?', [
    runNo,
  ]);
  return new Map(rows.map((row) => [row.key_id, row.value]));
}

export function* upsertTags(index: SearchIndex, at: RunKey, tags: readonly Keyed[]): Tx<void> {
  yield* insertKeyed(tagRows, index, at, tags);
}

function* insertKeyed(insert: Insert, index: SearchIndex, at: RunKey, keyed: readonly Keyed[]): Tx<number> {
  const changed = yield* insertRows(
    insert,
    keyed.map(([keyId, value]) => [at.run_no, keyId, at.exp_id, value, index.ofNewRows]),
  );
  if (changed > 0) yield* index.added(at.run_no, changed);
  return changed;
}

export function* findTag(runNo: number, keyId: number): Tx<string | undefined> {
  return (yield* get<KeyValue>('select value from tags where run_no = ? and key_id = ?', [runNo, keyId]))?.value;
}

/** False when there was no such tag. */
export function* deleteTag(runNo: number, keyId: number): Tx<boolean> {
  return (yield* run('delete from tags where run_no = ? and key_id = ?', [runNo, keyId])) > 0;
}
