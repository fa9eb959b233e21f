import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import type { ArtifactStore, ByteRange } from '../../src/artifacts/artifact-store.ts';
import { localArtifactStore } from '../../src/artifacts/local-store.ts';

/** A store on a folder of its own, with a neighbour `outside` that holds a secret. */
export async function aLocalStore(folder: { readonly path: string }) {
  const base = join(folder.path, crypto.randomUUID());
  const root = join(base, 'artifacts');
  const outside = join(base, 'outside');
  await mkdir(outside, { recursive: true });
  await writeFile(join(outside, 'secret.txt'), 'secret');
  return { base, root, outside, store: await localArtifactStore({ root }) };
}

export const bytes = (...chunks: (string | Buffer)[]) => Readable.from(chunks.map((chunk) => Buffer.from(chunk)));
export const putText = (store: ArtifactStore, path: string, content = 'x') => store.put(path, bytes(content));
export const readText = async (store: ArtifactStore, path: string, range?: ByteRange) =>
  text((await store.open(path)).read(range));
/** Temporary files of uploads. */
export const leftovers = (root: string) => readdir(join(root, '.cellar', 'incoming'));
