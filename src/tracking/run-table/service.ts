import { groupBy } from '../../group-by.ts';
import type { Keys } from '../../storage/keys.ts';
import type { Storage, Tx } from '../../storage/storage.ts';
import { parseExperimentId } from '../experiments/service.ts';
import type { RunDocuments } from '../runs/documents.ts';
import type { RunSearch } from '../runs/search.ts';
import type { SearchIndex } from '../runs/search-index.ts';
import { runStatusNames } from '../runs/wire.ts';
import { parseColumn } from './column.ts';
import { runGroups } from './groups.ts';
import * as store from './store.ts';
import type { Row } from './wire.ts';

export interface RunTableDeps {
  readonly storage: Storage;
  readonly keys: Keys;
  readonly documents: RunDocuments;
  readonly index: SearchIndex;
  readonly search: RunSearch;
}

export interface RunQuery {
  readonly experimentId: string;
  readonly filter?: string | undefined;
  readonly orderBy?: readonly string[] | undefined;
  /** Runs that were deleted, instead of those that were not. */
  readonly deleted?: boolean | undefined;
}

export interface RowsQuery extends RunQuery {
  readonly columns: readonly string[];
  readonly limit: number;
  readonly pageToken?: string | undefined;
  /** How many runs come before the first row; costs more than following tokens. */
  readonly offset?: number | undefined;
}

/** What the rows show beside the columns that were asked for. */
const shownTags = {
  parent: 'mlflow.parentRunId',
  source: 'mlflow.source.name',
  commit: 'mlflow.source.git.commit',
  olderModels: 'mlflow.log-model.history',
} as const;

/** Above so many cells a page of rows is read beside the event loop. */
const manyCells = 2000;
const runsOfText = 10;

export type RunTable = ReturnType<typeof runTable>;

