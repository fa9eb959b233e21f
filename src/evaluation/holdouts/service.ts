import type { LocalArtifactStore } from '../../artifacts/service.ts';
import type { Tx } from '../../storage/storage.ts';
import type { HoldoutVersion } from './holdout.ts';
import { findLatestVersion, findVersion, findVersionByNo, type VersionRow } from './store.ts';

export interface HoldoutsOptions {
  /** The server's own files; never reachable through the artifact proxy. */
  readonly systemStore: LocalArtifactStore;
}

export type HoldoutsService = ReturnType<typeof holdoutsService>;

/** Holdouts: named external data sets whose versions never change. */
export function holdoutsService({ systemStore }: HoldoutsOptions) {
  const present = (row: VersionRow | undefined): HoldoutVersion | undefined =>
    row === undefined ? undefined : { ...row, path: systemStore.placeOf(row.storePath) };

  return {
    /** A version by its name and number, or undefined. */
    *findHoldoutVersion(name: string, version: number): Tx<HoldoutVersion | undefined> {
      return present(yield* findVersion(name, version));
    },

    /** A version by its internal id, or undefined. */
    *findHoldoutVersionByNo(holdoutVersionNo: number): Tx<HoldoutVersion | undefined> {
      return present(yield* findVersionByNo(holdoutVersionNo));
    },

    /** The newest version of a holdout, or undefined. */
    *latestVersion(name: string): Tx<HoldoutVersion | undefined> {
      return present(yield* findLatestVersion(name));
    },
  };
}
