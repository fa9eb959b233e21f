import { invalid, shown } from '../errors.ts';

const wellFormed = /^[\p{L}\p{N}_-]{1,255}$/u;
const versionLike = /^v\d+$/i;

/** The alias that always means the highest version. */
export const isLatest = (alias: string) => alias.toLowerCase() === 'latest';

/** Throws INVALID_PARAMETER_VALUE unless `alias` is 1 to 255 letters, digits, `_` and `-`. */
export function checkAliasName(alias: string): void {
  if (!wellFormed.test(alias))
    throw invalid(
      `Invalid value ${shown(alias)} for parameter 'alias': expected 1 to 255 letters, digits, underscores and dashes.`,
    );
}

/** Throws INVALID_PARAMETER_VALUE for a name that clients resolve by themselves: `latest`, `v3`. */
export function checkAliasNotReserved(alias: string): void {
  if (isLatest(alias) || versionLike.test(alias))
    throw invalid(
      `The alias ${shown(alias)} is reserved: expected a name other than 'latest' and 'v' followed by digits.`,
    );
}
