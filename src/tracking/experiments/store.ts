import { groupBy } from '../../group-by.ts';
import type { Dialect } from '../../storage/dialect.ts';
import { all, get, type Insert, insertRows, run, type Tx } from '../../storage/storage.ts';
import type { Sources } from '../may-delete.ts';
import type { DatasetSummary, Experiment, KeyValue } from './wire.ts';

export interface ExperimentRow {
  readonly exp_id: number;
  readonly name: string;
  readonly artifact_location: string;
  readonly deleted: number;
  readonly creation_time: number;
  readonly last_update_time: number;
}

export const experimentColumns = 'exp_id, name, artifact_location, deleted, creation_time, last_update_time';

export function* findExperiment(id: number): Tx<ExperimentRow | undefined> {
  return yield* get<ExperimentRow>(`select ${experimentColumns} from experiments where exp_id = ?`, [id]);
}

export function* findExperimentByName(name: string): Tx<ExperimentRow | undefined> {
  return yield* get<ExperimentRow>(`select ${experimentColumns} from experiments where name = ?`, [name]);
}

/** False when the name is taken. */
export function* insertExperiment(row: ExperimentRow): Tx<boolean> {
  return (
    (yield* run(`insert into experiments(${experimentColumns}) values (?, ?, ?, ?, ?, ?) on conflict do nothing`, [
      row.exp_id,
      row.name,
      row.artifact_location,
      row.deleted,
      row.creation_time,
      row.last_update_time,
    ])) > 0
  );
}

/**
 * Holds back every other creation and renaming until the end of the transaction, so that a name found free stays free.
 * `nextId('experiment')` does the same.
 */
export const lockNames = (): Tx<number> => run(`update counters set value = value where name = 'experiment'`);

export function* renameExperiment(id: number, name: string, now: number): Tx<void> {
  yield* run('update experiments set name = ?, last_update_time = ? where exp_id = ?', [name, now, id]);
}

/** Marks the experiment and all its runs deleted, or active again. */
export function* setExperimentDeleted(id: number, deleted: boolean, now: number): Tx<void> {
  const flag = deleted ? 1 : 0;
  yield* run('update experiments set deleted = ?, last_update_time = ? where exp_id = ?', [flag, now, id]);
  yield* run('update runs set deleted = ? where exp_id = ? and deleted = ?', [flag, id, 1 - flag]);
}

/** Those of some runs and logged models that belong to the experiment. */
export function* sourcesWithin(dialect: Dialect, id: number, { runIds, modelIds }: Sources): Tx<Sources> {
  const runs = yield* all<{ id: string }>(
    `select run_id as "id" from runs where exp_id = ? and ${dialect.isAnyOf('run_id', runIds)}`,
    [id, dialect.list(runIds)],
  );
  const models = yield* all<{ id: string }>(
    `select model_id as "id" from logged_models where exp_id = ? and ${dialect.isAnyOf('model_id', modelIds)}`,
    [id, dialect.list(modelIds)],
  );
  return { runIds: runs.map((row) => row.id), modelIds: models.map((row) => row.id) };
}

const tagRows: Insert = {
  table: 'experiment_tags',
  columns: { exp_id: 'bigint', key: 'text', value: 'text' },
  onConflict: 'on conflict (exp_id, key) do update set value = excluded.value',
};

export function* upsertExperimentTags(id: number, tags: readonly KeyValue[]): Tx<void> {
  const last = new Map(tags.map((tag) => [tag.key, tag.value]));
  yield* insertRows(
    tagRows,
    [...last].map(([key, value]) => [id, key, value]),
  );
}

/** False when there was no such tag. */
export function* deleteExperimentTag(id: number, key: string): Tx<boolean> {
  return (yield* run('delete from experiment_tags where exp_id = ? and key = ?', [id, key])) > 0;
}

/** Completes rows with their tags. */
export function* withTags(dialect: Dialect, rows: readonly ExperimentRow[]): Tx<Experiment[]> {
  const ids = rows.map((row) => row.exp_id);
  const tags = yield* all<{ exp_id: number; key: string; value: string }>(
    `select exp_id, key, value from experiment_tags where ${dialect.isAnyOf('exp_id', ids)} order by key`,
    [dialect.list(ids)],
  );
  const tagsOf = groupBy(tags, (tag) => tag.exp_id);
  return rows.map((row) => ({
    id: row.exp_id,
    name: row.name,
    artifactLocation: row.artifact_location,
    deleted: row.deleted === 1,
    creationTime: row.creation_time,
    lastUpdateTime: row.last_update_time,
    tags: (tagsOf.get(row.exp_id) ?? []).map(({ key, value }) => ({ key, value })),
  }));
}

/** Distinct data sets that runs of the experiments took in, with the context of the input. */
export function* listDatasetSummaries(dialect: Dialect, ids: readonly number[], limit: number): Tx<DatasetSummary[]> {
  const rows = yield* all<{ exp_id: number; name: string; digest: string; context: string | null }>(
    `select distinct d.exp_id, d.name, d.digest, t.value as context
     from datasets d
     join run_datasets rd on rd.dataset_no = d.dataset_no
     left join run_dataset_tags t on t.run_no = rd.run_no and t.dataset_no = rd.dataset_no and t.key = 'mlflow.data.context'
     where ${dialect.isAnyOf('d.exp_id', ids)}
     order by d.exp_id, d.name, d.digest limit ?`,
    [dialect.list(ids), limit],
  );
  return rows.map(({ exp_id, name, digest, context }) => ({ experimentId: exp_id, name, digest, context }));
}

export interface ExperimentActivity {
  readonly exp_id: number;
  readonly name: string;
  readonly creation_time: number;
  /** Runs that are in the experiment's own lifecycle stage. */
  readonly runs: number;
  /** When the youngest of them started; null when there is none. */
  readonly last_run_time: number | null;
}

/** Experiments with their runs counted: walks the index of all runs once. */
export function* listActivity(deleted: boolean, limit: number): Tx<ExperimentActivity[]> {
  const flag = deleted ? 1 : 0;
  return yield* all<ExperimentActivity>(
    `select e.exp_id, e.name, e.creation_time, coalesce(a.runs, 0) as runs, a.last_run_time
     from experiments e left join (
       select exp_id, count(*) as runs, max(start_time) as last_run_time from runs where deleted = ? group by exp_id
     ) a on a.exp_id = e.exp_id
     where e.deleted = ? order by e.exp_id limit ?`,
    [flag, flag, limit],
  );
}
