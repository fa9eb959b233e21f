import { nextId } from '../storage/ids.ts';
import type { Tx } from '../storage/storage.ts';
import * as versions from './model-versions/store.ts';
import type { Tag } from './registered-models/store.ts';
import * as models from './registered-models/store.ts';

/** What the environments read and change of the registry, inside their own transactions. */
export const registryPieces = {
  findModel: models.findModel,
  modelsHolding: models.modelsHolding,
  lockModel: models.lockModel,
  findVersion: versions.findVersion,
  versionsByNo: versions.versionsByNo,
  versionsOfModels: versions.versionsOfModels,
  versionTags: versions.tagsUnder,
  modelsBehindVersions: versions.modelsBehindVersions,
  versionsInStages: versions.versionsInStages,
  versionsFrom: versions.versionsFrom,
  aliasesOfModels: models.aliasesOfModels,
  setStage: versions.setStage,
  putAlias: models.putAlias,
  removeAlias: models.removeAlias,
  setVersionTags: versions.setTags,

  /** The model of that name, made if there is none. */
  *ensureModel(name: string, now: number): Tx<number> {
    const rmNo = yield* nextId('registered_model');
    yield* models.insertModel(rmNo, name, null, now);
    return (yield* models.lockModel(name))!;
  },

  /** Registers the next version of a model that is there, in the stage None. */
  *createVersion(version: NewCandidateVersion, now: number): Tx<versions.VersionRow> {
    const { name, tags, ...rest } = version;
    const taken = (yield* models.takeVersionNumber(name, now))!;
    const versionNo = yield* nextId('model_version');
    yield* versions.insertVersion({ versionNo, ...taken, ...rest, runLink: '' }, 'None', now);
    yield* versions.setTags(versionNo, tags);
    return (yield* versions.findVersion(name, taken.version))!;
  },
};

export interface NewCandidateVersion {
  readonly name: string;
  readonly description: string;
  readonly source: string;
  readonly storageLocation: string;
  readonly runId: string;
  readonly modelId: string | null;
  readonly tags: readonly Tag[];
}

export type RegistryPieces = typeof registryPieces;