/** The runs of an experiment as a table: columns by name, rows by page, counts, groups. It only reads. */
export function runTable({ storage, keys, documents, index, search }: RunTableDeps) {
  const { dialect } = storage;

  const searchOf = ({ experimentId, filter, orderBy, deleted }: RunQuery) => ({
    experimentIds: [experimentId],
    filter,
    orderBy: [...(orderBy ?? [])],
    runViewType: deleted === true ? ('DELETED_ONLY' as const) : ('ACTIVE_ONLY' as const),
  });

  return {
    groups: runGroups({ storage, keys }),

    /**
     * The names under which the runs of an experiment (deleted ones, too) logged something or used data, with the range of each
     * metric's latest values, and with the number of runs of each name where `counted`. An unknown experiment has none.
     */
    async columns(experimentId: string, counted: boolean) {
      const expId = parseExperimentId(experimentId);
      const indexed = await index.catchUp();
      return storage.read(
        function* () {
          const paramIds = yield* store.listKeyIds(expId, 'params', indexed);
          const tagIds = yield* store.listKeyIds(expId, 'tags', indexed);
          const ranges = yield* store.listMetricRanges(expId, indexed);
          const metricIds = ranges.map((range) => range.keyId);
          const names = yield* keys.namesOf([...paramIds, ...tagIds, ...metricIds]);
          const describe = function* (kind: store.Kind, ids: readonly number[]): Tx<{ key: string; runs?: number }[]> {
            const counts = counted ? yield* store.countRunsByKey(expId, kind, indexed) : undefined;
            return ids
              .map((id) => ({ key: names.get(id) ?? '', ...(counts && { runs: counts.get(id) ?? 0 }) }))
              .sort(byKey);
          };
          const rangeOf = new Map(ranges.map((range) => [names.get(range.keyId), range]));
          const metrics = yield* describe('metrics', metricIds);
          const datasets = yield* store.listDatasetNames(expId);
          const uses = counted ? yield* store.countRunsByDataset(expId) : undefined;
          return {
            params: yield* describe('params', paramIds),
            metrics: metrics.map((metric) => {
              const { min = null, max = null } = rangeOf.get(metric.key) ?? {};
              return { ...metric, min, max };
            }),
            tags: yield* describe('tags', tagIds),
            datasets: datasets.map((key) => ({ key, ...(uses && { runs: uses.get(key) ?? 0 }) })),
          };
        },
        { long: true },
      );
    },

    /** One page of rows. INVALID_PARAMETER_VALUE for a bad filter, order, column or token. */
    async rows({ columns, limit, pageToken, offset, ...query }: RowsQuery) {
      const wanted = columns.map(parseColumn);
      const page = await search.find({ ...searchOf(query), maxResults: limit, pageToken }, offset);
      const expId = parseExperimentId(query.experimentId);
      const long = page.runNos.length * wanted.length > manyCells;
      const indexed = await index.catchUp();
      const rows = await storage.read(() => readRows(expId, page.runNos, wanted, indexed), { long });
      return { rows, nextPageToken: page.nextPageToken ?? null };
    },

    /** How many runs a query finds. */
    count: (query: RunQuery): Promise<number> =>
      search.count({ ...searchOf(query), maxResults: undefined, pageToken: undefined }),

    /** The ids of one page of the runs that a query finds. */
    async ids(query: RunQuery, limit: number, pageToken?: string) {
      const { runNos, nextPageToken } = await search.find({ ...searchOf(query), maxResults: limit, pageToken });
      return { runIds: await storage.read(() => store.listRunIds(dialect, runNos)), nextPageToken };
    },

    /** The JSON texts of runs, active or deleted, in the order of `runIds`; those that do not exist are left out. */
    documents: (runIds: readonly string[]): Promise<string[]> =>
      storage.read(function* () {
        return yield* documents.render(yield* store.listRunNos(dialect, [...new Set(runIds)]));
      }),

    /** A few runs of any experiment whose id begins with `text` or whose name holds it, the newest first. */
    async find(text: string) {
      const found = await storage.read(() => store.findRunsByText(dialect, text, runsOfText), { long: true });
      return found.map(({ experimentId, status, startTime, ...run }) => ({
        ...run,
        experimentId: String(experimentId),
        status: runStatusNames.get(status) ?? 'RUNNING',
        startTime: startTime || null,
      }));
    },
  };

  function* readRows(
    expId: number,
    runNos: readonly number[],
    columns: readonly { kind: store.Kind; key: string }[],
    indexed: boolean,
  ): Tx<Row[]> {
    const cells = yield* readCells(runNos, columns);
    const tagNames = Object.values(shownTags).map((key) => ({ kind: 'tags' as const, key }));
    const tags = yield* readCells(runNos, tagNames);
    const runs = yield* store.listTableRuns(dialect, runNos);
    const ids = [...runs.values()].map((run) => run.run_id);
    const models = groupBy(yield* store.listModels(dialect, ids), (model) => model.runId);
    const datasets = groupBy(yield* store.listDatasets(dialect, runNos), (dataset) => dataset.runNo);
    const parentId = yield* keys.find(shownTags.parent);
    const children =
      parentId === undefined ? new Map() : yield* store.countTagged(dialect, expId, parentId, ids, indexed);
    return runNos.flatMap((runNo) => {
      const run = runs.get(runNo);
      if (run === undefined) return [];
      const [parentRunId, source, commit, older] = (tags.get(runNo) ?? []).map((tag) =>
        tag === null ? null : String(tag),
      );
      const logged = (models.get(run.run_id) ?? []).map(({ modelId, name }) => ({
        modelId,
        name,
      }));
      return {
        runId: run.run_id,
        name: run.name,
        status: runStatusNames.get(run.status) ?? 'RUNNING',
        user: run.user_id,
        startTime: run.start_time || null,
        endTime: run.end_time || null,
        parentRunId: parentRunId ?? null,
        children: children.get(run.run_id) ?? 0,
        source: source ?? null,
        commit: commit ?? null,
        models: logged.length > 0 ? logged : olderModels(older ?? null),
        datasets: (datasets.get(runNo) ?? []).map(({ name, digest, role }) => ({ name, digest, role })),
        cells: cells.get(runNo) ?? [],
      };
    });
  }

  /** For each run the values of the columns in their order. */
  function* readCells(
    runNos: readonly number[],
    columns: readonly { kind: store.Kind; key: string }[],
  ): Tx<Map<number, (string | number | null)[]>> {
    const rows = new Map(
      runNos.map((runNo) => [runNo, new Array<string | number | null>(columns.length).fill(null)] as const),
    );
    for (const kind of ['params', 'metrics', 'tags'] as const) {
      const places = new Map<number, number>();
      for (const [i, column] of columns.entries()) {
        const id = column.kind === kind ? yield* keys.find(column.key) : undefined;
        if (id !== undefined) places.set(id, i);
      }
      for (const [runNo, keyId, value] of yield* store.listCells(dialect, kind, runNos, [...places.keys()])) {
        const row = rows.get(runNo);
        const at = places.get(keyId);
        // JSON has no NaN and no infinities: they travel as text, as in MLflow's replies.
        if (row && at !== undefined) row[at] = kind === 'metrics' && !Number.isFinite(value) ? String(value) : value;
      }
    }
    return rows;
  }
}

const byKey = (a: { key: string }, b: { key: string }) => (a.key < b.key ? -1 : 1);

/** Names of the models that an MLflow 2 client logged: a tag of the run is all that tells of them. */
function olderModels(history: string | null): { modelId: null; name: string }[] {
  if (history === null) return [];
  try {
    const entries: unknown = JSON.parse(history);
    const paths = Array.isArray(entries) ? entries.map((entry) => entry?.artifact_path) : [];
    return [...new Set(paths.filter((path) => typeof path === 'string'))].map((name) => ({ modelId: null, name }));
  } catch {
    // Anyone may write this tag; what is not MLflow's JSON names no model.
    return [];
  }
}
