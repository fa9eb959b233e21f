import type { Sql } from '../../search/where.ts';
import type { Dialect } from '../../storage/dialect.ts';
import { all, type Tx, values } from '../../storage/storage.ts';
import { rowsToSearch } from '../runs/search-index.ts';

/** What a run has under names that people choose. */
export type Kind = 'params' | 'metrics' | 'tags';

/**
 * Latest values beyond this stay out of ranges, means and spreads: an infinity is stored as the largest number, and the
 * square of such a number is none.
 */
const beyond = 1e150;

const tables: Readonly<Record<Kind, string>> = { params: 'params', metrics: 'latest_metrics', tags: 'tags' };

/**
 * The ids of the keys that an experiment's runs use, deleted runs included: one step in the search index for each key,
 * however many runs there are. `indexed` is what `SearchIndex.catchUp` said.
 */
const usedKeys = (kind: Kind, indexed: boolean) => {
  const from = `from ${tables[kind]} where ${rowsToSearch(indexed)} and exp_id = ?`;
  return `with recursive used(key_id) as (
    select min(key_id) ${from}
    union all
    select (select min(key_id) ${from} and key_id > used.key_id) from used where used.key_id is not null)`;
};

export function* listKeyIds(expId: number, kind: 'params' | 'tags', indexed: boolean): Tx<number[]> {
  const rows = yield* values<[number]>(`${usedKeys(kind, indexed)} select key_id from used where key_id is not null`, [
    expId,
    expId,
  ]);
  return rows.map(([keyId]) => keyId);
}

export interface MetricRange {
  readonly keyId: number;
  /** The smallest and the largest latest value within what can be summed up; null when there is none. */
  readonly min: number | null;
  readonly max: number | null;
}

export function* listMetricRanges(expId: number, indexed: boolean): Tx<MetricRange[]> {
  const end = (which: 'min' | 'max') =>
    `(select ${which}(m.value) from latest_metrics m where m.${rowsToSearch(indexed)} and m.exp_id = ? and m.key_id = used.key_id and m.is_nan = 0
      and m.value > ? and m.value < ?)`;
  const bounds = [expId, -beyond, beyond];
  const rows = yield* values<[number, number | null, number | null]>(
    `${usedKeys('metrics', indexed)} select used.key_id, ${end('min')}, ${end('max')} from used where used.key_id is not null`,
    [expId, expId, ...bounds, ...bounds],
  );
  return rows.map(([keyId, min, max]) => ({ keyId, min, max }));
}

/** How many runs have each key: walks the whole index of the experiment. */
export function* countRunsByKey(expId: number, kind: Kind, indexed: boolean): Tx<Map<number, number>> {
  const rows = yield* values<[number, number]>(
    `select key_id, count(*) from ${tables[kind]} where ${rowsToSearch(indexed)} and exp_id = ? group by key_id`,
    [expId],
  );
  return new Map(rows);
}

/** The names of the data sets of an experiment in their order: one step in the index for each. */
export function* listDatasetNames(expId: number): Tx<string[]> {
  const from = 'from datasets where exp_id = ?';
  const rows = yield* values<[string]>(
    `with recursive used(name) as (
       select min(name) ${from}
       union all
       select (select min(name) ${from} and name > used.name) from used where used.name is not null)
     select name from used where name is not null`,
    [expId, expId],
  );
  return rows.map(([name]) => name);
}

/** How many runs used a data set of each name: walks all that the experiment's runs used. */
export function* countRunsByDataset(expId: number): Tx<Map<string, number>> {
  const rows = yield* values<[string, number]>(
    `select d.name, count(distinct r.run_no) from datasets d join run_datasets r on r.dataset_no = d.dataset_no
     where d.exp_id = ? group by d.name`,
    [expId],
  );
  return new Map(rows);
}

export interface TableRun {
  readonly run_no: number;
  readonly run_id: string;
  readonly name: string;
  readonly user_id: string;
  readonly status: number;
  readonly start_time: number;
  readonly end_time: number | null;
  readonly deleted: number;
}

