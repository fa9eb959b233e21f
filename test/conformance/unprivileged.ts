import { chownSync } from 'node:fs';

const nobody = 65534;

/**
 * For a server that sequences ask to delete and to leave its folder: where the tests run as root, it runs as nobody and only the
 * folder belongs to it, so that a mistake in it cannot reach further.
 */
export function unprivileged(folder: string): { uid?: number; gid?: number } {
  if (process.getuid?.() !== 0) return {};
  chownSync(folder, nobody, nobody);
  return { uid: nobody, gid: nobody };
}
