import type { Tx } from '../storage/storage.ts';

export interface SourceRun {
  readonly runId: string;
  readonly artifactUri: string;
}

export interface SourceModel {
  readonly modelId: string;
  readonly artifactUri: string;
  /** Empty when the logged model belongs to no run. */
  readonly sourceRunId: string;
}

/** What the registry asks of tracking, inside its own transactions. */
export interface Lookups {
  run(runId: string): Tx<SourceRun | undefined>;
  /** Undefined also for a deleted logged model. */
  loggedModel(modelId: string): Tx<SourceModel | undefined>;
  /** Notes on the logged model that a version was registered from it; does nothing when the model is gone. */
  addModelVersionToLoggedModel(modelId: string, name: string, version: number): Tx<void>;
}
