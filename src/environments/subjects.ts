import { invalid, notFound, shown } from '../errors.ts';
import type { NamedModel, SubjectToEvaluate } from '../evaluation/service.ts';
import type { Storage, Tx } from '../storage/storage.ts';
import { lookAt, type ModelFiles } from './model-files.ts';
import {
  keepDigest,
  knownDigests,
  type Origin,
  type OriginDeps,
  originOfModel,
  originOfVersion,
  runUris,
} from './origins.ts';

export interface SubjectDeps extends OriginDeps {
  readonly storage: Storage;
  readonly clock: () => number;
  readonly artifacts: ModelFiles;
}

/** What evaluations are of: versions and logged models, with what their files were when they were first looked at. */
export function modelSubjects(deps: SubjectDeps) {
  const { storage, clock, artifacts, dialect, candidates, registry } = deps;

  /** A candidate as evaluations know it; `known` is its digest where that is kept already. */
  async function evaluable(origin: Origin, known: string | null): Promise<SubjectToEvaluate> {
    const found = known === null ? await lookAt(artifacts, origin) : undefined;
    if (found !== undefined) await storage.write(() => keepDigest(origin, found, clock()));
    return {
      subject:
        origin.version === null
          ? { kind: 'model', modelId: origin.modelId! }
          : { kind: 'version', versionNo: origin.version.versionNo },
      label: origin.label,
      location: origin.location,
      digest: known ?? found!.digest,
      sourceRunId: origin.runId,
    };
  }

  function* ofVersion(name: string, version: number): Tx<Origin> {
    const row = yield* registry.findVersion(name, version);
    if (row === undefined) throw notFound(`There is no version ${version} of the registered model ${shown(name)}.`);
    const found = { ...row, deleted: false };
    return originOfVersion(found, yield* candidates.runs(runUris([found])));
  }

  function* ofModel(modelId: string): Tx<Origin> {
    const model = (yield* candidates.loggedModels([modelId])).get(modelId);
    if (model === undefined) throw notFound(`There is no logged model ${shown(modelId)}.`);
    return originOfModel(model);
  }

  /** The only model of a run: its logged model, or where it has none, the version registered from it. */
  function* ofRun(runId: string): Tx<Origin> {
    if (!(yield* candidates.runs([runId])).has(runId)) throw notFound(`There is no run ${shown(runId)}.`);
    const models = yield* candidates.loggedModelsOf(runId);
    const versions = models.length > 0 ? [] : yield* registry.versionsFrom(dialect, [runId], []);
    const [model, version] = [models[0], versions[0]];
    if (models.length + versions.length > 1)
      throw invalid(
        `The run ${shown(runId)} has ${models.length + versions.length} models: expected one of them, by 'modelId' or by 'name' and 'version'.`,
      );
    if (model !== undefined) return originOfModel(model);
    if (version !== undefined) return yield* ofVersion(version.name, version.version);
    throw invalid(
      `The run ${shown(runId)} has no model: expected a run that logged one, or a version registered from it.`,
    );
  }

  return {
    evaluable,

    /** The model that somebody names. RESOURCE_DOES_NOT_EXIST for an unknown one, INVALID_PARAMETER_VALUE for a run of none or several. */
    async named(asked: NamedModel): Promise<SubjectToEvaluate> {
      const { origin, known } = await storage.read(function* () {
        const found =
          'modelId' in asked
            ? yield* ofModel(asked.modelId)
            : 'runId' in asked
              ? yield* ofRun(asked.runId)
              : yield* ofVersion(asked.name, asked.version);
        return { origin: found, known: (yield* knownDigests(dialect, [found.subject])).get(found.subject) };
      });
      return evaluable(origin, known?.digest ?? null);
    },
  };
}
