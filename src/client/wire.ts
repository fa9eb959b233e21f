/** MLflow's replies as they travel. What MLflow leaves out when it is empty is optional here. */
export interface WirePair {
  key: string;
  value?: string;
}

export interface WireExperiment {
  experiment_id: string;
  name: string;
  artifact_location?: string;
  lifecycle_stage?: string;
  creation_time?: number;
  last_update_time?: number;
  tags?: WirePair[];
}

export interface WireRunInfo {
  run_id: string;
  run_name?: string;
  experiment_id: string;
  user_id?: string;
  status: string;
  start_time?: number;
  end_time?: number;
  artifact_uri?: string;
  lifecycle_stage?: string;
}

export interface WireMetric {
  key: string;
  /** NaN and the infinities are text. */
  value: number | string;
  timestamp: number;
  step?: number;
  run_id?: string;
  model_id?: string;
  dataset_name?: string;
  dataset_digest?: string;
}

export interface WireDataset {
  name: string;
  digest: string;
  source_type?: string;
  source?: string;
  schema?: string;
  profile?: string;
}

export interface WireRun {
  info: WireRunInfo;
  data?: { metrics?: WireMetric[]; params?: WirePair[]; tags?: WirePair[] };
  inputs?: {
    dataset_inputs?: { tags?: WirePair[]; dataset: WireDataset }[];
    model_inputs?: { model_id: string }[];
  };
  outputs?: { model_outputs?: { model_id: string; step?: number }[] };
}

export interface WireLoggedModel {
  info: {
    model_id: string;
    experiment_id: string;
    name?: string;
    creation_timestamp_ms?: number;
    last_updated_timestamp_ms?: number;
    artifact_uri?: string;
    status?: string;
    status_message?: string;
    model_type?: string;
    source_run_id?: string;
    tags?: WirePair[];
  };
  data?: { params?: WirePair[]; metrics?: WireMetric[] };
}

export interface WireModelVersion {
  name: string;
  version: string;
  creation_timestamp?: number;
  last_updated_timestamp?: number;
  current_stage?: string;
  description?: string;
  source?: string;
  run_id?: string;
  status?: string;
  status_message?: string;
  run_link?: string;
  tags?: WirePair[];
  aliases?: string[];
}

export interface WireRegisteredModel {
  name: string;
  creation_timestamp?: number;
  last_updated_timestamp?: number;
  description?: string;
  latest_versions?: WireModelVersion[];
  tags?: WirePair[];
  aliases?: { alias: string; version: string }[];
}

export interface WireFiles {
  root_uri?: string;
  files?: { path: string; is_dir?: boolean; file_size?: number }[];
}

/** Keys and values as callers give them; a value is logged as its text. */
export type Values = Readonly<Record<string, string | number | boolean>>;

export const pairsOf = (values: Values = {}): WirePair[] =>
  Object.entries(values).map(([key, value]) => ({ key, value: String(value) }));

export const mapOf = (pairs: readonly WirePair[] = []): ReadonlyMap<string, string> =>
  new Map(pairs.map(({ key, value }) => [key, value ?? '']));

/** JSON has no NaN and no infinities: they travel as the text "NaN", "Infinity", "-Infinity". */
export const wireNumber = (value: number): number | string => (Number.isFinite(value) ? value : String(value));
