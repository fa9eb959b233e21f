import type { VersionRef } from './records.ts';
import type { Outcome } from './selection-input.ts';

/** What somebody (or the reconciler) does to a slot without a selection, with all that its outcome depends on. */
export interface ManualInput {
  readonly act: 'override' | 'rollback' | 'quarantine' | 'release';
  readonly champion: VersionRef | null;
  /** What becomes the champion; null for a release, and where there is nothing to go back to. */
  readonly target: VersionRef | null;
  /** Whether the allowance admits the target. */
  readonly targetAdmitted: boolean;
  readonly reason: string;
  /** What a release lifts. */
  readonly releases: {
    readonly pin: boolean;
    readonly holds: readonly number[];
    readonly quarantines: readonly number[];
  };
}

export interface ManualResult {
  readonly outcome: Outcome;
  readonly reason: string;
  readonly detail: string;
  readonly flags: readonly string[];
  /** Whether selection is held off until a release. */
  readonly pinned: boolean;
  /** The version that may not come back here until a release. */
  readonly held: number | null;
  readonly quarantined: number | null;
}

/** What an act comes to. Pure, so that it can be worked out again from the record. */
export function manualOutcome({ act, champion, target, targetAdmitted, reason, releases }: ManualInput): ManualResult {
  const changed: Outcome = target === null ? 'none' : champion === null ? 'first' : 'replaced';
  const flags = target !== null && !targetAdmitted ? ['outside_allowance'] : [];
  const base = { flags, pinned: false, held: null, quarantined: null };
  switch (act) {
    case 'override':
      return {
        ...base,
        outcome: champion?.versionNo === target?.versionNo ? 'kept' : changed,
        reason: 'override',
        detail: `${named(target)} is the champion by hand: ${reason}`,
        pinned: true,
      };
    case 'rollback':
      return {
        ...base,
        outcome: changed,
        reason: 'rollback',
        detail: `Back from ${named(champion)} to ${named(target)}: ${reason}`,
        pinned: true,
        held: champion?.versionNo ?? null,
      };
    case 'quarantine':
      return {
        ...base,
        outcome: changed,
        reason: 'quarantine',
        detail: `${named(champion)} cannot be served: ${reason}`,
        quarantined: champion?.versionNo ?? null,
      };
    case 'release':
      return {
        ...base,
        flags: [],
        outcome: champion === null ? 'none' : 'kept',
        reason: 'release',
        detail: `${released(releases)}: ${reason}`,
      };
  }
}

const named = (version: VersionRef | null) =>
  version === null ? 'nothing' : `${version.registeredModel} ${version.codeVersion ?? ''} (version ${version.version})`;

function released({ pin, holds, quarantines }: ManualInput['releases']): string {
  const parts = [
    pin && 'the pin',
    holds.length > 0 && `${holds.length} on hold`,
    quarantines.length > 0 && `${quarantines.length} in quarantine`,
  ].filter((part) => part !== false);
  return parts.length === 0 ? 'Nothing to release' : `Released ${parts.join(', ')}`;
}
