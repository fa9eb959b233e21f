import { parseFilter } from '../search/filter.ts';
import { runGrammar } from '../search/grammar.ts';
import { join, sql, whereOf } from '../search/where.ts';
import type { Dialect } from '../storage/dialect.ts';
import type { Keys } from '../storage/keys.ts';
import { all, type Tx } from '../storage/storage.ts';
import { modelStatusNumbers } from './logged-models/wire.ts';
import { resolveKeys } from './runs/search.ts';
import { compareRun } from './runs/search-plan.ts';
import { runStatusNames, runStatusNumbers } from './runs/wire.ts';

/** A logged model that could be served, as a selection sees it. */
export interface CandidateModel {
  readonly modelId: string;
  readonly name: string;
  readonly artifactUri: string;
  /** Empty where the model belongs to no run. */
  readonly sourceRunId: string;
  readonly creationTime: number;
}

export interface CandidateRun {
  readonly runId: string;
  readonly name: string;
  readonly status: string;
  readonly deleted: boolean;
  readonly artifactUri: string;
}

type Tags = ReadonlyMap<string, string>;

/** What the environments ask of tracking about many candidates at once, inside their own transactions. */
export function candidateLookups(dialect: Dialect, keys: Keys) {
  /** Tags under `names` by what they hang on. */
  function grouped(rows: readonly { id: string; key: string; value: string }[]): Map<string, Tags> {
    const result = new Map<string, Map<string, string>>();
    for (const { id, key, value } of rows) {
      const tags = result.get(id);
      if (tags === undefined) result.set(id, new Map([[key, value]]));
      else tags.set(key, value);
    }
    return result;
  }

  return {
    /** Ready logged models of the finished runs of an active experiment; none for an unknown one. */
    *loggedModelsIn(experiment: string): Tx<CandidateModel[]> {
      return yield* all<CandidateModel>(
        `select l.model_id as "modelId", l.name as "name", l.artifact_uri as "artifactUri",
           l.source_run_id as "sourceRunId", l.creation_time as "creationTime"
         from experiments e join logged_models l on l.exp_id = e.exp_id and l.deleted = 0 and l.status = ?
         join runs r on r.run_id = l.source_run_id and r.deleted = 0 and r.status = ?
         where e.name = ? and e.deleted = 0 order by l.creation_time, l.model_id`,
        [modelStatusNumbers.LOGGED_MODEL_READY, runStatusNumbers.FINISHED, experiment],
      );
    },

    /** Logged models of a run that are not deleted. */
    *loggedModelsOf(runId: string): Tx<CandidateModel[]> {
      return yield* all<CandidateModel>(
        `select model_id as "modelId", name as "name", artifact_uri as "artifactUri", source_run_id as "sourceRunId",
           creation_time as "creationTime" from logged_models where deleted = 0 and source_run_id = ?
         order by creation_time, model_id`,
        [runId],
      );
    },

    /** Logged models by id that are not deleted. */
    *loggedModels(modelIds: readonly string[]): Tx<Map<string, CandidateModel>> {
      const rows = yield* all<CandidateModel>(
        `select model_id as "modelId", name as "name", artifact_uri as "artifactUri", source_run_id as "sourceRunId",
           creation_time as "creationTime" from logged_models where deleted = 0 and ${dialect.isAnyOf('model_id', modelIds)}`,
        [dialect.list(modelIds)],
      );
      return new Map(rows.map((row) => [row.modelId, row]));
    },

    /** The tags under `names` of logged models, by model id. */
    *loggedModelTags(modelIds: readonly string[], names: readonly string[]): Tx<Map<string, Tags>> {
      const rows = yield* all<{ id: string; key: string; value: string }>(
        `select l.model_id as "id", t.key as "key", t.value as "value" from logged_models l
         ${dialect.forcedJoin} logged_model_tags t on t.model_no = l.model_no and ${dialect.isAnyOf('t.key', names)}
         where ${dialect.isAnyOf('l.model_id', modelIds)}`,
        [dialect.list(names), dialect.list(modelIds)],
      );
      return grouped(rows);
    },

    /** The tags under `names` of runs, by run id. */
    *runTags(runIds: readonly string[], names: readonly string[]): Tx<Map<string, Tags>> {
      const known = new Map<number, string>();
      for (const name of names) {
        const id = yield* keys.find(name);
        if (id !== undefined) known.set(id, name);
      }
      if (known.size === 0) return new Map();
      const ids = [...known.keys()];
      const rows = yield* all<{ id: string; keyId: number; value: string }>(
        `select r.run_id as "id", t.key_id as "keyId", t.value as "value" from runs r
         ${dialect.forcedJoin} tags t on t.run_no = r.run_no and ${dialect.isAnyOf('t.key_id', ids)}
         where ${dialect.isAnyOf('r.run_id', runIds)}`,
        [dialect.list(ids), dialect.list(runIds)],
      );
      return grouped(rows.map(({ id, keyId, value }) => ({ id, key: known.get(keyId)!, value })));
    },

    /** Runs by id, the deleted among them. */
    *runs(runIds: readonly string[]): Tx<Map<string, CandidateRun>> {
      const rows = yield* all<{ runId: string; name: string; status: number; deleted: number; artifactUri: string }>(
        `select run_id as "runId", name as "name", status as "status", deleted as "deleted",
           artifact_uri as "artifactUri" from runs
         where ${dialect.isAnyOf('run_id', runIds)}`,
        [dialect.list(runIds)],
      );
      return new Map(
        rows.map((row) => [
          row.runId,
          { ...row, status: runStatusNames.get(row.status) ?? 'RUNNING', deleted: row.deleted === 1 },
        ]),
      );
    },

    /** Those of `runIds` that MLflow's run filter matches. Throws INVALID_PARAMETER_VALUE for a bad filter. */
    *runsMatching(filterText: string, runIds: readonly string[]): Tx<Set<string>> {
      const filter = parseFilter(filterText, runGrammar);
      const keyIds = yield* resolveKeys(keys, filter, []);
      const question = { dialect, filter, order: [], keyIds };
      const among = sql(dialect.isAnyOf('r.run_id', runIds), dialect.list(runIds));
      const where = join([among, whereOf(filter, (comparison) => compareRun(question, comparison))], 'and');
      const rows = yield* all<{ runId: string }>(
        `select r.run_id as "runId" from runs r where r.deleted = 0 and ${where.text}`,
        where.params,
      );
      return new Set(rows.map((row) => row.runId));
    },
  };
}

export type CandidateLookups = ReturnType<typeof candidateLookups>;

/** Throws INVALID_PARAMETER_VALUE, with the place of the mistake, for what is no filter over runs. */
export function checkRunFilter(text: string): void {
  parseFilter(text, runGrammar);
}
