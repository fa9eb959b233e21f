import type { Readable } from 'node:stream';
import { invalid, shown } from '../errors.ts';
import { cleanArtifactFolder, cleanArtifactPath, decodeOnce, joinArtifactPath } from './artifact-path.ts';
import type { ArtifactStore, OpenArtifact, PutOptions } from './artifact-store.ts';

export type { ArtifactStore, LocalArtifactStore } from './artifact-store.ts';
export { withFile, writeDurably } from './durable-write.ts';
export { writeError } from './file-errors.ts';
export { localArtifactStore } from './local-store.ts';
export { copyModel, modelDigest } from './model-digest.ts';

export type ArtifactsService = ReturnType<typeof artifactsService>;

export interface ListedArtifact {
  /** Relative to the artifact URI that was listed. */
  readonly path: string;
  readonly isDirectory: boolean;
  readonly size: number;
}

/**
 * Artifacts by the URI of what owns them (a run, a logged model, the source of a model version) and a path relative to
 * it. The server itself only follows `mlflow-artifacts:` URIs: it contacts no host and opens no folder that a client named.
 */
export function artifactsService({ store }: { store: ArtifactStore }) {
  /** The place of a relative path below an artifact URI. Throws INVALID_PARAMETER_VALUE. */
  const placeOf = (artifactUri: string, path: string) =>
    joinArtifactPath(storedFolder(artifactUri), cleanArtifactPath(path));

  return {
    store,

    /** The folder of the store that an artifact URI names. Throws INVALID_PARAMETER_VALUE for what is kept elsewhere. */
    folderOf: storedFolder,

    /** What lies in a folder below an artifact URI, ordered by path; empty for a file and where nothing is. */
    async list(artifactUri: string, folder?: string): Promise<ListedArtifact[]> {
      const relative = cleanArtifactFolder(folder);
      const entries = await store.list(joinArtifactPath(storedFolder(artifactUri), relative));
      return entries.map(({ name, isDirectory, size }) => ({
        path: relative === '' ? name : `${relative}/${name}`,
        isDirectory,
        size,
      }));
    },

    /** Opens a file. Throws RESOURCE_DOES_NOT_EXIST, or INVALID_PARAMETER_VALUE for a folder. */
    open: (artifactUri: string, path: string): Promise<OpenArtifact> => store.open(placeOf(artifactUri, path)),

    /** Stores a file; errors as {@link ArtifactStore.put}. */
    put: (artifactUri: string, path: string, source: Readable, options: PutOptions = {}) =>
      store.put(placeOf(artifactUri, path), source, options),

    /** Removes everything below an artifact URI; absent is fine. Throws INVALID_PARAMETER_VALUE for the root of all artifacts. */
    deleteAll: (artifactUri: string): Promise<void> => store.delete(storedFolder(artifactUri)),
  };
}

/**
 * The folder of the store that an artifact URI names: `mlflow-artifacts:/1/<run>/artifacts` is `1/<run>/artifacts`.
 * Clients put such a URI into a URL as it is, so it is percent-decoded once like one.
 * Throws INVALID_PARAMETER_VALUE for every other scheme and for a URI that names a host.
 */
export function storedFolder(artifactUri: string): string {
  const match = /^mlflow-artifacts:(?:\/\/)?\/(?!\/)([^?]*)$/i.exec(artifactUri);
  if (match === null)
    throw invalid(
      `Artifacts at ${shown(artifactUri)} are not kept by this server: expected a URI such as mlflow-artifacts:/1/run/artifacts.`,
    );
  return cleanArtifactFolder(decodeOnce(match[1]!));
}
