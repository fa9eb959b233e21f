import type { ArtifactOwner } from '../app/api.ts';

/** Where the files of a model are: whose artifacts, and which folder of them. */
export interface ModelPlace {
  readonly owner: ArtifactOwner;
  readonly folder: string;
}

/** Where the files lie that a version was registered from; undefined where they are not with this server. */
export function modelPlace(source: string): ModelPlace | undefined {
  const modelId =
    /^models:\/+(m-[^/]+)\/*$/.exec(source)?.[1] ??
    /^mlflow-artifacts:.*\/models\/(m-[^/]+)\/artifacts\/*$/.exec(source)?.[1];
  if (modelId !== undefined) return { owner: { modelId }, folder: '' };
  const [, runId, path] =
    /^runs:\/+([^/]+)\/+(.+)$/.exec(source) ??
    /^mlflow-artifacts:.*\/([0-9a-f]{32})\/artifacts\/+(.+)$/.exec(source) ??
    [];
  if (runId === undefined || path === undefined) return undefined;
  return { owner: { runId }, folder: path.replace(/\/+$/, '') };
}
