import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Transform } from 'node:stream';
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
export const modelDigest = (store: ArtifactStore, folder: string): Promise<ModelDigest> => digested(store, folder);

/**
 * Copies a folder of artifacts into the folder `target` of this machine, and says what was copied: nobody can change the
 * files between the look at them and their use.
 */
export const copyModel = (store: ArtifactStore, folder: string, target: string): Promise<ModelDigest> =>
  digested(store, folder, target);

async function digested(store: ArtifactStore, folder: string, target?: string): Promise<ModelDigest> {
  const lines: string[] = [];
  let bytes = 0;
  for await (const path of filesBelow(store, folder)) {
    const relative = path.slice(folder.length === 0 ? 0 : folder.length + 1);
    const hash = createHash('sha256');
    const file = await store.open(path);
    if (target === undefined) await pipeline(file.read(), hash);
    else {
      const place = join(target, relative);
      await mkdir(dirname(place), { recursive: true });
      await pipeline(file.read(), noting(hash), createWriteStream(place, { flags: 'wx' }));
    }
    lines.push(`${relative}\0${file.size}\0${hash.digest('hex')}\n`);
    bytes += file.size;
  }
  const whole = createHash('sha256');
  for (const line of lines.sort()) whole.update(line);
  return { digest: whole.digest('hex'), bytes, files: lines.length };
}

const noting = (hash: { update(chunk: Buffer): unknown }) =>
  new Transform({
    transform(chunk: Buffer, _encoding, pass) {
      hash.update(chunk);
      pass(null, chunk);
    },
  });

/** Every file below a folder, as paths of the store. */
async function* filesBelow(store: ArtifactStore, folder: string): AsyncGenerator<string> {
  for (const { name, isDirectory } of await store.list(folder)) {
    const path = folder === '' ? name : `${folder}/${name}`;
    if (isDirectory) yield* filesBelow(store, path);
    else yield path;
  }
}
