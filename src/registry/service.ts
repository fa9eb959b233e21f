import { type ModelVersionsOptions, modelVersionsService } from './model-versions/service.ts';
import { registeredModelsService } from './registered-models/service.ts';

export type { Lookups, SourceModel, SourceRun } from './lookups.ts';
export { type AllowedSources, defaultAllowedSources } from './source.ts';

export type Registry = ReturnType<typeof registryService>;

/** The model registry: registered models and their versions. */
export function registryService(options: ModelVersionsOptions) {
  return { registeredModels: registeredModelsService(options), modelVersions: modelVersionsService(options) };
}