export function* listTableRuns(dialect: Dialect, runNos: readonly number[]): Tx<Map<number, TableRun>> {
  const rows = yield* all<TableRun>(
    `select run_no, run_id, name, user_id, status, start_time, end_time, deleted from runs
     where ${dialect.isAnyOf('run_no', runNos)}`,
    [dialect.list(runNos)],
  );
  return new Map(rows.map((row) => [row.run_no, row]));
}

export type Cell = readonly [runNo: number, keyId: number, value: string | number];

/** The values of some keys of some runs; a NaN comes as the number. */
export function* listCells(
  dialect: Dialect,
  kind: Kind,
  runNos: readonly number[],
  keyIds: readonly number[],
): Tx<Cell[]> {
  if (runNos.length === 0 || keyIds.length === 0) return [];
  const isNan = kind === 'metrics' ? 'is_nan' : '0';
  const rows = yield* values<[number, number, string | number, number]>(
    `select run_no, key_id, value, ${isNan} from ${tables[kind]}
     where ${dialect.isAnyOf('run_no', runNos)} and ${dialect.isAnyOf('key_id', keyIds)}`,
    [dialect.list(runNos), dialect.list(keyIds)],
  );
  return rows.map(([runNo, keyId, value, nan]) => [runNo, keyId, nan === 1 ? Number.NaN : value]);
}

/** How many runs of the experiment name each of these ids in the tag `keyId`. */
export function* countTagged(
  dialect: Dialect,
  expId: number,
  keyId: number,
  ids: readonly string[],
  indexed: boolean,
): Tx<Map<string, number>> {
  if (ids.length === 0) return new Map();
  const value = dialect.indexable('value');
  const rows = yield* values<[string, number]>(
    `select ${value}, count(*) from tags where ${rowsToSearch(indexed)} and exp_id = ? and key_id = ? and ${dialect.isAnyOf(value, ids)} group by ${value}`,
    [expId, keyId, dialect.list(ids)],
  );
  return new Map(rows);
}

export function* listModels(
  dialect: Dialect,
  runIds: readonly string[],
): Tx<{ runId: string; modelId: string; name: string }[]> {
  if (runIds.length === 0) return [];
  return yield* all(
    `select source_run_id as "runId", model_id as "modelId", name from logged_models
     where ${dialect.isAnyOf('source_run_id', runIds)} and deleted = 0 order by model_no`,
    [dialect.list(runIds)],
  );
}

export function* listDatasets(
  dialect: Dialect,
  runNos: readonly number[],
): Tx<{ runNo: number; name: string; digest: string; role: string | null }[]> {
  if (runNos.length === 0) return [];
  return yield* all(
    `select rd.run_no as "runNo", d.name, d.digest, t.value as role
     from run_datasets rd join datasets d on d.dataset_no = rd.dataset_no
     left join run_dataset_tags t on t.run_no = rd.run_no and t.dataset_no = rd.dataset_no and t.key = 'mlflow.data.context'
     where ${dialect.isAnyOf('rd.run_no', runNos)} order by rd.run_no, rd.position`,
    [dialect.list(runNos)],
  );
}

export interface GroupRow {
  readonly value: string | null;
  readonly runs: number;
}

const grouped = (kind: 'params' | 'tags') =>
  `runs r left join ${tables[kind]} g on g.run_no = r.run_no and g.key_id = ?`;

/** The runs that `where` admits by the value of a key, the largest groups first. */
export function* listGroups(kind: 'params' | 'tags', keyId: number, where: Sql, limit: number): Tx<GroupRow[]> {
  return yield* all<GroupRow>(
    `select g.value as value, count(*) as runs from ${grouped(kind)} where ${where.text}
     group by g.value order by count(*) desc, case when g.value is null then 1 else 0 end, g.value limit ?`,
    [keyId, ...where.params, limit],
  );
}

