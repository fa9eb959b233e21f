import { alreadyExists, invalid, notFound, shown } from '../../errors.ts';
import { decodePageToken, encodePageToken } from '../../http/page-token.ts';
import { checkKey, checkLength, limits } from '../../names.ts';
import { type Comparison, parseFilter } from '../../search/filter.ts';
import { experimentGrammar } from '../../search/grammar.ts';
import { after, canEnd, type OrderTerm, orderBy } from '../../search/keyset.ts';
import { parseOrderBy } from '../../search/order-by.ts';
import { compareColumn, join, type Sql, sql, whereOf } from '../../search/where.ts';
import { nextId } from '../../storage/ids.ts';
import { all, run, type Storage, type Tx } from '../../storage/storage.ts';
import { checkArtifactLocation, within } from '../artifact-location.ts';
import type { MayDelete } from '../may-delete.ts';
import * as store from './store.ts';
import type { DatasetSummary, Experiment, KeyValue, SearchExperiments } from './wire.ts';

const maxPage = 50_000;
const maxDatasetExperiments = 20;
const maxDatasets = 1000;
const customViewPrefix = 'mlflow.customView.view';
const maxCustomViews = 50;

/** Experiments in one answer about activity: their names are a few megabytes at most. */
const maxActivity = 20_000;

export interface ExperimentsDeps {
  readonly storage: Storage;
  readonly clock: () => number;
  /** Where new experiments keep their artifacts: `mlflow-artifacts:/`. */
  readonly artifactRoot: string;
  readonly mayDelete: MayDelete;
  /** Told, right after the commit, that all runs of an experiment changed their lifecycle stage. */
  readonly onRunsChanged: () => Tx<void>;
}

export type ExperimentsService = ReturnType<typeof experimentsService>;

/** The id in `text`; INVALID_PARAMETER_VALUE unless it is a decimal integer. */
export function parseExperimentId(text: string): number {
  const id = /^\d{1,15}$/.test(text) ? Number(text) : Number.NaN;
  if (Number.isNaN(id)) throw invalid(`Invalid experiment ID ${shown(text)}: expected an integer.`);
  return id;
}

/** The row of an experiment, active or deleted; RESOURCE_DOES_NOT_EXIST when there is none. */
export function* getExperimentRow(id: number): Tx<store.ExperimentRow> {
  const row = yield* store.findExperiment(id);
  if (row === undefined) throw notFound(`No experiment with ID '${id}' exists.`);
  return row;
}

/** As `getExperimentRow`, and INVALID_PARAMETER_VALUE when it is deleted. */
export function* getActiveExperimentRow(id: number): Tx<store.ExperimentRow> {
  const row = yield* getExperimentRow(id);
  if (row.deleted === 1) throw invalid(`The experiment '${id}' is deleted: restore it first.`);
  return row;
}

