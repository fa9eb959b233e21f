import type { OrderTerm } from '../../search/keyset.ts';
import { orderBy } from '../../search/keyset.ts';
import type { Sql } from '../../search/where.ts';
import type { Dialect } from '../../storage/dialect.ts';
import { all, get, type Insert, insertRows, run, type Tx, values } from '../../storage/storage.ts';
import { type Alias, aliasesOfModels, type Tag } from '../registered-models/store.ts';
import type { Stage } from '../stage.ts';

/** A model version as its row holds it. `versionNo` is never used again, unlike (name, version). */
export interface VersionRow {
  readonly versionNo: number;
  readonly rmNo: number;
  readonly name: string;
  readonly version: number;
  readonly stage: Stage;
  readonly description: string | null;
  readonly source: string;
  readonly storageLocation: string;
  readonly runId: string;
  readonly runLink: string;
  readonly modelId: string | null;
  readonly status: string;
  readonly statusMessage: string | null;
  readonly creationTime: number;
  readonly lastUpdatedTime: number;
}

/** A model version with what hangs on it. */
export interface ModelVersion extends VersionRow {
  readonly tags: readonly Tag[];
  readonly aliases: readonly string[];
}

const columns = `v.version_no, v.rm_no, m.name, v.version, v.stage, v.description, v.source, v.storage_location, v.run_id,
  v.run_link, v.model_id, v.status, v.status_message, v.creation_time, v.last_updated_time`;

/** The values of `columns`. Rows are read as arrays: as objects a page of versions takes twice as long. */
type VersionValues = readonly [
  versionNo: number,
  rmNo: number,
  name: string,
  version: number,
  stage: Stage,
  description: string | null,
  source: string,
  storageLocation: string,
  runId: string,
  runLink: string,
  modelId: string | null,
  status: string,
  statusMessage: string | null,
  creationTime: number,
  lastUpdatedTime: number,
];

const versionOf = (row: VersionValues | readonly [...VersionValues, number]): VersionRow => ({
  versionNo: row[0],
  rmNo: row[1],
  name: row[2],
  version: row[3],
  stage: row[4],
  description: row[5],
  source: row[6],
  storageLocation: row[7],
  runId: row[8],
  runLink: row[9],
  modelId: row[10],
  status: row[11],
  statusMessage: row[12],
  creationTime: row[13],
  lastUpdatedTime: row[14],
});

function* versionsBy(sql: string, params: readonly unknown[]): Tx<VersionRow[]> {
  return (yield* values<VersionValues>(`select ${columns} ${sql}`, params)).map(versionOf);
}

export function* findVersion(name: string, version: number): Tx<VersionRow | undefined> {
  const sql = `from registered_models m join model_versions v on v.rm_no = m.rm_no and v.version = ? and v.deleted = 0
    where m.name = ?`;
  return (yield* versionsBy(sql, [version, name]))[0];
}

/** The version with the highest number. */
export function* findHighest(name: string): Tx<VersionRow | undefined> {
  const sql = `from registered_models m join model_versions v on v.rm_no = m.rm_no and v.deleted = 0
    where m.name = ? order by v.version desc limit 1`;
  return (yield* versionsBy(sql, [name]))[0];
}

export function* findByAlias(name: string, alias: string): Tx<VersionRow | undefined> {
  const sql = `from registered_models m
    join registered_model_aliases a on a.rm_no = m.rm_no and a.alias = ?
    join model_versions v on v.rm_no = m.rm_no and v.version = a.version and v.deleted = 0 where m.name = ?`;
  return (yield* versionsBy(sql, [alias, name]))[0];
}

/** Versions by their internal ids, the deleted among them. */
export function* versionsByNo(
  dialect: Dialect,
  versionNos: readonly number[],
): Tx<Map<number, VersionRow & { readonly deleted: boolean }>> {
  const sql = `select ${columns}, v.deleted from model_versions v join registered_models m on m.rm_no = v.rm_no
    where ${dialect.isAnyOf('v.version_no', versionNos)}`;
  const rows = yield* values<[...VersionValues, number]>(sql, [dialect.list(versionNos)]);
  return new Map(rows.map((row) => [row[0], { ...versionOf(row), deleted: row[15] === 1 }]));
}

/** All versions of the models with these names that are not deleted. */
export function* versionsOfModels(dialect: Dialect, names: readonly string[]): Tx<VersionRow[]> {
  const sql = `from registered_models m ${dialect.forcedJoin} model_versions v on v.rm_no = m.rm_no and v.deleted = 0
    where ${dialect.isAnyOf('m.name', names)} order by v.version_no`;
  return yield* versionsBy(sql, [dialect.list(names)]);
}

