import { createHash, randomUUID } from 'node:crypto';
import { type BigIntStats, constants } from 'node:fs';
import { type FileHandle, lstat, mkdir, open, readdir, realpath, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import { AppError, invalid, shown } from '../errors.ts';
import type { ArtifactEntry, ArtifactInfo, ArtifactStore, LocalArtifactStore, OpenArtifact } from './artifact-store.ts';
import { folderSync, withFile, writeDurably } from './durable-write.ts';
import { isMissing, noSuchArtifact, readError, writeError } from './file-errors.ts';
import { localPaths, privateFolder } from './local-paths.ts';
import { localUploads } from './local-uploads.ts';

const readBytes = 512 * 1024;
const smallBytes = 64 * 1024;
/** Looks at files at the same time while a folder is listed. */
const listWidth = 64;

/**
 * Artifacts as plain files below `root`, laid out as the paths say, so that a folder of MLflow's can be moved in. What is
 * not whole yet lies in `<root>/.cellar` (on the same file system, mode 0700) and is cleared at start.
 * Several processes may share a root; one that starts breaks uploads of another, which then fail as retryable.
 */
export async function localArtifactStore(options: { root: string; now?: () => number }): Promise<LocalArtifactStore> {
  await mkdir(options.root, { recursive: true });
  const root = await realpath(options.root);
  const hidden = join(root, privateFolder);
  const incoming = join(hidden, 'incoming');
  await rm(incoming, { recursive: true, force: true });
  await mkdir(incoming, { recursive: true, mode: 0o700 });
  const paths = localPaths(root);
  const sync = folderSync();

  /** Moves a whole, synced file to its path and makes the move durable. */
  async function publish(file: string, path: string): Promise<void> {
    for (let attempt = 1; ; attempt++) {
      try {
        const place = await paths.writable(path);
        await rename(file, place.full);
        await Promise.all(place.changed.map(sync));
        return;
      } catch (error) {
        if (!isMissing(error)) throw writeError(error, path);
        // The folder was deleted between the look and the move, or the file itself by another process that started.
        if (attempt === 3)
          throw new AppError('TEMPORARILY_UNAVAILABLE', `The upload of ${shown(path)} was disturbed. Try again.`, {
            cause: error,
          });
      }
    }
  }

  const put: ArtifactStore['put'] = async (path, source, { maxBytes, announcedBytes } = {}) => {
    // A small file is only checked when it is moved to its place: looking twice would cost more than reading it in vain.
    if (announcedBytes === undefined || announcedBytes > smallBytes) await paths.checkWritable(path);
    const temporary = join(incoming, randomUUID());
    try {
      const size = await withFile(temporary, 'wx', (file) => writeDurably(file, source, { maxBytes }));
      await publish(temporary, path);
      return { size };
    } catch (error) {
      await rm(temporary, { force: true });
      throw writeError(error, path);
    }
  };

  const openFile: ArtifactStore['open'] = async (path) => {
    const place = await paths.existing(path);
    let file: FileHandle | undefined;
    try {
      // The place has no links left; not blocking, since opening a pipe would wait for its other end.
      file = await open(place, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
      return openArtifact(file, infoOf(await file.stat({ bigint: true }), path));
    } catch (error) {
      await file?.close();
      throw readError(error, path);
    }
  };

  async function list(folder: string): Promise<ArtifactEntry[]> {
    const place = folder === '' ? root : await paths.existing(folder).catch(undefinedIfMissing);
    if (place === undefined) return [];
    const names = await readdir(place).catch((error: unknown) => {
      if (isMissing(error)) return [];
      throw readError(error, folder);
    });
    const entries: ArtifactEntry[] = [];
    for (let at = 0; at < names.length; at += listWidth) {
      const found = await Promise.all(names.slice(at, at + listWidth).map((name) => entryOf(folder, place, name)));
      for (const entry of found) if (entry !== undefined) entries.push(entry);
    }
    return entries.sort((a, b) => Buffer.compare(Buffer.from(a.name), Buffer.from(b.name)));
  }

  /** Undefined for what is no artifact: the private folder, pipes, links that leave the root, what has just gone. */
  async function entryOf(folder: string, place: string, name: string): Promise<ArtifactEntry | undefined> {
    if (place === root && name === privateFolder) return undefined;
    try {
      const own = await lstat(join(place, name));
      const found = own.isSymbolicLink()
        ? await stat(await paths.existing(folder === '' ? name : `${folder}/${name}`))
        : own;
      if (found.isDirectory()) return { name, isDirectory: true, size: 0 };
      return found.isFile() ? { name, isDirectory: false, size: found.size } : undefined;
    } catch {
      return undefined;
    }
  }

  async function remove(path: string): Promise<void> {
    const place = await paths.entry(path);
    if (place === undefined) return;
    // Moved aside first: what is being deleted is gone at once, and a crash leaves nothing half there.
    const doomed = join(incoming, randomUUID());
    try {
      await rename(place, doomed);
    } catch (error) {
      if (isMissing(error)) return;
      throw readError(error, path);
    }
    await sync(dirname(place));
    await rm(doomed, { recursive: true, force: true });
  }

  async function withScratch<T>(use: (folder: string) => Promise<T>): Promise<T> {
    const folder = join(incoming, randomUUID());
    await mkdir(folder, { mode: 0o700 });
    try {
      return await use(folder);
    } finally {
      await rm(folder, { recursive: true, force: true, maxRetries: 3 });
    }
  }

  async function adopt(file: string, path: string): Promise<void> {
    await withFile(file, 'r+', (handle) => handle.datasync());
    await publish(file, path);
  }

  return {
    put,
    placeOf: paths.full,
    withScratch,
    adopt,
    open: openFile,
    async stat(path) {
      const place = await paths.existing(path);
      const found = await stat(place, { bigint: true }).catch((error: unknown) => {
        throw readError(error, path);
      });
      return infoOf(found, path);
    },
    list,
    delete: remove,
    uploads: await localUploads({
      folder: join(hidden, 'uploads'),
      now: options.now ?? Date.now,
      checkTarget: paths.checkWritable,
      publish,
    }),
  };
}

function undefinedIfMissing(error: unknown): undefined {
  if ((error as { code?: unknown }).code === 'RESOURCE_DOES_NOT_EXIST') return undefined;
  throw error;
}

function infoOf(found: BigIntStats, path: string): ArtifactInfo {
  if (found.isDirectory()) throw invalid(`Artifact path ${shown(path)} is a folder, not a file.`);
  if (!found.isFile()) throw noSuchArtifact(path);
  // Hashed, so that the inode's number stays here.
  const etag = createHash('sha1').update(`${found.ino}-${found.size}-${found.mtimeNs}`).digest('hex').slice(0, 24);
  return { size: Number(found.size), modifiedTime: Number(found.mtimeNs / 1_000_000n), etag };
}

function openArtifact(file: FileHandle, info: ArtifactInfo): OpenArtifact {
  return {
    ...info,
    close: () => file.close(),
    read({ start, end } = { start: 0, end: info.size - 1 }) {
      if (end < start) {
        const nothing = Readable.from([]);
        nothing.once('close', () => void file.close());
        return nothing;
      }
      return file.createReadStream({ start, end, highWaterMark: Math.min(readBytes, end - start + 1) });
    },
  };
}
