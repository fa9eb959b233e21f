import type { Goal } from '../policy.ts';
import type { Found, Path } from './document.ts';
import { knownMetric } from './metrics.ts';
import type { File } from './schema.ts';

/** Collects what is wrong with a file that matches the schema. */
export interface Reader {
  readonly file: File;
  /** The texts of files that stand beside it, by relative path. */
  readonly code: Readonly<Record<string, string>>;
  readonly wrong: (path: Path, expected: string, found?: Found) => void;
}

/** The goal of a metric: what is known of it, which nobody may contradict, or what its owner says. */
export function goalFor(
  metric: string,
  goal: Goal | undefined,
  wrong: (expected: string, found?: Found) => void,
): Goal {
  const known = knownMetric(metric)?.goal;
  if (known === undefined && goal === undefined)
    wrong(`maximize or minimize: Cellar does not compute ${metric} itself`, { isMissing: true });
  if (known !== undefined && goal !== undefined && goal !== known)
    wrong(`${known}, because ${known === 'maximize' ? 'more' : 'less'} ${metric} is better`);
  return known ?? goal ?? 'maximize';
}

/** `an environment: int or prod`. */
export const oneOf = (what: string, names: readonly string[]): string =>
  names.length === 0 ? `${what}, of which there is none` : `${what}: ${names.join(', ')}`;
