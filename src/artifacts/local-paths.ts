import { lstat, mkdir, realpath } from 'node:fs/promises';
import { basename, dirname, join, relative, sep } from 'node:path';
import { invalid, shown } from '../errors.ts';
import { errorCode, isMissing, readError, writeError } from './file-errors.ts';

/** Folder inside the root for files that are not artifacts yet, or no longer; no artifact path leads into it. */
export const privateFolder = '.cellar';

export interface WritablePlace {
  readonly full: string;
  /** Folders whose entries changed on the way, to be synced. */
  readonly changed: readonly string[];
}

export type LocalPaths = ReturnType<typeof localPaths>;

/**
 * Turns cleaned artifact paths into places below `root` (a real path). Symbolic links are followed only to what lies
 * inside of the root: a link that leaves it, or that leads into the private folder, is refused for reading and writing.
 */
export function localPaths(root: string) {
  const inside = root.endsWith(sep) ? root : root + sep;
  const outside = (path: string) =>
    invalid(`Artifact path ${shown(path)} leads through a link that leaves the artifact root.`);

  function check(real: string, path: string): string {
    if (real !== root && !real.startsWith(inside)) throw outside(path);
    if (isPrivate(relative(root, real).split(sep, 1)[0]!)) throw outside(path);
    return real;
  }

  function full(path: string): string {
    if (isPrivate(path.split('/', 1)[0]!)) throw invalid(`Artifact path ${shown(path)} is reserved for the server.`);
    return join(root, path);
  }

  async function real(place: string, path: string): Promise<string> {
    try {
      return check(await realpath(place), path);
    } catch (error) {
      // A link to where the server may not even look leaves the root.
      throw errorCode(error) === 'EACCES' ? outside(path) : error;
    }
  }

  /** The real place of what exists. Throws RESOURCE_DOES_NOT_EXIST. */
  async function existing(path: string): Promise<string> {
    try {
      return await real(full(path), path);
    } catch (error) {
      throw readError(error, path);
    }
  }

  /** The place of an entry itself (a link is not followed), or undefined. Never the root. */
  async function entry(path: string): Promise<string | undefined> {
    const place = full(path);
    if (place === root || path === '') throw invalid('The artifact root itself cannot be deleted.');
    try {
      return check(join(await real(dirname(place), path), basename(place)), path);
    } catch (error) {
      if (isMissing(error)) return undefined;
      throw readError(error, path);
    }
  }

  /** Checks that a file may be put there, and makes nothing. */
  async function checkWritable(path: string): Promise<void> {
    const place = full(path);
    try {
      const parent = await real(dirname(place), path).catch(ignoreMissing);
      if (parent === undefined) await checkDeepestFolder(dirname(place), path);
      else await checkTarget(check(join(parent, basename(place)), path), path);
    } catch (error) {
      throw writeError(error, path);
    }
  }

  /** The place for a file, with the folders above it made. */
  async function writable(path: string): Promise<WritablePlace> {
    const place = full(path);
    const parent = dirname(place);
    try {
      let changed: string[] = [];
      let realParent = await real(parent, path).catch(ignoreMissing);
      if (realParent === undefined) {
        await checkDeepestFolder(parent, path);
        changed = foldersAbove(await mkdir(parent, { recursive: true }), parent);
        realParent = await real(parent, path);
      }
      const target = check(join(realParent, basename(place)), path);
      await checkTarget(target, path);
      return { full: target, changed: [...changed, realParent] };
    } catch (error) {
      throw writeError(error, path);
    }
  }

  /** Before a folder is made: whatever exists of the way to it must be inside of the root. */
  async function checkDeepestFolder(missing: string, path: string): Promise<void> {
    for (let folder = missing; folder.length >= root.length; folder = dirname(folder)) {
      if ((await real(folder, path).catch(ignoreMissing)) !== undefined) return;
      // A link to what does not exist (yet). A folder here is one that another upload has just made.
      if ((await lstat(folder).catch(ignoreMissing))?.isSymbolicLink()) throw outside(path);
    }
    throw new Error('The artifact root has gone');
  }

  async function checkTarget(target: string, path: string): Promise<void> {
    const found = await lstat(target).catch(ignoreMissing);
    if (found?.isSymbolicLink()) {
      const linked = await real(target, path).catch(ignoreMissing);
      if (linked === undefined) throw outside(path);
      await checkTarget(linked, path);
    } else if (found !== undefined && !found.isFile()) {
      throw invalid(`Artifact path ${shown(path)} is taken by a folder.`);
    }
  }

  return { full, existing, entry, checkWritable, writable };
}

const isPrivate = (firstSegment: string) => firstSegment.toLowerCase() === privateFolder;

/** A path through a file (ENOTDIR) stays an error. */
function ignoreMissing(error: unknown): undefined {
  if (errorCode(error) === 'ENOENT') return undefined;
  throw error;
}

/** From the folder that holds the first one made down to the one that holds the last. */
function foldersAbove(firstMade: string | undefined, last: string): string[] {
  if (firstMade === undefined) return [];
  const folders: string[] = [];
  for (let folder = last; folder.length >= firstMade.length; folder = dirname(folder)) folders.push(dirname(folder));
  return folders;
}