/** The internal ids of the versions of these models that carry one of `stages`. */
export function* versionsInStages(dialect: Dialect, rmNos: readonly number[], stages: readonly Stage[]): Tx<number[]> {
  const sql = `select version_no from model_versions
    where deleted = 0 and ${dialect.isAnyOf('rm_no', rmNos)} and ${dialect.isAnyOf('stage', stages)} order by version_no`;
  return (yield* values<[number]>(sql, [dialect.list(rmNos), dialect.list(stages)])).map(([versionNo]) => versionNo);
}

/** The versions that came from one of these runs or logged models. */
export function* versionsFrom(
  dialect: Dialect,
  runIds: readonly string[],
  modelIds: readonly string[],
): Tx<VersionRow[]> {
  const sql = `from model_versions v join registered_models m on m.rm_no = v.rm_no where v.deleted = 0 and
    (${dialect.isAnyOf('v.run_id', runIds)} or ${dialect.isAnyOf('v.model_id', modelIds)})`;
  return yield* versionsBy(sql, [dialect.list(runIds), dialect.list(modelIds)]);
}

/** Those of `modelIds` (logged models) that a version was registered from. */
export function* modelsBehindVersions(dialect: Dialect, modelIds: readonly string[]): Tx<Set<string>> {
  const sql = `select model_id from model_versions where deleted = 0 and ${dialect.isAnyOf('model_id', modelIds)}`;
  return new Set((yield* values<[string]>(sql, [dialect.list(modelIds)])).map(([modelId]) => modelId));
}

/** The tags under `names` of versions, by `versionNo`. */
export function* tagsUnder(
  dialect: Dialect,
  versionNos: readonly number[],
  names: readonly string[],
): Tx<Map<number, ReadonlyMap<string, string>>> {
  const sql = `select version_no, key, value from model_version_tags
    where ${dialect.isAnyOf('version_no', versionNos)} and ${dialect.isAnyOf('key', names)}`;
  const rows = yield* values<[number, string, string]>(sql, [dialect.list(versionNos), dialect.list(names)]);
  const tags = new Map<number, Map<string, string>>();
  for (const [versionNo, key, value] of rows) {
    const group = tags.get(versionNo);
    if (group === undefined) tags.set(versionNo, new Map([[key, value]]));
    else group.set(key, value);
  }
  return tags;
}

/**
 * The highest version of each of `stages` in the models that `where` picks: one step in the index for each stage,
 * however many versions the model has.
 */
function latest(dialect: Dialect, stages: readonly Stage[], where: string): string {
  const names = stages.map((stage) => `select '${stage}' as stage`).join(' union all ');
  return `from registered_models m cross join (${names}) s
    ${dialect.forcedJoin} model_versions v on v.version_no = (select x.version_no from model_versions x
      where x.rm_no = m.rm_no and x.deleted = 0 and x.stage = s.stage order by x.version desc limit 1)
    where ${where}`;
}

const byVersion = (a: VersionRow, b: VersionRow) => a.version - b.version;

export function* latestVersions(dialect: Dialect, name: string, stages: readonly Stage[]): Tx<VersionRow[]> {
  const rows = yield* versionsBy(latest(dialect, stages, 'm.name = ?'), [name]);
  return rows.sort(byVersion);
}

export function* latestVersionsOf(
  dialect: Dialect,
  rmNos: readonly number[],
  stages: readonly Stage[],
): Tx<VersionRow[]> {
  const rows = yield* versionsBy(latest(dialect, stages, dialect.isAnyOf('m.rm_no', rmNos)), [dialect.list(rmNos)]);
  return rows.sort(byVersion);
}

export interface VersionSearch {
  /** Speaks, as `terms`, of `v` and of `m`, its model. */
  readonly where: Sql;
  readonly terms: readonly OrderTerm[];
  readonly limit: number;
  /** `where` leaves few rows: find those and sort them, instead of walking the versions in their order. */
  readonly narrow: boolean;
}

/** Versions that are not deleted. */
export function searchVersions({ where, terms, limit, narrow }: VersionSearch): Tx<VersionRow[]> {
  // The `+ 0` keeps both planners from the indexes that begin with `deleted`, which hold every version there is.
  const there = narrow ? 'v.deleted + 0 = 0' : 'v.deleted = 0';
  const text = `from model_versions v join registered_models m on m.rm_no = v.rm_no
    where ${there} and ${where.text} order by ${orderBy(terms)} limit ?`;
  return versionsBy(text, [...where.params, limit]);
}

export interface NewVersion {
  readonly versionNo: number;
  readonly rmNo: number;
  readonly version: number;
  readonly description: string;
  readonly source: string;
  readonly storageLocation: string;
  readonly runId: string;
  readonly runLink: string;
  readonly modelId: string | null;
}

