import type { OrderTerm } from '../../search/keyset.ts';
import { orderBy } from '../../search/keyset.ts';
import type { Sql } from '../../search/where.ts';
import type { Dialect } from '../../storage/dialect.ts';
import { all, get, type Insert, insertRows, run, type Tx } from '../../storage/storage.ts';

/** A registered model as its row holds it. `rmNo` is never used again, unlike the name. */
export interface ModelRow {
  readonly rmNo: number;
  readonly name: string;
  readonly description: string | null;
  readonly creationTime: number;
  readonly lastUpdatedTime: number;
}

export interface Tag {
  readonly key: string;
  readonly value: string;
}

export interface Alias {
  readonly alias: string;
  readonly version: number;
}

const columns = `m.rm_no as "rmNo", m.name as "name", m.description as "description",
  m.creation_time as "creationTime", m.last_updated_time as "lastUpdatedTime"`;

export const findModel = (name: string): Tx<ModelRow | undefined> =>
  get<ModelRow>(`select ${columns} from registered_models m where m.name = ?`, [name]);

/** Models whose name holds `text` in any case, the last changed first. */
export function* modelsHolding(dialect: Dialect, text: string, limit: number): Tx<ModelRow[]> {
  const sql = `select ${columns} from registered_models m where ${dialect.ilike('m.name')}
    order by m.last_updated_time desc, m.rm_no limit ?`;
  const found = yield* all<ModelRow>(sql, [`%${text.replaceAll(/[%_]/g, '_')}%`, limit]);
  return found.filter(({ name }) => name.toLowerCase().includes(text.toLowerCase()));
}

/** Models in the order of `terms`; `where` and `terms` speak of `m`. */
export function searchModels(where: Sql, terms: readonly OrderTerm[], limit: number): Tx<ModelRow[]> {
  const text = `select ${columns} from registered_models m where ${where.text} order by ${orderBy(terms)} limit ?`;
  return all<ModelRow>(text, [...where.params, limit]);
}

/** Locks the model until the end of the transaction; every act on it or its versions begins with one of these. */
export function* lockModel(name: string): Tx<number | undefined> {
  const sql = 'update registered_models set last_version = last_version where name = ? returning rm_no';
  return (yield* get<{ rm_no: number }>(sql, [name]))?.rm_no;
}

/** Like `lockModel`, and moves the time of the last update. */
export function* touchModel(name: string, now: number): Tx<number | undefined> {
  const sql = 'update registered_models set last_updated_time = ? where name = ? returning rm_no';
  return (yield* get<{ rm_no: number }>(sql, [now, name]))?.rm_no;
}

/** Like `touchModel`, and takes the next version number: without a gap, because the lock is held until the commit. */
export const takeVersionNumber = (name: string, now: number): Tx<{ rmNo: number; version: number } | undefined> =>
  get<{ rmNo: number; version: number }>(
    `update registered_models set last_version = last_version + 1, last_updated_time = ? where name = ?
     returning rm_no as "rmNo", last_version as "version"`,
    [now, name],
  );

/**
 * Holds back every other creation and renaming until the end of the transaction, so that a name found free stays free.
 * `nextId('registered_model')` does the same.
 */
export const lockNames = (): Tx<number> => run(`update counters set value = value where name = 'registered_model'`);

/** False when the name is taken. */
export function* insertModel(rmNo: number, name: string, description: string | null, now: number): Tx<boolean> {
  const sql = `insert into registered_models(rm_no, name, description, creation_time, last_updated_time)
    values (?, ?, ?, ?, ?) on conflict do nothing`;
  return (yield* run(sql, [rmNo, name, description, now, now])) === 1;
}

export const setDescription = (rmNo: number, description: string | null): Tx<number> =>
  run('update registered_models set description = ? where rm_no = ?', [description, rmNo]);

export const setName = (rmNo: number, name: string): Tx<number> =>
  run('update registered_models set name = ? where rm_no = ?', [name, rmNo]);

