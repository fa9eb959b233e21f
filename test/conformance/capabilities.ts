import { artifactPaths, artifacts, transfers } from './cases/artifacts.ts';
import { batches } from './cases/batches.ts';
import { datasets, modelOutputs } from './cases/datasets.ts';
import { experimentSearch } from './cases/experiment-search.ts';
import { experimentTags } from './cases/experiment-tags.ts';
import { experiments } from './cases/experiments.ts';
import { loggedModelSearch } from './cases/logged-model-search.ts';
import { loggedModels, modelMetrics } from './cases/logged-models.ts';
import { metricHistories } from './cases/metric-histories.ts';
import { metrics } from './cases/metrics.ts';
import { modelSources, modelVersions } from './cases/model-versions.ts';
import { params } from './cases/params.ts';
import { registeredModels } from './cases/registered-models.ts';
import { modelVersionSearch, registeredModelSearch } from './cases/registry-search.ts';
import { runPages, runSearch } from './cases/run-search.ts';
import { runs } from './cases/runs.ts';
import { modelAliases, modelStages } from './cases/stages-and-aliases.ts';
import { tags } from './cases/tags.ts';
import { wire } from './cases/wire.ts';
import type { Capability } from './sequence.ts';

export const capabilities: readonly Capability[] = [
  experiments,
  experimentTags,
  runs,
  metrics,
  metricHistories,
  params,
  tags,
  batches,
  datasets,
  modelOutputs,
  loggedModels,
  modelMetrics,
  registeredModels,
  modelVersions,
  modelSources,
  modelStages,
  modelAliases,
  artifacts,
  artifactPaths,
  transfers,
  experimentSearch,
  runSearch,
  runPages,
  loggedModelSearch,
  registeredModelSearch,
  modelVersionSearch,
  wire,
];
