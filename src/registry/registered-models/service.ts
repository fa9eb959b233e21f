import { alreadyExists, invalid, notFound, shown } from '../../errors.ts';
import { encodePageToken } from '../../http/page-token.ts';
import { parseFilter } from '../../search/filter.ts';
import { registeredModelGrammar } from '../../search/grammar.ts';
import { parseOrderBy } from '../../search/order-by.ts';
import { nextId } from '../../storage/ids.ts';
import type { Storage, Tx } from '../../storage/storage.ts';
import { checkAliasName, checkAliasNotReserved, isLatest } from '../alias-name.ts';
import type { Governor } from '../governor.ts';
import { checkModelName } from '../model-name.ts';
import type { ModelVersion, VersionRow } from '../model-versions/store.ts';
import * as versions from '../model-versions/store.ts';
import { pageAfter, registeredModels, registryOrder, registryWhere } from '../search.ts';
import { canonicalStage, stages } from '../stage.ts';
import { latestByStage } from '../stage-champions.ts';
import { checkedTags, checkTag } from '../tags.ts';
import { versionNumber } from '../version-number.ts';
import type { Alias, ModelRow, Tag } from './store.ts';
import * as store from './store.ts';

export interface RegisteredModel extends ModelRow {
  /** The version that stands for every stage that has one: an environment's champion, else the highest. */
  readonly latestVersions: readonly ModelVersion[];
  readonly tags: readonly Tag[];
  readonly aliases: readonly Alias[];
}

export interface SearchInput {
  readonly filter: string | undefined;
  readonly maxResults: number | undefined;
  readonly orderBy: readonly string[];
  readonly pageToken: string | undefined;
}

export interface RegisteredModelsOptions {
  readonly storage: Storage;
  readonly clock: () => number;
  /** Asked before an alias moves, and before something is renamed or goes. */
  readonly governor: Governor;
}

const defaultPage = 100;
const maxPage = 1000;

export const noSuchModel = (name: string) => notFound(`There is no registered model ${shown(name)}.`);
export const noSuchVersion = (name: string, version: string | number) =>
  notFound(`There is no version ${version} of the registered model ${shown(name)}.`);

export type RegisteredModels = ReturnType<typeof registeredModelsService>;

/**
 * Registered models, their tags and aliases. Every verb that names a model throws RESOURCE_DOES_NOT_EXIST when it is not
 * there; the time of the last update moves with the model and its versions, not with tags and aliases.
 */
