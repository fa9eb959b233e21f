import type { ArtifactsService } from '../artifacts/service.ts';
import { modelDigest } from '../artifacts/service.ts';
import { AppError } from '../errors.ts';
import { sha256 } from './canonical-json.ts';
import type { LookedAt, Origin } from './origins.ts';

export type ModelFiles = Pick<ArtifactsService, 'store' | 'folderOf'>;

/** What a candidate's files are; a location that this server does not keep is known by its name alone. */
export async function lookAt(artifacts: ModelFiles, { location }: Pick<Origin, 'location'>): Promise<LookedAt> {
  return isKeptHere(artifacts, location)
    ? modelDigest(artifacts.store, artifacts.folderOf(location))
    : { digest: sha256(`elsewhere\0${location}`), bytes: 0, files: 0 };
}

export function isKeptHere(artifacts: ModelFiles, location: string): boolean {
  try {
    artifacts.folderOf(location);
    return true;
  } catch (error) {
    if (error instanceof AppError) return false;
    throw error;
  }
}
