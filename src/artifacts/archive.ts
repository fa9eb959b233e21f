import type { Readable } from 'node:stream';
import { ZipFile } from 'yazl';
import { invalid, notFound, shown } from '../errors.ts';
import type { ListedArtifact } from './service.ts';

declare module 'yazl' {
  interface ZipFile {
    /** The published types leave out what the callback is called with. */
    end(options: EndOptions, onSize: (total: number) => void): void;
  }
}

export interface ArchivedFile {
  /** Its name in the archive, relative to the folder that is archived. */
  readonly name: string;
  readonly size: number;
  readonly open: () => Promise<Readable>;
}

const mostFiles = 100_000;

/**
 * Every file below a folder. Throws RESOURCE_DOES_NOT_EXIST when there is none, INVALID_PARAMETER_VALUE beyond 100,000.
 */
export async function filesBelow(
  folder: string,
  list: (folder: string) => Promise<readonly ListedArtifact[]>,
): Promise<ListedArtifact[]> {
  const files: ListedArtifact[] = [];
  const folders = [folder];
  for (let next = folders.pop(); next !== undefined; next = folders.pop()) {
    const entries = await list(next);
    for (const entry of entries) if (!entry.isDirectory) files.push(entry);
    folders.push(...entries.filter((entry) => entry.isDirectory).map((entry) => entry.path));
    if (files.length + folders.length > mostFiles)
      throw invalid(
        `There are more than ${mostFiles} files in the folder ${shown(folder)}: download the folders in it one by one.`,
      );
  }
  if (files.length === 0) throw notFound(`There are no files in the folder ${shown(folder)}.`);
  return files.sort((a, b) => (a.path < b.path ? -1 : 1));
}

/**
 * A zip archive that is made while it is read, and its size in bytes: files are stored as they are and opened one after
 * the other. It breaks off with an error when a file is gone or has another size by then.
 */
export async function zipOf(files: readonly ArchivedFile[]): Promise<{ size: number; stream: Readable }> {
  const zip = new ZipFile();
  // The declared type is the least that a stream can be; it is a PassThrough.
  const stream = zip.outputStream as Readable;
  let current: Readable | undefined;
  for (const { name, size, open } of files)
    zip.addReadStreamLazy(name, { compress: false, size }, (begin) => {
      open().then(
        (opened) => {
          current = opened;
          if (stream.destroyed) opened.destroy();
          else begin(null, opened);
        },
        (error: Error) => stream.destroy(error),
      );
    });
  zip.on('error', (error: Error) => stream.destroy(error));
  // Whoever stops reading leaves a file open.
  stream.once('close', () => current?.destroy());
  const size = await new Promise<number>((resolve) => zip.end({ forceZip64Format: false, comment: '' }, resolve));
  return { size, stream };
}
