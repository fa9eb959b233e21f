import { openKeys } from '../storage/keys.ts';
import type { Storage, Tx } from '../storage/storage.ts';
import { candidateLookups } from './candidates.ts';
import { experimentRoutes } from './experiments/routes.ts';
import { experimentsService } from './experiments/service.ts';
import { loggedModelRoutes } from './logged-models/routes.ts';
import { loggedModelsService, noteModelVersion } from './logged-models/service.ts';
import { findModel, recordModelMetrics } from './logged-models/store.ts';
import type { MayDelete } from './may-delete.ts';
import { metricRoutes } from './metrics/routes.ts';
import { metricsService } from './metrics/service.ts';
import { bulkChanges } from './run-table/bulk.ts';
import { runTableRoutes } from './run-table/routes.ts';
import { runTable } from './run-table/service.ts';
import { runDocuments } from './runs/documents.ts';
import { inputsService } from './runs/inputs.ts';
import { logService } from './runs/log.ts';
import { runRoutes } from './runs/routes.ts';
import { runSearch } from './runs/search.ts';
import { openSearchIndex } from './runs/search-index.ts';
import { runsService } from './runs/service.ts';
import { findRun } from './runs/store.ts';

export { type CandidateLookups, checkRunFilter } from './candidates.ts';
export type { MayDelete, Sources } from './may-delete.ts';

export interface TrackingDeps {
  readonly storage: Storage;
  readonly clock: () => number;
  /** Where new experiments keep their artifacts: `mlflow-artifacts:/`. */
  readonly artifactRoot: string;
  readonly mayDelete: MayDelete;
}

export type Tracking = ReturnType<typeof trackingService>;

/** The tracking room: experiments, runs and what they log, logged models. Other rooms use it through this face. */
export function trackingService({ storage, clock, artifactRoot, mayDelete }: TrackingDeps) {
  const keys = openKeys(storage);
  const documents = runDocuments(storage, keys);
  const index = openSearchIndex(storage);
  const experiments = experimentsService({
    storage,
    clock,
    artifactRoot,
    mayDelete,
    onRunsChanged: () => documents.forgetAll(),
  });
  const runs = runsService({ storage, keys, documents, index, mayDelete });
  const log = logService({ storage, keys, documents, index, recordModelMetrics });
  const inputs = inputsService({ storage, documents });
  const search = runSearch({ storage, keys, documents, index });
  const table = runTable({ storage, keys, documents, index, search });
  const bulk = bulkChanges({ table, runs, log });
  const metrics = metricsService({ storage, keys });
  const loggedModels = loggedModelsService({ storage, clock, mayDelete });

  return {
    experiments,
    runs,
    log,
    loggedModels,
    candidates: candidateLookups(storage.dialect, keys),
    /** Pieces of transactions for the registry, which checks where a model version comes from. */
    lookups: {
      *run(runId: string): Tx<{ runId: string; artifactUri: string } | undefined> {
        const row = yield* findRun(runId);
        return row && { runId, artifactUri: row.artifact_uri };
      },
      *loggedModel(modelId: string): Tx<{ modelId: string; artifactUri: string; sourceRunId: string } | undefined> {
        const row = yield* findModel(modelId);
        if (row === undefined || row.deleted === 1) return undefined;
        return { modelId, artifactUri: row.artifact_uri, sourceRunId: row.source_run_id };
      },
      addModelVersionToLoggedModel: noteModelVersion,
    },
    routes: [
      ...experimentRoutes(experiments),
      ...runRoutes({ runs, search: search.search, log, inputs }),
      ...runTableRoutes({ table, bulk, experiments }),
      ...metricRoutes(metrics),
      ...loggedModelRoutes(loggedModels),
    ],
  };
}
