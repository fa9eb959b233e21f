import { invalid, notFound, shown } from '../../errors.ts';
import { encodePageToken } from '../../http/page-token.ts';
import { parseFilter } from '../../search/filter.ts';
import { modelVersionGrammar } from '../../search/grammar.ts';
import { parseOrderBy } from '../../search/order-by.ts';
import { nextId } from '../../storage/ids.ts';
import type { Storage, Tx } from '../../storage/storage.ts';
import { isLatest } from '../alias-name.ts';
import type { Governor } from '../governor.ts';
import { realLocalPaths } from '../local-source.ts';
import type { Lookups } from '../lookups.ts';
import { noSuchModel, noSuchVersion, type SearchInput } from '../registered-models/service.ts';
import type { Tag } from '../registered-models/store.ts';
import * as models from '../registered-models/store.ts';
import { isNarrow, modelVersions, pageAfter, registryOrder, registryWhere } from '../search.ts';
import * as sources from '../source.ts';
import { canonicalStage, checkArchiving } from '../stage.ts';
import { latestByStage } from '../stage-champions.ts';
import { checkedTags, checkTag } from '../tags.ts';
import { versionNumber } from '../version-number.ts';
import type { ModelVersion, VersionRow } from './store.ts';
import * as store from './store.ts';

export interface CreateVersionInput {
  readonly name: string;
  readonly source: string;
  readonly runId: string | undefined;
  readonly modelId: string | undefined;
  readonly runLink: string | undefined;
  readonly description: string | undefined;
  readonly tags: readonly Tag[];
  /** The host (and port) that the caller reached this server by. */
  readonly ownHost: string | undefined;
}

export interface ModelVersionsOptions {
  readonly storage: Storage;
  readonly clock: () => number;
  readonly lookups: Lookups;
  readonly allowedSources: sources.AllowedSources;
  /** Asked before a version moves or goes. */
  readonly governor: Governor;
}

const maxPage = 200_000;
/** Pages up to this size are read between other requests; MLflow's client asks for 10,000 whatever it needs. */
const shortPage = 1000;
const identifier = /^[A-Za-z0-9][\w-]{0,255}$/;

/** An optional id; MLflow's Java client sends absent ones as the empty string. */
function optionalId(parameter: string, id: string | undefined): string | undefined {
  if (id === undefined || id === '') return undefined;
  if (!identifier.test(id))
    throw invalid(
      `Invalid value ${shown(id)} for parameter '${parameter}': expected at most 256 letters, digits, underscores and dashes.`,
    );
  return id;
}

export type ModelVersions = ReturnType<typeof modelVersionsService>;

/**
 * Model versions. Every verb that names a version throws RESOURCE_DOES_NOT_EXIST when it is not there or was deleted, and
 * INVALID_PARAMETER_VALUE for a version that is no integer.
 */