export function experimentsService({ storage, clock, artifactRoot, mayDelete, onRunsChanged }: ExperimentsDeps) {
  const { dialect } = storage;

  function checkTags(tags: readonly KeyValue[], existingViews = 0): void {
    for (const [i, { key, value }] of tags.entries()) {
      checkKey('tag', key, 'tags', i);
      checkLength(`The value of experiment tag ${shown(key)}`, value, limits.experimentTagValue);
    }
    const views = tags.filter((tag) => tag.key.startsWith(customViewPrefix)).length;
    if (existingViews + views > maxCustomViews)
      throw invalid(`An experiment holds at most ${maxCustomViews} tags with the prefix '${customViewPrefix}'.`);
  }

  function* present(row: store.ExperimentRow): Tx<Experiment> {
    return (yield* store.withTags(dialect, [row]))[0]!;
  }

  return {
    /**
     * Creates an experiment and returns its id. RESOURCE_ALREADY_EXISTS when the name is taken, also by a deleted one;
     * INVALID_PARAMETER_VALUE for a bad name, location or tag.
     */
    async create(input: { name: string; artifactLocation: string | undefined; tags: KeyValue[] }): Promise<number> {
      if (input.name.trim() === '') throw invalid("Parameter 'name' is blank: expected a name of 1 to 500 characters.");
      checkLength("Parameter 'name'", input.name, limits.experimentName);
      checkTags(input.tags);
      const location = input.artifactLocation ? checkArtifactLocation(input.artifactLocation) : undefined;
      return storage.write(function* () {
        const id = yield* nextId('experiment');
        const now = clock();
        const created = yield* store.insertExperiment({
          exp_id: id,
          name: input.name,
          artifact_location: location ?? within(artifactRoot, String(id)),
          deleted: 0,
          creation_time: now,
          last_update_time: now,
        });
        if (!created)
          throw alreadyExists(`An experiment named ${shown(input.name)} exists already (it may be deleted).`);
        yield* store.upsertExperimentTags(id, input.tags);
        return id;
      });
    },

    /** Throws RESOURCE_DOES_NOT_EXIST. Finds deleted experiments too. */
    async get(experimentId: string): Promise<Experiment> {
      const id = parseExperimentId(experimentId);
      return storage.read(function* () {
        return yield* present(yield* getExperimentRow(id));
      });
    },

    /** Throws RESOURCE_DOES_NOT_EXIST. Finds deleted experiments too. */
    async getByName(name: string): Promise<Experiment> {
      return storage.read(function* () {
        const row = yield* store.findExperimentByName(name);
        if (row === undefined) throw notFound(`Could not find experiment with name ${shown(name)}.`);
        return yield* present(row);
      });
    },

    /** Renames an active experiment. RESOURCE_ALREADY_EXISTS when the name is taken. */
    async rename(experimentId: string, newName: string): Promise<void> {
      const id = parseExperimentId(experimentId);
      if (newName.trim() === '')
        throw invalid("Parameter 'new_name' is blank: expected a name of 1 to 500 characters.");
      checkLength("Parameter 'new_name'", newName, limits.experimentName);
      await storage.write(function* () {
        yield* store.lockNames();
        const row = yield* getActiveExperimentRow(id);
        const taken = yield* store.findExperimentByName(newName);
        if (taken !== undefined && taken.exp_id !== row.exp_id)
          throw alreadyExists(`An experiment named ${shown(newName)} exists already (it may be deleted).`);
        yield* store.renameExperiment(id, newName, clock());
      });
    },

    /**
     * Marks an active experiment and all its runs deleted. RESOURCE_DOES_NOT_EXIST when it is not active;
     * INVALID_PARAMETER_VALUE while an environment needs one of its runs or logged models.
     */
    async delete(experimentId: string): Promise<void> {
      await setDeleted(experimentId, true);
    },

    /** Makes a deleted experiment and all its runs active again, as MLflow does also for runs deleted one by one. */
    async restore(experimentId: string): Promise<void> {
      await setDeleted(experimentId, false);
    },

    /** Sets a tag of an active experiment. */
    async setTag(experimentId: string, tag: KeyValue): Promise<void> {
      const id = parseExperimentId(experimentId);
      await storage.write(function* () {
        yield* getActiveExperimentRow(id);
        const isView = tag.key.startsWith(customViewPrefix);
        checkTags([tag], isView ? yield* countViews(id, tag.key) : 0);
        yield* store.upsertExperimentTags(id, [tag]);
      });
    },

    /** Deletes a tag of an active experiment. RESOURCE_DOES_NOT_EXIST when it has no such tag. */
    async deleteTag(experimentId: string, key: string): Promise<void> {
      const id = parseExperimentId(experimentId);
      await storage.write(function* () {
        yield* getActiveExperimentRow(id);
        if (!(yield* store.deleteExperimentTag(id, key)))
          throw notFound(`Experiment '${id}' has no tag ${shown(key)}.`);
      });
    },

    /** One page of experiments in the order asked for. */
    async search(input: SearchExperiments): Promise<{ experiments: Experiment[]; nextPageToken: string | undefined }> {
      const maxResults = input.maxResults ?? 1000;
      if (maxResults < 1 || maxResults > maxPage)
        throw invalid(`Invalid value ${maxResults} for parameter 'max_results': expected 1 to ${maxPage}.`);
      const view = input.viewType ?? 'ACTIVE_ONLY';
      const filter = parseFilter(input.filter, experimentGrammar);
      const keys = parseOrderBy(input.orderBy, experimentGrammar);
      const question = ['experiments', view, input.filter, input.orderBy];
      const term = (key: string, ascending: boolean): OrderTerm => ({
        expression: `e.${column(key)}`,
        ascending,
        holds: key === 'name' ? 'text' : 'integer',
      });
      const terms = keys.map(({ key, ascending }) => term(key, ascending));
      if (keys.length === 0) terms.push(term('creation_time', false));
      if (!keys.some(({ key }) => key === 'experiment_id')) terms.push(term('experiment_id', keys.length === 0));
      const position = decodePageToken(input.pageToken, question, (end) => canEnd(terms, end));
      const where = join(
        [
          view === 'ALL' ? sql('1 = 1') : sql('e.deleted = ?', view === 'DELETED_ONLY' ? 1 : 0),
          whereOf(filter, compare),
          ...(position === undefined ? [] : [after(terms, position)]),
        ],
        'and',
      );
      const text = `select ${store.experimentColumns} from experiments e where ${where.text} order by ${orderBy(terms)} limit ?`;
      return storage.read(function* () {
        const rows = yield* all<store.ExperimentRow>(text, [...where.params, maxResults + 1]);
        const page = rows.slice(0, maxResults);
        const last = page.at(-1);
        const more = rows.length > maxResults && last !== undefined;
        const end = terms.map((term) => last?.[term.expression.slice(2) as keyof store.ExperimentRow] ?? null);
        return {
          experiments: yield* store.withTags(dialect, page),
          nextPageToken: more ? encodePageToken(end, question) : undefined,
        };
      });
    },

    /**
     * All experiments, or all deleted ones, with their runs counted; `more` tells that there are too many for one answer.
     */
    async activity(deleted: boolean): Promise<{ experiments: store.ExperimentActivity[]; more: boolean }> {
      const rows = await storage.read(() => store.listActivity(deleted, maxActivity + 1), { long: true });
      return { experiments: rows.slice(0, maxActivity), more: rows.length > maxActivity };
    },

    /** Distinct data sets of at most 20 experiments, at most 1,000. */
    async searchDatasets(experimentIds: readonly string[]): Promise<DatasetSummary[]> {
      if (experimentIds.length === 0 || experimentIds.length > maxDatasetExperiments)
        throw invalid(
          `Parameter 'experiment_ids' holds ${experimentIds.length} ids: expected 1 to ${maxDatasetExperiments}.`,
        );
      const ids = experimentIds.map(parseExperimentId);
      return storage.read(() => store.listDatasetSummaries(dialect, ids, maxDatasets), { long: true });
    },

    /** Makes sure that the experiment with id 0, which clients use without asking, exists. */
    async ensureDefault(): Promise<void> {
      await storage.write(function* () {
        const now = clock();
        const columns = store.experimentColumns;
        yield* run(`insert into experiments(${columns}) values (0, 'Default', ?, 0, ?, ?) on conflict do nothing`, [
          within(artifactRoot, '0'),
          now,
          now,
        ]);
      });
    },
  };

  async function setDeleted(experimentId: string, deleted: boolean): Promise<void> {
    const id = parseExperimentId(experimentId);
    await storage.write(function* () {
      const row = yield* getExperimentRow(id);
      if ((row.deleted === 1) === deleted)
        throw notFound(`No ${deleted ? 'active' : 'deleted'} experiment with ID '${id}' exists.`);
      if (deleted) yield* mayDelete({ among: (sources) => store.sourcesWithin(dialect, id, sources) });
      yield* store.setExperimentDeleted(id, deleted, clock());
      yield* onRunsChanged();
    });
  }

  function* countViews(id: number, otherThan: string): Tx<number> {
    const tags = yield* all<{ key: string }>('select key from experiment_tags where exp_id = ?', [id]);
    return tags.filter((tag) => tag.key.startsWith(customViewPrefix) && tag.key !== otherThan).length;
  }

  function column(key: string): string {
    return key === 'experiment_id' ? 'exp_id' : key;
  }

  function compare(comparison: Comparison): Sql {
    if (comparison.entity === 'attribute') return compareColumn(dialect, `e.${column(comparison.key)}`, comparison);
    const tag = 'select 1 from experiment_tags t where t.exp_id = e.exp_id and t.key = ?';
    if (comparison.comparator === 'IS NULL') return sql(`not exists (${tag})`, comparison.key);
    if (comparison.comparator === 'IS NOT NULL') return sql(`exists (${tag})`, comparison.key);
    const value = compareColumn(dialect, 't.value', comparison);
    return sql(`exists (${tag} and ${value.text})`, comparison.key, ...value.params);
  }
}
