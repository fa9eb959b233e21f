import { realpath } from 'node:fs/promises';
import { type AllowedSources, isWithin } from './source.ts';

/**
 * The real paths (links resolved) of a local source and of the artifact folder it should lie in; undefined when one of
 * them does not exist or the folder is not below a root that the operator allows.
 */
export async function realLocalPaths(
  path: string,
  artifactUri: string | undefined,
  allowed: AllowedSources,
): Promise<{ source: string; root: string } | undefined> {
  if (artifactUri === undefined || !/^(file:)?\//.test(artifactUri)) return undefined;
  const root = await existing(artifactUri.replace(/^file:(\/\/(?=\/))?/, ''));
  const source = await existing(path);
  if (root === undefined || source === undefined) return undefined;
  for (const allowedRoot of allowed.localRoots) {
    const real = await existing(allowedRoot);
    if (real !== undefined && isWithin(root, real)) return { source, root };
  }
  return undefined;
}

async function existing(path: string): Promise<string | undefined> {
  try {
    return await realpath(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== undefined) return undefined;
    throw error;
  }
}
