/** A stretch of time in which code of one kind was an environment's champion. */
export interface Reign {
  readonly rmNo: number;
  /** Complete: `1.0.0`. */
  readonly codeVersion: string;
  readonly from: number;
  /** Undefined while it lasts. */
  readonly until?: number;
  /** Whether a rollback or a quarantine ended it. */
  readonly failed: boolean;
}

/** A decision after which another version was the champion, in the order of time. */
export interface Change {
  readonly time: number;
  readonly kind: string;
  readonly afterRmNo: number | null;
  readonly afterCodeVersion: string | null;
}

/** Who reigned when. A retrained version of the same code carries the reign on. */
export function reignsOf(changes: readonly Change[]): Reign[] {
  const reigns: Reign[] = [];
  for (const { time, kind, afterRmNo, afterCodeVersion } of changes) {
    const last = reigns.at(-1);
    const failed = kind === 'rollback' || kind === 'quarantine';
    if (last !== undefined && last.until === undefined) {
      if (!failed && last.rmNo === afterRmNo && last.codeVersion === afterCodeVersion) continue;
      reigns[reigns.length - 1] = { ...last, until: time, failed };
    }
    if (afterRmNo !== null && afterCodeVersion !== null)
      reigns.push({ rmNo: afterRmNo, codeVersion: afterCodeVersion, from: time, failed: false });
  }
  return reigns;
}

/** For how long, at the longest without a failure, code was live; 0 when it never was. Milliseconds. */
export function testedFor(reigns: readonly Reign[], rmNo: number, codeVersion: string, now: number): number {
  return reigns
    .filter((reign) => reign.rmNo === rmNo && reign.codeVersion === codeVersion && !reign.failed)
    .reduce((longest, { from, until = now }) => Math.max(longest, until - from), 0);
}