/** Removes the model with its versions, tags and aliases. */
export function* removeModel(rmNo: number): Tx<void> {
  yield* run(
    'delete from model_version_tags where version_no in (select version_no from model_versions where rm_no = ?)',
    [rmNo],
  );
  yield* run('delete from model_versions where rm_no = ?', [rmNo]);
  yield* run('delete from registered_model_aliases where rm_no = ?', [rmNo]);
  yield* run('delete from registered_model_tags where rm_no = ?', [rmNo]);
  yield* run('delete from registered_models where rm_no = ?', [rmNo]);
}

const upsert = 'on conflict (rm_no, key) do update set value = excluded.value';
const tagInsert: Insert = {
  table: 'registered_model_tags',
  columns: { rm_no: 'bigint', key: 'text', value: 'text' },
  onConflict: upsert,
};

/** Sets tags whose keys differ from each other. */
export const setTags = (rmNo: number, tags: readonly Tag[]): Tx<number> =>
  insertRows(
    tagInsert,
    tags.map(({ key, value }) => [rmNo, key, value]),
  );

export const removeTag = (rmNo: number, key: string): Tx<number> =>
  run('delete from registered_model_tags where rm_no = ? and key = ?', [rmNo, key]);

export function* hasTag(rmNo: number, tag: Tag): Tx<boolean> {
  const sql = 'select value from registered_model_tags where rm_no = ? and key = ?';
  return (yield* get<{ value: string }>(sql, [rmNo, tag.key]))?.value === tag.value;
}

export const putAlias = (rmNo: number, alias: string, version: number): Tx<number> =>
  run(
    `insert into registered_model_aliases(rm_no, alias, version) values (?, ?, ?)
     on conflict (rm_no, alias) do update set version = excluded.version`,
    [rmNo, alias, version],
  );

export const removeAlias = (rmNo: number, alias: string): Tx<number> =>
  run('delete from registered_model_aliases where rm_no = ? and alias = ?', [rmNo, alias]);

export const removeAliasesOf = (rmNo: number, version: number): Tx<number> =>
  run('delete from registered_model_aliases where rm_no = ? and version = ?', [rmNo, version]);

export function* aliasedVersion(rmNo: number, alias: string): Tx<number | undefined> {
  const sql = 'select version from registered_model_aliases where rm_no = ? and alias = ?';
  return (yield* get<{ version: number }>(sql, [rmNo, alias]))?.version;
}

/** Tags of several models, by `rmNo`. */
export function* tagsOfModels(dialect: Dialect, rmNos: readonly number[]): Tx<Map<number, Tag[]>> {
  const sql = `select rm_no as "rmNo", key, value from registered_model_tags where ${dialect.isAnyOf('rm_no', rmNos)} order by rm_no, key`;
  const rows = yield* all<Tag & { rmNo: number }>(sql, [dialect.list(rmNos)]);
  return grouped(rows, ({ key, value }) => ({ key, value }));
}

/** Aliases of several models, by `rmNo`. */
export function* aliasesOfModels(dialect: Dialect, rmNos: readonly number[]): Tx<Map<number, Alias[]>> {
  const sql = `select rm_no as "rmNo", alias, version from registered_model_aliases where ${dialect.isAnyOf('rm_no', rmNos)} order by rm_no, alias`;
  const rows = yield* all<Alias & { rmNo: number }>(sql, [dialect.list(rmNos)]);
  return grouped(rows, ({ alias, version }) => ({ alias, version }));
}

function grouped<R extends { rmNo: number }, T>(rows: readonly R[], item: (row: R) => T): Map<number, T[]> {
  const groups = new Map<number, T[]>();
  for (const row of rows) {
    const group = groups.get(row.rmNo);
    if (group === undefined) groups.set(row.rmNo, [item(row)]);
    else group.push(item(row));
  }
  return groups;
}