export interface Spread {
  readonly value: string | null;
  readonly keyId: number;
  /** Runs of the group with a finite value. */
  readonly runs: number;
  readonly min: number;
  readonly max: number;
  readonly mean: number;
  /** The sum of the squared distances from the mean. */
  readonly squares: number;
}

/** Mean and spread of metrics in each of `groups`, over all their runs with a value within what can be summed up. */
export function* listSpreads(
  dialect: Dialect,
  kind: 'params' | 'tags',
  keyId: number,
  where: Sql,
  groups: readonly (string | null)[],
  metricIds: readonly number[],
): Tx<Spread[]> {
  if (groups.length === 0 || metricIds.length === 0) return [];
  const named = groups.filter((value) => value !== null);
  const wanted = [
    ...(named.length > 0 ? [dialect.isAnyOf('g.value', named)] : []),
    ...(named.length < groups.length ? ['g.value is null'] : []),
  ].join(' or ');
  return yield* all<Spread>(
    `with scored as (
       select g.value as grp, m.key_id, m.value, avg(m.value) over (partition by g.value, m.key_id) as mean
       from ${grouped(kind)}
       join latest_metrics m on m.run_no = r.run_no and ${dialect.isAnyOf('m.key_id', metricIds)}
         and m.is_nan = 0 and m.value > ? and m.value < ?
       where ${where.text} and (${wanted}))
     select grp as value, key_id as "keyId", count(*) as runs, min(value) as min, max(value) as max, avg(value) as mean,
       sum((value - mean) * (value - mean)) as squares
     from scored group by grp, key_id`,
    [
      keyId,
      dialect.list(metricIds),
      -beyond,
      beyond,
      ...where.params,
      ...(named.length > 0 ? [dialect.list(named)] : []),
    ],
  );
}

export interface FoundRun {
  readonly runId: string;
  readonly name: string;
  readonly experimentId: number;
  readonly experimentName: string;
  readonly status: number;
  readonly startTime: number;
}

/** Runs whose id begins with `text` or whose name holds it in any case, the newest first. */
export function* findRunsByText(dialect: Dialect, text: string, limit: number): Tx<FoundRun[]> {
  const select = `select r.run_id as "runId", r.name, r.exp_id as "experimentId", e.name as "experimentName", r.status,
    r.start_time as "startTime" from runs r join experiments e on e.exp_id = r.exp_id`;
  const byId = yield* all<FoundRun>(`${select} where r.run_id >= ? and r.run_id < ? order by r.run_id limit ?`, [
    text,
    `${text}\u{10ffff}`,
    limit,
  ]);
  const pattern = `%${text.replaceAll(/[%_]/g, '_')}%`;
  const byName = yield* all<FoundRun>(
    `${select} where r.deleted = 0 and ${dialect.ilike('r.name')} order by r.run_no desc limit ?`,
    [pattern, limit],
  );
  const ids = new Set(byId.map((run) => run.runId));
  return [...byId, ...byName.filter((run) => !ids.has(run.runId))].slice(0, limit);
}

export function* listRunIds(dialect: Dialect, runNos: readonly number[]): Tx<string[]> {
  if (runNos.length === 0) return [];
  const rows = yield* values<[number, string]>(
    `select run_no, run_id from runs where ${dialect.isAnyOf('run_no', runNos)}`,
    [dialect.list(runNos)],
  );
  const byNo = new Map(rows);
  return runNos.flatMap((runNo) => byNo.get(runNo) ?? []);
}

export function* listRunNos(dialect: Dialect, runIds: readonly string[]): Tx<number[]> {
  if (runIds.length === 0) return [];
  const rows = yield* values<[string, number]>(
    `select run_id, run_no from runs where ${dialect.isAnyOf('run_id', runIds)}`,
    [dialect.list(runIds)],
  );
  const byId = new Map(rows);
  return runIds.flatMap((runId) => byId.get(runId) ?? []);
}