export const insertVersion = (row: NewVersion, stage: Stage, now: number): Tx<number> =>
  run(
    `insert into model_versions(version_no, rm_no, version, stage, description, source, storage_location, run_id, run_link,
       model_id, status, creation_time, last_updated_time) values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 'READY', ?, ?)`,
    [
      row.versionNo,
      row.rmNo,
      row.version,
      stage,
      row.description,
      row.source,
      row.storageLocation,
      row.runId,
      row.runLink,
      row.modelId,
      now,
      now,
    ],
  );

/** The internal id of a version that is there. */
export function* versionNoOf(rmNo: number, version: number): Tx<number | undefined> {
  const sql = 'select version_no from model_versions where rm_no = ? and version = ? and deleted = 0';
  return (yield* get<{ version_no: number }>(sql, [rmNo, version]))?.version_no;
}

export const setDescription = (versionNo: number, description: string | null, now: number): Tx<number> =>
  run('update model_versions set description = ?, last_updated_time = ? where version_no = ?', [
    description,
    now,
    versionNo,
  ]);

export const setStage = (versionNo: number, stage: Stage, now: number): Tx<number> =>
  run('update model_versions set stage = ?, last_updated_time = ? where version_no = ?', [stage, now, versionNo]);

/** Archives all that hold `stage` except one. */
export const archiveOthers = (rmNo: number, stage: Stage, versionNo: number, now: number): Tx<number> =>
  run(
    `update model_versions set stage = 'Archived', last_updated_time = ?
     where rm_no = ? and deleted = 0 and stage = ? and version_no <> ?`,
    [now, rmNo, stage, versionNo],
  );

export const touchVersionsOf = (rmNo: number, now: number): Tx<number> =>
  run('update model_versions set last_updated_time = ? where rm_no = ? and deleted = 0', [now, rmNo]);

/** Hides a version for ever and forgets what it said; the row stays, because its number is not given out again. */
export function* redactVersion(versionNo: number, now: number): Tx<void> {
  yield* run('delete from model_version_tags where version_no = ?', [versionNo]);
  yield* run(
    `update model_versions set deleted = 1, last_updated_time = ?, description = null, source = '', storage_location = '',
       run_id = '', run_link = '', model_id = null, status_message = null where version_no = ?`,
    [now, versionNo],
  );
}

const tagInsert: Insert = {
  table: 'model_version_tags',
  columns: { version_no: 'bigint', key: 'text', value: 'text' },
  onConflict: 'on conflict (version_no, key) do update set value = excluded.value',
};

/** Sets tags whose keys differ from each other. */
export const setTags = (versionNo: number, tags: readonly Tag[]): Tx<number> =>
  insertRows(
    tagInsert,
    tags.map(({ key, value }) => [versionNo, key, value]),
  );

export const removeTag = (versionNo: number, key: string): Tx<number> =>
  run('delete from model_version_tags where version_no = ? and key = ?', [versionNo, key]);

/** Tags of several versions, by `versionNo`. */
function* tagsOfVersions(dialect: Dialect, versionNos: readonly number[]): Tx<Map<number, Tag[]>> {
  const sql = `select version_no as "versionNo", key, value from model_version_tags where ${dialect.isAnyOf('version_no', versionNos)} order by version_no, key`;
  const tags = new Map<number, Tag[]>();
  for (const { versionNo, key, value } of yield* all<Tag & { versionNo: number }>(sql, [dialect.list(versionNos)])) {
    const group = tags.get(versionNo);
    if (group === undefined) tags.set(versionNo, [{ key, value }]);
    else group.push({ key, value });
  }
  return tags;
}

/** The versions with their tags, and with their aliases out of those of their models. */
export function* complete(
  dialect: Dialect,
  rows: readonly VersionRow[],
  aliasesOfModel: ReadonlyMap<number, readonly Alias[]>,
): Tx<ModelVersion[]> {
  if (rows.length === 0) return [];
  const tags = yield* tagsOfVersions(
    dialect,
    rows.map((row) => row.versionNo),
  );
  return rows.map((row) => ({
    ...row,
    tags: tags.get(row.versionNo) ?? [],
    aliases: (aliasesOfModel.get(row.rmNo) ?? []).filter((a) => a.version === row.version).map((a) => a.alias),
  }));
}

/** As `complete`, and reads the aliases. */
export function* completeWithAliases(dialect: Dialect, rows: readonly VersionRow[]): Tx<ModelVersion[]> {
  const rmNos = [...new Set(rows.map((row) => row.rmNo))];
  return yield* complete(dialect, rows, yield* aliasesOfModels(dialect, rmNos));
}
