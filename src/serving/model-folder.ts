import path from 'node:path';
import { type ArtifactStore, type ArtifactsService, localArtifactStore, modelDigest } from '../artifacts/service.ts';
import { ModelFault } from './faults.ts';

/** Copies of the models that are served, by their digest, which a worker reads without touching the store. */
export interface ModelFolders {
  /**
   * The local folder with the model's files, byte for byte those that were evaluated: their digest is computed anew
   * every time. Throws ModelFault when it differs.
   */
  fetch(storageLocation: string, digest: string): Promise<string>;
  /** Removes the copies of all models but these. */
  keepOnly(digests: ReadonlySet<string>): Promise<void>;
}

export async function modelFolders(artifacts: ArtifactsService, root: string): Promise<ModelFolders> {
  const copies = await localArtifactStore({ root });
  return {
    async fetch(storageLocation, digest) {
      if (!/^[0-9a-f]{64}$/.test(digest)) throw new ModelFault(`The model's digest '${digest}' is no SHA-256.`);
      const kept = await modelDigest(copies, digest);
      if (kept.digest !== digest) {
        await copies.delete(digest);
        await copy(artifacts, storageLocation, copies, digest);
        const fetched = await modelDigest(copies, digest);
        if (fetched.digest !== digest) {
          await copies.delete(digest);
          throw new ModelFault(
            fetched.files === 0
              ? `There are no files at ${storageLocation}.`
              : `The files at ${storageLocation} are not those that were evaluated: their digest is ${fetched.digest}, the recorded one ${digest}.`,
          );
        }
      }
      return path.join(root, digest);
    },

    async keepOnly(digests) {
      for (const { name, isDirectory } of await copies.list(''))
        if (isDirectory && /^[0-9a-f]{64}$/.test(name) && !digests.has(name)) await copies.delete(name);
    },
  };
}

async function copy(artifacts: ArtifactsService, uri: string, to: ArtifactStore, folder: string): Promise<void> {
  const folders: (string | undefined)[] = [undefined];
  while (folders.length > 0)
    for (const entry of await artifacts.list(uri, folders.pop())) {
      if (entry.isDirectory) {
        folders.push(entry.path);
        continue;
      }
      const file = await artifacts.open(uri, entry.path);
      await to.put(`${folder}/${entry.path}`, file.read());
    }
}
