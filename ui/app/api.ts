import { type ArtifactOwner, createClient } from '../../src/client/browser.ts';

/** What the rooms know of the server: this client and the shapes that it gives. */
export type {
  Artifact,
  ArtifactOwner,
  DatasetInput,
  Experiment,
  LoggedModel,
  MetricOfRun,
  MetricSample,
  MetricSummary,
  Page,
  Run,
  RunStatus,
} from '../../src/client/browser.ts';

/** The server that sent this page. A page waits less patiently than a script does. */
export const client = createClient({ trackingUri: '', maxRetries: 2, timeoutMs: 60_000 });

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
