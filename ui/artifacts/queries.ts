import { queryOptions } from '@tanstack/react-query';
import { type ArtifactOwner, client } from '../app/api.ts';
import { startOf } from './start-of.ts';

/** One folder of files; the root is ''. */
export const filesQuery = (owner: ArtifactOwner, folder: string) =>
  queryOptions({
    queryKey: ['files', owner, folder],
    queryFn: ({ signal }) => client.listArtifacts(owner, folder === '' ? undefined : folder, { signal }),
  });

/** So much of a file is shown. */
export const shownBytes = 512 * 1024;

/** The start of a text file. */
export const textQuery = (owner: ArtifactOwner, path: string) =>
  queryOptions({
    queryKey: ['files', owner, 'text', path],
    queryFn: async ({ signal }) => startOf(await client.downloadArtifact(owner, path, { signal }), shownBytes),
  });

/** A file's bytes, whole. */
export const bytesQuery = (owner: ArtifactOwner, path: string) =>
  queryOptions({
    queryKey: ['files', owner, 'bytes', path],
    queryFn: async ({ signal }) => (await client.downloadArtifact(owner, path, { signal })).arrayBuffer(),
  });

/** What the MLmodel file in `folder` says; the reader of YAML is loaded with the first one. */
export const modelFileQuery = (owner: ArtifactOwner, folder: string) =>
  queryOptions({
    queryKey: ['files', owner, 'model', folder],
    queryFn: async ({ signal }) => {
      const path = folder === '' ? 'MLmodel' : `${folder}/MLmodel`;
      const [{ readModelFile }, response] = await Promise.all([
        import('./model-file.ts'),
        client.downloadArtifact(owner, path, { signal }),
      ]);
      return readModelFile(await response.text());
    },
  });