export function registeredModelsService({ storage, clock, governor }: RegisteredModelsOptions) {
  const { dialect } = storage;

  function* complete(rows: readonly ModelRow[]): Tx<RegisteredModel[]> {
    if (rows.length === 0) return [];
    const rmNos = rows.map((row) => row.rmNo);
    const aliases = yield* store.aliasesOfModels(dialect, rmNos);
    const highest = yield* versions.latestVersionsOf(dialect, rmNos, stages);
    const latest = yield* latestByStage(dialect, governor, highest, rmNos, stages);
    const latestOf = new Map<number, ModelVersion[]>(rmNos.map((rmNo) => [rmNo, []]));
    for (const version of yield* versions.complete(dialect, latest, aliases)) latestOf.get(version.rmNo)!.push(version);
    const tags = yield* store.tagsOfModels(dialect, rmNos);
    return rows.map((row) => ({
      ...row,
      latestVersions: latestOf.get(row.rmNo)!,
      tags: tags.get(row.rmNo) ?? [],
      aliases: aliases.get(row.rmNo) ?? [],
    }));
  }

  function* read(name: string): Tx<RegisteredModel> {
    const row = yield* store.findModel(name);
    if (row === undefined) throw noSuchModel(name);
    return (yield* complete([row]))[0]!;
  }

  function* lock(name: string): Tx<number> {
    const rmNo = yield* store.lockModel(name);
    if (rmNo === undefined) throw noSuchModel(name);
    return rmNo;
  }

  function* touch(name: string, now: number): Tx<number> {
    const rmNo = yield* store.touchModel(name, now);
    if (rmNo === undefined) throw noSuchModel(name);
    return rmNo;
  }

  /** A version by its number, of a model that is there. */
  function* versionOf(name: string, number: number): Tx<VersionRow> {
    const row = yield* versions.findVersion(name, number);
    if (row === undefined) throw noSuchVersion(name, number);
    return row;
  }

  return {
    /** Throws RESOURCE_ALREADY_EXISTS when the name is taken, INVALID_PARAMETER_VALUE for a bad name or tag. */
    async create(input: {
      name: string;
      description: string | undefined;
      tags: readonly Tag[];
    }): Promise<RegisteredModel> {
      const { name } = input;
      checkModelName(name, 'name');
      const tags = checkedTags(input.tags);
      const now = clock();
      return storage.write(function* () {
        const rmNo = yield* nextId('registered_model');
        if (!(yield* store.insertModel(rmNo, name, input.description ?? null, now)))
          throw alreadyExists(`There is a registered model ${shown(name)} already.`);
        yield* store.setTags(rmNo, tags);
        return yield* read(name);
      });
    },

    get: (name: string): Promise<RegisteredModel> => storage.read(() => read(name)),

    /** A page of models by MLflow's filter and order_by; 100 by default, 1,000 at most. */
    async search(input: SearchInput): Promise<{ models: RegisteredModel[]; nextPageToken: string | undefined }> {
      const limit = input.maxResults ?? defaultPage;
      if (limit < 1 || limit > maxPage)
        throw invalid(`Invalid value ${limit} for parameter 'max_results': expected 1 to ${maxPage}.`);
      const question = ['registered-models', input.filter ?? '', input.orderBy];
      const where = registryWhere(dialect, registeredModels, parseFilter(input.filter, registeredModelGrammar));
      const order = registryOrder(registeredModels, parseOrderBy(input.orderBy, registeredModelGrammar));
      const page = pageAfter(where, order, input.pageToken, question);
      return storage.read(function* () {
        const rows = yield* store.searchModels(page, order.terms, limit + 1);
        const models = yield* complete(rows.slice(0, limit));
        const last = rows.length > limit ? models.at(-1) : undefined;
        const position = last && order.keys.map((key) => (key === 'name' ? last.name : last.lastUpdatedTime));
        return { models, nextPageToken: position && encodePageToken(position, question) };
      });
    },

    /** Sets the description; absent clears it, as in MLflow. */
    async update(name: string, description: string | undefined): Promise<RegisteredModel> {
      const now = clock();
      return storage.write(function* () {
        const rmNo = yield* touch(name, now);
        yield* store.setDescription(rmNo, description ?? null);
        return yield* read(name);
      });
    },

    /** Versions, tags and aliases follow. Throws RESOURCE_ALREADY_EXISTS when the new name is taken. */
    async rename(name: string, newName: string, actor = 'anonymous'): Promise<RegisteredModel> {
      checkModelName(newName, 'new_name');
      const now = clock();
      return storage.write(function* () {
        yield* store.lockNames();
        const rmNo = yield* touch(name, now);
        const holder = yield* store.findModel(newName);
        if (holder !== undefined && holder.rmNo !== rmNo)
          throw alreadyExists(`There is a registered model ${shown(newName)} already.`);
        yield* governor.rename({ rmNo, name }, newName, { actor, now });
        yield* store.setName(rmNo, newName);
        yield* versions.touchVersionsOf(rmNo, now);
        return yield* read(newName);
      });
    },

    /** Removes the model and all that hangs on it for ever, whatever the stages of its versions. */
    delete: (name: string): Promise<void> =>
      storage.write(function* () {
        const rmNo = yield* lock(name);
        yield* governor.deleteModel({ rmNo, name });
        yield* store.removeModel(rmNo);
      }),

    /**
     * The version that stands for each of `stages` (any case; none means all): the champion of the environment with that
     * stage on a service's model, else the highest. Throws INVALID_PARAMETER_VALUE for others.
     */
    async latestVersions(name: string, wanted: readonly string[]): Promise<ModelVersion[]> {
      const named = new Set(wanted.map(canonicalStage));
      const asked = named.size === 0 ? stages : stages.filter((stage) => named.has(stage));
      return storage.read(function* () {
        const highest = yield* versions.latestVersions(dialect, name, asked);
        const rmNo = highest[0]?.rmNo ?? (yield* store.findModel(name))?.rmNo;
        if (rmNo === undefined) throw noSuchModel(name);
        const rows = yield* latestByStage(dialect, governor, highest, [rmNo], asked);
        return yield* versions.completeWithAliases(dialect, rows);
      });
    },

    async setTag(name: string, tag: Tag): Promise<void> {
      checkTag(tag);
      await storage.write(function* () {
        yield* store.setTags(yield* lock(name), [tag]);
      });
    },

    /** A tag that is not there is no error. */
    deleteTag: (name: string, key: string): Promise<void> =>
      storage.write(function* () {
        yield* store.removeTag(yield* lock(name), key);
      }),

    /**
     * Points the alias to a version, from whatever other one it pointed to. An environment's alias on a service's model
     * makes the version its champion, or is refused.
     */
    async setAlias(name: string, alias: string, version: string, actor = 'anonymous'): Promise<void> {
      checkAliasName(alias);
      checkAliasNotReserved(alias);
      const number = versionNumber(version);
      const now = clock();
      await storage.write(function* () {
        const rmNo = yield* lock(name);
        const row = yield* versionOf(name, number);
        if (yield* governor.setAlias(row, alias, row, { actor, now })) return;
        yield* store.putAlias(rmNo, alias, number);
      });
    },

    /** An alias that is not there is no error. */
    async deleteAlias(name: string, alias: string): Promise<void> {
      checkAliasName(alias);
      await storage.write(function* () {
        const rmNo = yield* lock(name);
        yield* governor.deleteAlias({ rmNo, name }, alias);
        yield* store.removeAlias(rmNo, alias);
      });
    },

    /**
     * The version that an alias points to, `latest` being the highest. Throws INVALID_PARAMETER_VALUE for an unknown
     * alias, as MLflow does.
     */
    async getByAlias(name: string, alias: string): Promise<ModelVersion> {
      checkAliasName(alias);
      return storage.read(function* () {
        const row = isLatest(alias) ? yield* versions.findHighest(name) : yield* versions.findByAlias(name, alias);
        if (row !== undefined) return (yield* versions.completeWithAliases(dialect, [row]))[0]!;
        if ((yield* store.findModel(name)) === undefined) throw noSuchModel(name);
        if (isLatest(alias)) throw notFound(`The registered model ${shown(name)} has no versions.`);
        throw invalid(`The registered model ${shown(name)} has no alias ${shown(alias)}.`);
      });
    },
  };
}
