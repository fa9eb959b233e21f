import { openAsBlob } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { ArtifactRoot } from './artifacts.ts';
import type { CellarClient } from './cellar-client.ts';
import { CellarError } from './errors.ts';

const uploadsAtOnce = 4;

const below = (folder: string, name: string) => (folder === '' ? name : `${folder}/${name}`);

/** Uploads a file under its own name into `folder`, the root unless given. It is streamed, never held in memory. */
export async function uploadFile(client: CellarClient, root: ArtifactRoot, file: string, folder = ''): Promise<void> {
  if ((await stat(file)).isDirectory())
    throw new CellarError('INVALID_PARAMETER_VALUE', `'${file}' is a directory: use logArtifacts.`);
  await client.uploadArtifact(root, below(folder, basename(file)), await openAsBlob(file));
}

/** Uploads what is in a local directory, with its directories, into `folder`. Links to directories are not followed. */
export async function uploadDirectory(
  client: CellarClient,
  root: ArtifactRoot,
  directory: string,
  folder = '',
): Promise<void> {
  const files: { readonly from: string; readonly to: string }[] = [];
  for await (const file of filesIn(directory, folder)) files.push(file);
  const next = files.values();
  const worker = async () => {
    for (const { from, to } of next) await client.uploadArtifact(root, to, await openAsBlob(from));
  };
  await Promise.all(Array.from({ length: Math.min(uploadsAtOnce, files.length) }, worker));
}

async function* filesIn(directory: string, folder: string): AsyncGenerator<{ from: string; to: string }> {
  const entries = await readdir(directory, { withFileTypes: true });
  for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
    const from = join(directory, entry.name);
    const to = below(folder, entry.name);
    if (entry.isDirectory()) yield* filesIn(from, to);
    else if (entry.isFile() || (entry.isSymbolicLink() && (await stat(from)).isFile())) yield { from, to };
  }
}
