import { createHash } from 'node:crypto';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';
import type { Score } from './metrics.ts';

export const resamples = 2_000;

export interface Bootstrapped {
  /** Share of resamples in which the challenger is not better. */
  readonly pValue: number;
  /** Of the difference, 95 %: its 2.5th and 97.5th percentile over the resamples; null where most are not numbers. */
  readonly interval: { readonly low: number; readonly high: number } | null;
}

/** The seed of a pair: the same two evaluations are always compared alike. */
export function seedOf(challengerId: string, championId: string): number {
  return createHash('sha256').update(`${challengerId}\n${championId}`).digest().readInt32BE(0);
}

/**
 * A one-sided paired bootstrap over rows; H0 is that the challenger is not better. Both are scored on the same rows of
 * each resample. A resample on which a metric is not defined speaks against the challenger.
 */
export function pairedBootstrap(
  rows: number,
  challenger: Score,
  champion: Score,
  goal: 'maximize' | 'minimize',
  seed: number,
): Bootstrapped {
  const random = xoroshiro128plus(seed);
  const weights = new Uint32Array(rows);
  const differences: number[] = [];
  let notBetter = 0;
  for (let resample = 0; resample < resamples; resample++) {
    weights.fill(0);
    for (let draw = 0; draw < rows; draw++) weights[Math.floor(((random.next() >>> 0) / 2 ** 32) * rows)]!++;
    const difference = better(challenger(weights), champion(weights), goal);
    if (!(difference > 0)) notBetter++;
    if (!Number.isNaN(difference)) differences.push(difference);
  }
  differences.sort((a, b) => a - b);
  return { pValue: notBetter / resamples, interval: intervalOf(differences) };
}

/** How much better `one` is than `other`; negative when it is worse. */
export const better = (one: number, other: number, goal: 'maximize' | 'minimize'): number =>
  goal === 'maximize' ? one - other : other - one;

function intervalOf(sorted: readonly number[]): Bootstrapped['interval'] {
  if (sorted.length < resamples / 2) return null;
  const at = (share: number) => {
    const place = share * (sorted.length - 1);
    const below = sorted[Math.floor(place)]!;
    return below + (sorted[Math.ceil(place)]! - below) * (place % 1);
  };
  return { low: at(0.025), high: at(0.975) };
}