export function modelVersionsService({ storage, clock, lookups, allowedSources, governor }: ModelVersionsOptions) {
  const { dialect } = storage;

  function* read(name: string, version: number): Tx<ModelVersion> {
    const row = yield* store.findVersion(name, version);
    if (row === undefined) throw noSuchVersion(name, version);
    return (yield* store.completeWithAliases(dialect, [row]))[0]!;
  }

  /** The internal id of a version whose model has been locked. */
  function* lockedVersion(name: string, rmNo: number | undefined, version: string): Tx<number> {
    const versionNo = rmNo === undefined ? undefined : yield* store.versionNoOf(rmNo, versionNumber(version));
    if (versionNo === undefined) throw noSuchVersion(name, version);
    return versionNo;
  }

  /** As `lockedVersion`, and the whole row. */
  function* lockedRow(name: string, rmNo: number | undefined, version: string): Tx<VersionRow> {
    const row = rmNo === undefined ? undefined : yield* store.findVersion(name, versionNumber(version));
    if (row === undefined) throw noSuchVersion(name, version);
    return row;
  }

  function* referenced({ name, reference }: sources.Source & { kind: 'modelVersion' }): Tx<VersionRow> {
    const model = yield* models.findModel(name);
    if (model === undefined) throw noSuchModel(name);
    switch (reference.by) {
      case 'version': {
        const row = yield* store.findVersion(name, reference.version);
        if (row === undefined) throw noSuchVersion(name, reference.version);
        return row;
      }
      case 'stage': {
        const stage = canonicalStage(reference.stage);
        const [row] = yield* latestByStage(
          dialect,
          governor,
          yield* store.latestVersions(dialect, name, [stage]),
          [model.rmNo],
          [stage],
        );
        if (row === undefined) throw notFound(`The registered model ${shown(name)} has no version in ${stage}.`);
        return row;
      }
      case 'alias': {
        if (isLatest(reference.alias)) break;
        const row = yield* store.findByAlias(name, reference.alias);
        if (row === undefined)
          throw invalid(`The registered model ${shown(name)} has no alias ${shown(reference.alias)}.`);
        return row;
      }
    }
    const row = yield* store.findHighest(name);
    if (row === undefined) throw notFound(`The registered model ${shown(name)} has no versions.`);
    return row;
  }

  function* factsOf(source: sources.Source, claim: sources.Claim): Tx<sources.Facts> {
    if (source.kind === 'modelVersion') {
      const row = yield* referenced(source);
      return { version: { ...row, isPrompt: yield* models.hasTag(row.rmNo, promptTag) } };
    }
    if (claim.modelId !== undefined) return { model: yield* lookups.loggedModel(claim.modelId) };
    const rooted = source.kind === 'proxied' || source.kind === 'local';
    return rooted && claim.runId !== undefined ? { run: yield* lookups.run(claim.runId) } : {};
  }

  /** The only source that needs the disk, which no transaction may touch. */
  async function localFacts(
    text: string,
    source: sources.Source,
    claim: sources.Claim,
  ): Promise<sources.Facts['local']> {
    if (source.kind !== 'local') return undefined;
    if (allowedSources.localRoots.length === 0) throw sources.localRefused(text);
    const facts = await storage.read(() => factsOf(source, claim));
    return realLocalPaths(source.path, sources.rootOf(claim, facts), allowedSources);
  }

  return {
    /**
     * Registers the next version of a model, READY at once. Throws RESOURCE_DOES_NOT_EXIST for an unknown model or
     * logged model, INVALID_PARAMETER_VALUE for a source that does not belong to the run or model it claims.
     */
    async create(input: CreateVersionInput): Promise<ModelVersion> {
      const { name } = input;
      const tags = checkedTags(input.tags);
      const claim = { runId: optionalId('run_id', input.runId), modelId: optionalId('model_id', input.modelId) };
      const source = sources.parseSource(input.source, allowedSources, input.ownHost);
      const local = await localFacts(input.source, source, claim);
      const now = clock();
      return storage.write(function* () {
        const resolved = sources.resolveSource(input.source, source, claim, {
          ...(yield* factsOf(source, claim)),
          local,
        });
        const taken = yield* models.takeVersionNumber(name, now);
        if (taken === undefined) throw noSuchModel(name);
        const versionNo = yield* nextId('model_version');
        const { description = '', runLink = '' } = input;
        yield* store.insertVersion({ versionNo, ...taken, ...resolved, description, runLink }, 'None', now);
        yield* store.setTags(versionNo, tags);
        if (resolved.modelId !== null)
          yield* lookups.addModelVersionToLoggedModel(resolved.modelId, name, taken.version);
        return yield* read(name, taken.version);
      });
    },

    async get(name: string, version: string): Promise<ModelVersion> {
      const number = versionNumber(version);
      return storage.read(() => read(name, number));
    },

    /** A page of versions by MLflow's filter and order_by; without a limit as many as 200,000. */
    async search(input: SearchInput): Promise<{ versions: ModelVersion[]; nextPageToken: string | undefined }> {
      const limit = input.maxResults ?? maxPage;
      if (limit < 1 || limit > maxPage)
        throw invalid(`Invalid value ${limit} for parameter 'max_results': expected 1 to ${maxPage}.`);
      const question = ['model-versions', input.filter ?? '', input.orderBy];
      const filter = parseFilter(input.filter, modelVersionGrammar);
      const order = registryOrder(modelVersions, parseOrderBy(input.orderBy, modelVersionGrammar));
      const where = pageAfter(registryWhere(dialect, modelVersions, filter), order, input.pageToken, question);
      const narrow = isNarrow(filter);
      const body = function* () {
        const rows = yield* store.searchVersions({ where, terms: order.terms, limit: limit + 1, narrow });
        const versions = yield* store.completeWithAliases(dialect, rows.slice(0, limit));
        const last = rows.length > limit ? versions.at(-1) : undefined;
        const position = last && order.keys.map((key) => orderValue(last, key));
        return { versions, nextPageToken: position && encodePageToken(position, question) };
      };
      return storage.read(body, { long: !narrow && (filter !== undefined || limit > shortPage) });
    },

    /** Sets the description; absent clears it, as in MLflow. */
    async update(name: string, version: string, description: string | undefined): Promise<ModelVersion> {
      const number = versionNumber(version);
      const now = clock();
      return storage.write(function* () {
        const versionNo = yield* lockedVersion(name, yield* models.lockModel(name), version);
        yield* store.setDescription(versionNo, description ?? null, now);
        return yield* read(name, number);
      });
    },

    /**
     * Moves a version to a stage, from any to any. With `archiveExisting` every other version there is archived at the
     * same moment; throws INVALID_PARAMETER_VALUE when the stage is not Staging or Production then, or no stage at all.
     * The version of a service's model moves, or is refused, by the rules of its environments.
     */
    async transition(
      name: string,
      version: string,
      to: string,
      archiveExisting: boolean,
      actor = 'anonymous',
    ): Promise<ModelVersion> {
      const number = versionNumber(version);
      const stage = canonicalStage(to);
      if (archiveExisting) checkArchiving(stage);
      const now = clock();
      return storage.write(function* () {
        const rmNo = yield* models.touchModel(name, now);
        const row = yield* lockedRow(name, rmNo, version);
        if (!(yield* governor.transition(row, row, stage, { actor, now }))) {
          if (archiveExisting) yield* store.archiveOthers(rmNo!, stage, row.versionNo, now);
          yield* store.setStage(row.versionNo, stage, now);
        }
        return yield* read(name, number);
      });
    },

    /**
     * Hides the version for ever with its tags and aliases; its number is not given out again.
     * Throws INVALID_PARAMETER_VALUE while an environment needs it.
     */
    async delete(name: string, version: string): Promise<void> {
      const number = versionNumber(version);
      const now = clock();
      await storage.write(function* () {
        const row = yield* lockedRow(name, yield* models.touchModel(name, now), version);
        yield* governor.deleteVersion(row, row);
        yield* models.removeAliasesOf(row.rmNo, number);
        yield* store.redactVersion(row.versionNo, now);
      });
    },

    /** Where the version's files are, never `models:/…`. Throws INVALID_PARAMETER_VALUE where that is no longer allowed. */
    async downloadUri(name: string, version: string): Promise<string> {
      const number = versionNumber(version);
      const row = await storage.read(() => store.findVersion(name, number));
      if (row === undefined) throw noSuchVersion(name, version);
      sources.checkStillAllowed(row.storageLocation, allowedSources);
      return row.storageLocation;
    },

    async setTag(name: string, version: string, tag: Tag): Promise<void> {
      checkTag(tag);
      await storage.write(function* () {
        const versionNo = yield* lockedVersion(name, yield* models.lockModel(name), version);
        yield* store.setTags(versionNo, [tag]);
      });
    },

    /** A tag that is not there is no error. */
    deleteTag: (name: string, version: string, key: string): Promise<void> =>
      storage.write(function* () {
        const versionNo = yield* lockedVersion(name, yield* models.lockModel(name), version);
        yield* store.removeTag(versionNo, key);
      }),
  };
}

const promptTag: Tag = { key: 'mlflow.prompt.is_prompt', value: 'true' };

function orderValue(row: VersionRow, key: string): string | number {
  switch (key) {
    case 'name':
      return row.name;
    case 'version_number':
      return row.version;
    case 'creation_timestamp':
      return row.creationTime;
    default:
      return row.lastUpdatedTime;
  }
}
