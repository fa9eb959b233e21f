import type { Readable } from 'node:stream';
import type { LocalArtifactStore } from '../../artifacts/service.ts';
import { notFound, shown } from '../../errors.ts';
import { nextId } from '../../storage/ids.ts';
import type { Storage, Tx } from '../../storage/storage.ts';
import { checkHoldoutName, type HoldoutVersion } from './holdout.ts';
import { type Asked, type Description, receiveHoldout, type Turn } from './intake.ts';
import { previewOf } from './preview.ts';
import * as store from './store.ts';
import type { RowsReply, Summary, UploadReply, VersionReply } from './wire.ts';

export interface HoldoutsOptions {
  readonly storage: Storage;
  readonly clock: () => number;
  /** The server's own files; never reachable through the artifact proxy. */
  readonly systemStore: LocalArtifactStore;
}

export type HoldoutsService = ReturnType<typeof holdoutsService>;

/** Holdouts: named external data sets whose versions never change. */
export function holdoutsService({ storage, clock, systemStore }: HoldoutsOptions) {
  const uploading = oneAtATime();
  const previewing = oneAtATime();
  const present = (row: store.VersionRow | undefined): HoldoutVersion | undefined =>
    row === undefined ? undefined : { ...row, path: systemStore.placeOf(row.storePath) };

  function* described(name: string, version: number): Tx<{ row: store.VersionRow; description: Description }> {
    const row = yield* store.findVersion(name, version);
    if (row === undefined) throw yield* noSuchVersion(name, version);
    return { row, description: JSON.parse((yield* store.descriptionOf(row.holdoutVersionNo))!) };
  }

  return {
    /**
     * Takes in a CSV or Parquet file as the next version of a holdout, which appears with its first version. Rows that a
     * version of it has already are that version. Errors as `receiveHoldout`.
     */
    async put(name: string, body: Readable, asked: Asked & { readonly actor: string }): Promise<UploadReply> {
      checkHoldoutName(name);
      const received = await receiveHoldout(systemStore, body, asked, uploading);
      return storage.write(function* () {
        const holdoutNo = yield* lockedHoldout(name, clock());
        const same = yield* store.findByDigest(holdoutNo, received.digest);
        if (same === undefined) {
          const { description, ...rest } = received;
          yield* store.insertVersion({
            ...rest,
            holdoutNo,
            holdoutVersionNo: yield* nextId('holdout_version'),
            version: yield* store.takeVersion(holdoutNo),
            target: asked.target,
            description: JSON.stringify(description),
            uploadedBy: asked.actor,
            uploadedTime: clock(),
          });
        }
        const row = (yield* store.findByDigest(holdoutNo, received.digest))!;
        return { ...summaryOf(row), ...received.description, created: same === undefined };
      });
    },

    /** The newest version of every holdout, by name. */
    list: (): Promise<Summary[]> =>
      storage.read(function* () {
        return (yield* store.latestVersions()).map(summaryOf);
      }),

    /** All versions of a holdout, newest first. Throws RESOURCE_DOES_NOT_EXIST. */
    versions: (name: string): Promise<Summary[]> =>
      storage.read(function* () {
        const rows = yield* store.versionsOf(name);
        if (rows.length === 0) throw noSuchHoldout(name);
        return rows.map(summaryOf);
      }),

    /** A version with what its columns hold. Throws RESOURCE_DOES_NOT_EXIST. */
    get: (name: string, version: number): Promise<VersionReply> =>
      storage.read(function* () {
        const { row, description } = yield* described(name, version);
        return { ...summaryOf(row), ...description };
      }),

    /** The first rows of a version. Throws RESOURCE_DOES_NOT_EXIST. */
    async preview(name: string, version: number, limit: number): Promise<RowsReply> {
      const { row, description } = await storage.read(() => described(name, version));
      const columns = description.columns.map((column) => ({ name: column.name, type: column.type }));
      const rows = await previewing(() => previewOf(systemStore.placeOf(row.storePath), columns, limit));
      return { columns, rows, total: row.rows };
    },

    /** A version by its name and number, or undefined. */
    *findHoldoutVersion(name: string, version: number): Tx<HoldoutVersion | undefined> {
      return present(yield* store.findVersion(name, version));
    },

    /** A version by its internal id, or undefined. */
    *findHoldoutVersionByNo(holdoutVersionNo: number): Tx<HoldoutVersion | undefined> {
      return present(yield* store.findVersionByNo(holdoutVersionNo));
    },

    /** The newest version of a holdout, or undefined. */
    *latestVersion(name: string): Tx<HoldoutVersion | undefined> {
      return present(yield* store.findLatestVersion(name));
    },
  };
}

const summaryOf = ({ holdoutVersionNo: _no, storePath: _path, ...shownToAll }: store.VersionRow): Summary => shownToAll;

function* lockedHoldout(name: string, now: number): Tx<number> {
  const known = yield* store.lockHoldout(name);
  if (known !== undefined) return known;
  yield* store.insertHoldout(yield* nextId('holdout'), name, now);
  return (yield* store.lockHoldout(name))!;
}

const noSuchHoldout = (name: string) => notFound(`No holdout is named ${shown(name)}.`);

function* noSuchVersion(name: string, version: number): Tx<Error> {
  const latest = yield* store.findLatestVersion(name);
  if (latest === undefined) return noSuchHoldout(name);
  return notFound(`Holdout ${shown(name)} has no version ${version}: its newest is ${latest.version}.`);
}

/** DuckDB takes much memory and both cores, so calls wait for each other. */
function oneAtATime(): Turn {
  let last: Promise<unknown> = Promise.resolve();
  return (act) => {
    const turn = last.then(act);
    last = turn.catch(() => undefined);
    return turn;
  };
}
