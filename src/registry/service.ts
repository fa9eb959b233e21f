import { type ModelVersionsOptions, modelVersionsService } from './model-versions/service.ts';
import { registeredModelsService } from './registered-models/service.ts';

export { type Act, type GovernedModel, type Governor, stageKey, ungoverned } from './governor.ts';
export type { Lookups, SourceModel, SourceRun } from './lookups.ts';
export type { ModelVersion, VersionRow } from './model-versions/store.ts';
export { type NewCandidateVersion, type RegistryPieces, registryPieces } from './pieces.ts';
export { type AllowedSources, defaultAllowedSources } from './source.ts';
export type { Stage } from './stage.ts';

export type Registry = ReturnType<typeof registryService>;

/** The model registry: registered models and their versions. */
export function registryService(options: ModelVersionsOptions) {
  return { registeredModels: registeredModelsService(options), modelVersions: modelVersionsService(options) };
}
