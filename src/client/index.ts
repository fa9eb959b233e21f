/**
 * The client for Node.js: MLflow's fluent API for this process, configured by MLflow's own environment variables, and
 * `createClient` for the single verbs. Importing it reads and starts nothing.
 */
import { createClient } from './cellar-client.ts';
import { assignmentFrom, connectionFrom, originOf } from './environment.ts';
import { fluentApi } from './fluent.ts';

export type { ActiveRun, LogModel } from './active-run.ts';
export * from './browser.ts';
export type { Fluent, StartRun } from './fluent.ts';

export const {
  setTrackingUri,
  getTrackingUri,
  client,
  setExperiment,
  startRun,
  withRun,
  endRun,
  activeRun,
  logMetric,
  logMetrics,
  logParam,
  logParams,
  setTag,
  setTags,
  deleteTag,
  flush,
  logArtifact,
  logArtifacts,
  logText,
  logDict,
  logInput,
  logModel,
  registerModel,
  searchRuns,
} = fluentApi({
  connect: (trackingUri) => createClient(connectionFrom(process.env, trackingUri)),
  assignment: () => assignmentFrom(process.env),
  origin: () => originOf(process, process.env),
  clock: Date.now,
  atExit: (finish) => {
    process.on('beforeExit', finish);
  },
});
