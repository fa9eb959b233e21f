/**
 * What the pages read from the server: MLflow's REST API of the same origin, in the shape the pages want.
 * Every function throws ApiError: the server's code and words, or that it did not answer.
 */
export interface Experiment {
  readonly id: string;
  readonly name: string;
  readonly artifactLocation: string;
  readonly deleted: boolean;
  readonly creationTime: number | undefined;
  readonly lastUpdateTime: number | undefined;
  readonly tags: ReadonlyMap<string, string>;
}

export type RunStatus = 'RUNNING' | 'SCHEDULED' | 'FINISHED' | 'FAILED' | 'KILLED';

export interface Metric {
  readonly value: number;
  readonly step: number;
  readonly timestamp: number;
}

export interface DatasetInput {
  readonly name: string;
  readonly digest: string;
  readonly context: string | undefined;
}

export interface Run {
  readonly id: string;
  readonly name: string;
  readonly experimentId: string;
  readonly user: string;
  readonly status: RunStatus;
  readonly startTime: number | undefined;
  readonly endTime: number | undefined;
  readonly artifactUri: string;
  readonly deleted: boolean;
  readonly metrics: ReadonlyMap<string, Metric>;
  readonly params: ReadonlyMap<string, string>;
  readonly tags: ReadonlyMap<string, string>;
  readonly datasets: readonly DatasetInput[];
  /** The models that the run logged (MLflow 3). */
  readonly modelIds: readonly string[];
}

export interface LoggedModel {
  readonly id: string;
  readonly name: string;
  readonly status: string;
  readonly creationTime: number | undefined;
}

export interface FileEntry {
  readonly path: string;
  readonly directory: boolean;
  readonly sizeBytes: number;
}

export interface Page<T> {
  readonly items: readonly T[];
  readonly nextPageToken: string | undefined;
}

export class ApiError extends Error {
  /** MLflow's error code, or NO_ANSWER when the server could not be reached. */
  readonly code: string;
  constructor(code: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'ApiError';
    this.code = code;
  }
}

const prefix = '/ajax-api/2.0/mlflow';

type Query = Readonly<Record<string, string | undefined>>;

function withQuery(path: string, query: Query): string {
  const given = Object.entries(query).filter((entry): entry is [string, string] => entry[1] !== undefined);
  return given.length === 0 ? path : `${path}?${new URLSearchParams(given)}`;
}

async function ask<T>(path: string, init: RequestInit): Promise<T> {
  let response: Response;
  try {
    response = await fetch(prefix + path, init);
  } catch (cause) {
    if (init.signal?.aborted === true) throw cause;
    throw new ApiError('NO_ANSWER', 'The server did not answer. Is it still running?', { cause });
  }
  const body = await response.json().catch(() => undefined);
  if (response.ok && body !== undefined) return body;
  throw new ApiError(
    body?.error_code ?? `HTTP_${response.status}`,
    body?.message ?? `The server answered ${response.status} without saying why.`,
  );
}

const read = <T>(path: string, query: Query, signal: AbortSignal) => ask<T>(withQuery(path, query), { signal });

const post = <T>(path: string, body: unknown, signal: AbortSignal) =>
  ask<T>(path, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
    signal,
  });

interface WirePair {
  key: string;
  value?: string;
}
interface WireExperiment {
  experiment_id: string;
  name: string;
  artifact_location?: string;
  lifecycle_stage?: string;
  creation_time?: number;
  last_update_time?: number;
  tags?: WirePair[];
}
interface WireRun {
  info: {
    run_id: string;
    run_name?: string;
    experiment_id: string;
    user_id?: string;
    status: RunStatus;
    start_time?: number;
    end_time?: number;
    artifact_uri?: string;
    lifecycle_stage?: string;
  };
  data?: {
    metrics?: { key: string; value: number | string; step?: number; timestamp: number }[];
    params?: WirePair[];
    tags?: WirePair[];
  };
  inputs?: { dataset_inputs?: { tags?: WirePair[]; dataset: { name: string; digest: string } }[] };
  outputs?: { model_outputs?: { model_id: string }[] };
}
interface WireFiles {
  files?: { path: string; is_dir?: boolean; file_size?: number }[];
}

const pairs = (list: readonly WirePair[] = []) => new Map(list.map(({ key, value }) => [key, value ?? '']));

const toExperiment = (wire: WireExperiment): Experiment => ({
  id: wire.experiment_id,
  name: wire.name,
  artifactLocation: wire.artifact_location ?? '',
  deleted: wire.lifecycle_stage === 'deleted',
  creationTime: wire.creation_time,
  lastUpdateTime: wire.last_update_time,
  tags: pairs(wire.tags),
});

