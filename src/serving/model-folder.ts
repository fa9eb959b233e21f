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
  // Two environments often serve the same model: one after another, so that neither sees the other's half copy.
  let last: Promise<unknown> = Promise.resolve();
  const inTurn = <T>(act: () => Promise<T>): Promise<T> => {
    const turn = last.then(act);
    last = turn.catch(() => undefined);
    return turn;
  };
  /** Asked for since copies were last thrown away. */
  let fetched = new Set<string>();

  return {
    fetch(storageLocation, digest) {
      fetched.add(digest);
      return inTurn(async () => {
        if (!/^[0-9a-f]{64}$/.test(digest)) throw new ModelFault(`The model's digest '${digest}' is no SHA-256.`);
        const kept = await modelDigest(copies, digest);
        if (kept.digest !== digest) await copyAnew(storageLocation, digest);
        return path.join(root, digest);
      });
    },

    keepOnly(digests) {
      fetched = new Set();
      return inTurn(async () => {
        for (const { name, isDirectory } of await copies.list(''))
          if (isDirectory && /^[0-9a-f]{64}$/.test(name) && !digests.has(name) && !fetched.has(name))
            await copies.delete(name);
      });
    },
  };

  async function copyAnew(storageLocation: string, digest: string): Promise<void> {
    await copies.delete(digest);
    await copy(artifacts, storageLocation, copies, digest);
    const found = await modelDigest(copies, digest);
    if (found.digest === digest) return;
    await copies.delete(digest);
    throw new ModelFault(
      found.files === 0
        ? `There are no files at ${storageLocation}.`
        : `The files at ${storageLocation} are not those that were evaluated: their digest is ${found.digest}, the recorded one ${digest}.`,
    );
  }
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
