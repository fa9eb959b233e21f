import { createHash } from 'node:crypto';
import { pipeline } from 'node:stream/promises';
import type { ArtifactStore } from './artifact-store.ts';

export interface ModelDigest {
  /** Hex SHA-256 over the sorted lines `<relative path>\0<size>\0<hex SHA-256 of the file>\n`. */
  readonly digest: string;
  readonly bytes: number;
  readonly files: number;
}

/**
 * What a folder of artifacts is, byte for byte: any change of a name or of content changes the digest. An empty or
 * missing folder has zero files.
 */
export async function modelDigest(store: ArtifactStore, folder: string): Promise<ModelDigest> {
  const lines: string[] = [];
  let bytes = 0;
  for await (const path of filesBelow(store, folder)) {
    const file = await store.open(path);
    const hash = createHash('sha256');
    await pipeline(file.read(), hash);
    lines.push(`${path.slice(folder.length === 0 ? 0 : folder.length + 1)}\0${file.size}\0${hash.digest('hex')}\n`);
    bytes += file.size;
  }
  const whole = createHash('sha256');
  for (const line of lines.sort()) whole.update(line);
  return { digest: whole.digest('hex'), bytes, files: lines.length };
}

/** Every file below a folder, as paths of the store. */
async function* filesBelow(store: ArtifactStore, folder: string): AsyncGenerator<string> {
  for (const { name, isDirectory } of await store.list(folder)) {
    const path = folder === '' ? name : `${folder}/${name}`;
    if (isDirectory) yield* filesBelow(store, path);
    else yield path;
  }
}
