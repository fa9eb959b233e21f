import {
  type ArtifactOwner,
  createClient,
  type ModelVersion,
  type RunQuery,
  registerModel,
} from '../../src/client/browser.ts';

/** What the rooms know of the server: this client and the shapes that it gives. */
export type {
  Artifact,
  ArtifactOwner,
  Candidate,
  DatasetInput,
  Decision,
  DecisionSummary,
  Epoch,
  Evaluation,
  Experiment,
  ExperimentActivity,
  FilterProblem,
  FoundRun,
  LoggedModel,
  MetricOfRun,
  MetricSample,
  MetricSummary,
  ModelVersion,
  Page,
  RegisteredModel,
  Run,
  RunColumns,
  RunGroup,
  RunQuery,
  RunRow,
  RunSelection,
  RunStatus,
  ServedSlot,
  SlotStatus as Slot,
  Stage,
  Standing as DecisionStanding,
  Subject as DecisionSubject,
} from '../../src/client/browser.ts';

/** The server that sent this page. A page waits less patiently than a script does. */
export const client = createClient({ trackingUri: '', maxRetries: 2, timeoutMs: 60_000 });

/** Registers a model as the next version under a name, which is made when it is new. */
export const register = (modelUri: string, name: string, description: string): Promise<ModelVersion> =>
  registerModel(client, modelUri, name, description === '' ? {} : { description });

/** Where a file downloads from, for a link. */
export function fileUrl(owner: ArtifactOwner, path: string): string {
  return 'runId' in owner
    ? `/get-artifact?${new URLSearchParams({ run_id: owner.runId, path })}`
    : `/ajax-api/2.0/mlflow/logged-models/${encodeURIComponent(owner.modelId)}/artifacts/files?${new URLSearchParams({ artifact_file_path: path })}`;
}

const ownerQuery = (owner: ArtifactOwner) => ('runId' in owner ? { runId: owner.runId } : { modelId: owner.modelId });

/** Where a folder downloads from, whole, as a zip archive; the root is ''. */
export const archiveUrl = (owner: ArtifactOwner, path: string): string =>
  `/api/v1/artifacts/archive?${new URLSearchParams({ ...ownerQuery(owner), path })}`;

/** Where an HTML artifact is shown as of an origin of its own, for a frame. */
export const framedPageUrl = (owner: ArtifactOwner, path: string, scripts: boolean): string =>
  `/api/v1/artifacts/page?${new URLSearchParams({ ...ownerQuery(owner), path, ...(scripts && { scripts: 'true' }) })}`;

/** Where the runs that a query finds download as CSV, with these columns. */
export function runsCsvUrl({ experimentId, filter, orderBy, deleted }: RunQuery, columns: readonly string[]): string {
  const query = new URLSearchParams();
  if (filter !== undefined && filter !== '') query.set('filter', filter);
  for (const term of orderBy ?? []) query.append('orderBy', term);
  for (const column of columns) query.append('columns', column);
  if (deleted === true) query.set('deleted', 'true');
  return `/api/v1/experiments/${encodeURIComponent(experimentId)}/runs.csv?${query}`;
}

/** Where the record of a decision downloads from, to the byte. */
export const recordUrl = (decisionId: string): string => `/api/v1/decisions/${encodeURIComponent(decisionId)}/record`;