const toRun = ({ info, data, inputs, outputs }: WireRun): Run => ({
  id: info.run_id,
  name: info.run_name ?? '',
  experimentId: info.experiment_id,
  user: info.user_id ?? '',
  status: info.status,
  // Clients that give no time send 0.
  startTime: info.start_time || undefined,
  endTime: info.end_time || undefined,
  artifactUri: info.artifact_uri ?? '',
  deleted: info.lifecycle_stage === 'deleted',
  // NaN and the infinities travel as strings.
  metrics: new Map(
    (data?.metrics ?? []).map(({ key, value, step, timestamp }) => [
      key,
      { value: Number(value), step: step ?? 0, timestamp },
    ]),
  ),
  params: pairs(data?.params),
  tags: pairs(data?.tags),
  datasets: (inputs?.dataset_inputs ?? []).map(({ dataset, tags }) => ({
    name: dataset.name,
    digest: dataset.digest,
    context: pairs(tags).get('mlflow.data.context'),
  })),
  modelIds: (outputs?.model_outputs ?? []).map((output) => output.model_id),
});

const toFiles = ({ files = [] }: WireFiles): FileEntry[] =>
  files.map(({ path, is_dir, file_size }) => ({ path, directory: is_dir === true, sizeBytes: file_size ?? 0 }));

export interface SearchExperiments {
  readonly filter?: string;
  readonly maxResults: number;
  readonly pageToken?: string | undefined;
}

export async function searchExperiments(search: SearchExperiments, signal: AbortSignal): Promise<Page<Experiment>> {
  const reply = await post<{ experiments?: WireExperiment[]; next_page_token?: string }>(
    '/experiments/search',
    { filter: search.filter, max_results: search.maxResults, page_token: search.pageToken },
    signal,
  );
  return { items: (reply.experiments ?? []).map(toExperiment), nextPageToken: reply.next_page_token || undefined };
}

export async function getExperiment(id: string, signal: AbortSignal): Promise<Experiment> {
  const reply = await read<{ experiment: WireExperiment }>('/experiments/get', { experiment_id: id }, signal);
  return toExperiment(reply.experiment);
}

export interface SearchRuns {
  readonly experimentIds: readonly string[];
  readonly filter?: string;
  readonly orderBy?: readonly string[];
  readonly maxResults: number;
  readonly pageToken?: string | undefined;
}

export async function searchRuns(search: SearchRuns, signal: AbortSignal): Promise<Page<Run>> {
  const reply = await post<{ runs?: WireRun[]; next_page_token?: string }>(
    '/runs/search',
    {
      experiment_ids: search.experimentIds,
      filter: search.filter,
      order_by: search.orderBy,
      max_results: search.maxResults,
      page_token: search.pageToken,
    },
    signal,
  );
  return { items: (reply.runs ?? []).map(toRun), nextPageToken: reply.next_page_token || undefined };
}

export async function getRun(id: string, signal: AbortSignal): Promise<Run> {
  return toRun((await read<{ run: WireRun }>('/runs/get', { run_id: id }, signal)).run);
}

export async function getLoggedModel(id: string, signal: AbortSignal): Promise<LoggedModel> {
  const reply = await read<{
    model: { info: { model_id: string; name: string; status: string; creation_timestamp_ms?: number } };
  }>(`/logged-models/${encodeURIComponent(id)}`, {}, signal);
  const { info } = reply.model;
  return { id: info.model_id, name: info.name, status: info.status, creationTime: info.creation_timestamp_ms };
}

/** Whose files: a run's artifacts or a logged model's. */
export type FileOwner = { readonly kind: 'run' | 'model'; readonly id: string };

/** The files of one folder; their paths start at the owner's root. */
export async function listFiles(owner: FileOwner, folder: string, signal: AbortSignal): Promise<FileEntry[]> {
  const path = folder === '' ? undefined : folder;
  return toFiles(
    owner.kind === 'run'
      ? await read<WireFiles>('/artifacts/list', { run_id: owner.id, path }, signal)
      : await read<WireFiles>(
          `/logged-models/${encodeURIComponent(owner.id)}/artifacts/directories`,
          { artifact_directory_path: path },
          signal,
        ),
  );
}

/** Where a file downloads from. */
export const fileUrl = (owner: FileOwner, path: string): string =>
  owner.kind === 'run'
    ? withQuery('/get-artifact', { run_id: owner.id, path })
    : withQuery(`${prefix}/logged-models/${encodeURIComponent(owner.id)}/artifacts/files`, {
        artifact_file_path: path,
      });
