import { modelAliases } from './cases/aliases.ts';
import { artifactPaths, transfers } from './cases/artifact-paths.ts';
import { artifacts } from './cases/artifacts.ts';
import { batches } from './cases/batches.ts';
import { datasets, modelOutputs } from './cases/datasets.ts';
import { experimentSearch } from './cases/experiment-search.ts';
import { experimentTags } from './cases/experiment-tags.ts';
import { experiments } from './cases/experiments.ts';
import { loggedModelSearch } from './cases/logged-model-search.ts';
import { loggedModels } from './cases/logged-models.ts';
import { metricHistories } from './cases/metric-histories.ts';
import { metrics } from './cases/metrics.ts';
import { modelMetrics } from './cases/model-metrics.ts';
import { modelSources } from './cases/model-sources.ts';
import { modelVersionSearch } from './cases/model-version-search.ts';
import { modelVersions } from './cases/model-versions.ts';
import { params } from './cases/params.ts';
import { registeredModelSearch } from './cases/registered-model-search.ts';
import { registeredModels } from './cases/registered-models.ts';
import { runPages } from './cases/run-pages.ts';
import { runSearch } from './cases/run-search.ts';
import { runs } from './cases/runs.ts';
import { modelStages } from './cases/stages.ts';
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
