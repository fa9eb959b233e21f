import type { RegistryPieces, VersionRow } from '../registry/service.ts';
import type { Dialect } from '../storage/dialect.ts';
import { all, run, type Tx } from '../storage/storage.ts';
import type { CandidateLookups } from '../tracking/service.ts';
import type { SlotPolicy } from './policy.ts';
import { compareIds } from './ranking.ts';

export type OriginVersion = VersionRow & { readonly deleted: boolean };

/** Where a candidate comes from: what its evaluation and its registration need beyond what a decision looks at. */
export interface Origin {
  /** As the selection names it: `v12`, or the id of a logged model. */
  readonly id: string;
  readonly version: OriginVersion | null;
  /** The logged model that is no version yet. */
  readonly model: {
    readonly modelId: string;
    readonly name: string;
    readonly artifactUri: string;
    readonly sourceRunId: string;
    readonly creationTime: number;
  } | null;
  readonly modelId: string | null;
  readonly runId: string | null;
  /** The URI of its files. */
  readonly location: string;
  /** Under which its digest is kept: one for a logged model and the version made from it. */
  readonly subject: string;
  /** For people: `AImodel 3`. */
  readonly label: string;
}

export interface OriginDeps {
  readonly dialect: Dialect;
  readonly candidates: CandidateLookups;
  readonly registry: RegistryPieces;
}

/**
 * Every version of every registered model that the allowance names, the logged models of finished runs in the service's
 * experiment that are behind no version, and the champion, whatever the allowance says. In the order of their ids.
 */
export function* findOrigins(deps: OriginDeps, policy: SlotPolicy, championNo: number | null): Tx<Origin[]> {
  const { dialect, registry, candidates } = deps;
  const versions = new Map<number, OriginVersion>();
  for (const version of yield* registry.versionsOfModels(dialect, Object.keys(policy.allow)))
    versions.set(version.versionNo, { ...version, deleted: false });
  if (championNo !== null && !versions.has(championNo))
    for (const [no, version] of yield* registry.versionsByNo(dialect, [championNo])) versions.set(no, version);
  const models = policy.experiment === null ? [] : yield* candidates.loggedModelsIn(policy.experiment);
  const registered = yield* registry.modelsBehindVersions(
    dialect,
    models.map(({ modelId }) => modelId),
  );
  const runs = yield* candidates.runs(runUris([...versions.values()]));
  const origins = [
    ...[...versions.values()].map((version) => originOfVersion(version, runs)),
    ...models.filter(({ modelId }) => !registered.has(modelId)).map(originOfModel),
  ];
  return origins.sort((a, b) => compareIds(a.id, b.id));
}

/** A version whose source is `runs:/<run>/<path>` lies below that run's artifacts. */
const runUri = /^runs:\/([^/]+)\/+(.+)$/;
export const runUris = (versions: readonly OriginVersion[]) =>
  versions.flatMap(({ storageLocation }) => runUri.exec(storageLocation)?.[1] ?? []);

/** Under which the digest of a version's files is kept. */
export const subjectOf = ({ modelId, versionNo }: Pick<VersionRow, 'modelId' | 'versionNo'>): string =>
  modelId ?? `v${versionNo}`;

export function originOfVersion(
  version: OriginVersion,
  runs: ReadonlyMap<string, { readonly artifactUri: string }>,
): Origin {
  const { versionNo, modelId, runId, name } = version;
  const [, uriRun, path] = runUri.exec(version.storageLocation) ?? [];
  const run = uriRun === undefined ? undefined : runs.get(uriRun);
  return {
    id: `v${versionNo}`,
    version,
    model: null,
    modelId,
    runId: runId || null,
    location: run === undefined ? version.storageLocation : `${run.artifactUri.replace(/\/$/, '')}/${path}`,
    subject: subjectOf(version),
    label: `${name} ${version.version}`,
  };
}

export function originOfModel(model: NonNullable<Origin['model']>): Origin {
  return {
    id: model.modelId,
    version: null,
    model,
    modelId: model.modelId,
    runId: model.sourceRunId || null,
    location: model.artifactUri,
    subject: model.modelId,
    label: `${model.name} (${model.modelId})`,
  };
}

export interface KnownDigest {
  readonly digest: string;
  readonly bytes: number;
  /** Its files were others when they were last looked at. */
  readonly changed: boolean;
}

/** What the files of candidates were when they were first looked at, by subject. */
export function* knownDigests(dialect: Dialect, subjects: readonly string[]): Tx<Map<string, KnownDigest>> {
  const rows = yield* all<{ subject: string; digest: string; bytes: number; changed: number | null }>(
    `select subject, digest, bytes, changed_time as "changed" from artifact_digests where ${dialect.isAnyOf('subject', subjects)}`,
    [dialect.list(subjects)],
  );
  return new Map(rows.map((row) => [row.subject, { ...row, changed: row.changed !== null }]));
}

export interface LookedAt {
  readonly digest: string;
  readonly bytes: number;
  readonly files: number;
}

/** Keeps what a candidate's files are, unless it is known. */
export const keepDigest = ({ subject, location }: Origin, found: LookedAt, now: number): Tx<number> =>
  run(
    `insert into artifact_digests(subject, location, digest, bytes, files, computed_time) values (?, ?, ?, ?, ?, ?)
     on conflict do nothing`,
    [subject, location, found.digest, found.bytes, found.files, now],
  );

/** Notes that a candidate's files are no longer what they were. */
export const noteChanged = (subject: string, now: number): Tx<number> =>
  run('update artifact_digests set changed_time = ? where subject = ? and changed_time is null', [now, subject]);
