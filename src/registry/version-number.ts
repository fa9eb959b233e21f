import { invalid, shown } from '../errors.ts';

/**
 * The number that a version's text means; 0, which no version has, for an integer that no version can have.
 * Throws INVALID_PARAMETER_VALUE for anything but an integer.
 */
export function versionNumber(text: string): number {
  if (!/^-?\d+$/.test(text))
    throw invalid(`Invalid value ${shown(text)} for parameter 'version': expected an integer as text, such as "3".`);
  const version = Number(text);
  return Number.isSafeInteger(version) && version > 0 ? version : 0;
}
