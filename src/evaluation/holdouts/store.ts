import { all, get, run, type Tx } from '../../storage/storage.ts';
import type { Task } from './holdout.ts';

/** A version as its row holds it. */
export interface VersionRow {
  readonly holdoutVersionNo: number;
  readonly name: string;
  readonly version: number;
  readonly digest: string;
  readonly target: string;
  readonly task: Task;
  readonly rows: number;
  readonly columnCount: number;
  readonly sizeBytes: number;
  readonly storePath: string;
  readonly uploadedBy: string;
  readonly uploadedTime: number;
}

const columns = `v.holdout_version_no as "holdoutVersionNo", h.name as "name", v.version as "version", v.digest as "digest",
  v.target as "target", v.task as "task", v.row_count as "rows", v.column_count as "columnCount",
  v.size_bytes as "sizeBytes", v.store_path as "storePath", v.uploaded_by as "uploadedBy", v.uploaded_time as "uploadedTime"`;
const from = 'from holdout_versions v join holdouts h on h.holdout_no = v.holdout_no';

export const findVersion = (name: string, version: number): Tx<VersionRow | undefined> =>
  get<VersionRow>(`select ${columns} ${from} where h.name = ? and v.version = ?`, [name, version]);

export const findVersionByNo = (holdoutVersionNo: number): Tx<VersionRow | undefined> =>
  get<VersionRow>(`select ${columns} ${from} where v.holdout_version_no = ?`, [holdoutVersionNo]);

export const findLatestVersion = (name: string): Tx<VersionRow | undefined> =>
  get<VersionRow>(`select ${columns} ${from} where h.name = ? and v.version = h.last_version`, [name]);

/** Newest first. */
export const versionsOf = (name: string): Tx<VersionRow[]> =>
  all<VersionRow>(`select ${columns} ${from} where h.name = ? order by v.version desc`, [name]);

/** The latest version of every holdout, by name. */
export const latestVersions = (): Tx<VersionRow[]> =>
  all<VersionRow>(`select ${columns} ${from} where v.version = h.last_version order by h.name`);

/** The JSON text that describes the rows of a version. */
export function* descriptionOf(holdoutVersionNo: number): Tx<string | undefined> {
  const sql = 'select description from holdout_versions where holdout_version_no = ?';
  return (yield* get<{ description: string }>(sql, [holdoutVersionNo]))?.description;
}

/** Locks the holdout of that name until the end of the transaction; false when there is none. */
export function* lockHoldout(name: string): Tx<number | undefined> {
  const sql = 'update holdouts set last_version = last_version where name = ? returning holdout_no';
  return (yield* get<{ holdout_no: number }>(sql, [name]))?.holdout_no;
}

export const insertHoldout = (holdoutNo: number, name: string, now: number): Tx<number> =>
  run('insert into holdouts(holdout_no, name, creation_time) values (?, ?, ?) on conflict do nothing', [
    holdoutNo,
    name,
    now,
  ]);

export const findByDigest = (holdoutNo: number, digest: string): Tx<VersionRow | undefined> =>
  get<VersionRow>(`select ${columns} ${from} where v.holdout_no = ? and v.digest = ?`, [holdoutNo, digest]);

/** Takes the next version number of a locked holdout. */
export function* takeVersion(holdoutNo: number): Tx<number> {
  const sql = 'update holdouts set last_version = last_version + 1 where holdout_no = ? returning last_version';
  return (yield* get<{ last_version: number }>(sql, [holdoutNo]))!.last_version;
}

export interface NewVersion extends Omit<VersionRow, 'name'> {
  readonly holdoutNo: number;
  readonly description: string;
}

export const insertVersion = (row: NewVersion): Tx<number> =>
  run(
    `insert into holdout_versions(holdout_version_no, holdout_no, version, digest, target, task, row_count, column_count,
       size_bytes, store_path, description, uploaded_by, uploaded_time)
     values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    [
      row.holdoutVersionNo,
      row.holdoutNo,
      row.version,
      row.digest,
      row.target,
      row.task,
      row.rows,
      row.columnCount,
      row.sizeBytes,
      row.storePath,
      row.description,
      row.uploadedBy,
      row.uploadedTime,
    ],
  );
