import type { Route } from '../http/route.ts';
import { modelVersionRoutes } from './model-versions/routes.ts';
import { registeredModelRoutes } from './registered-models/routes.ts';
import type { Registry } from './service.ts';

export function registryRoutes(registry: Registry): Route[] {
  return [...registeredModelRoutes(registry.registeredModels), ...modelVersionRoutes(registry.modelVersions)];
}
