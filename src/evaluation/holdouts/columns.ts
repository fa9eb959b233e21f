import { invalid, shown } from '../../errors.ts';
import { type Column, type ColumnType, columnTypes, maxColumns, type Task } from './holdout.ts';

const longestName = 250;

/**
 * Throws INVALID_PARAMETER_VALUE unless the columns of a file can be told apart by name on every system that reads them,
 * the target is one of them, and there is something to predict it from.
 */
export function checkColumns(names: readonly string[], target: string): void {
  if (names.length > maxColumns) throw invalid(`The file has ${names.length} columns: expected at most ${maxColumns}.`);
  const seen = new Map<string, { name: string; at: number }>();
  names.forEach((name, index) => {
    const at = index + 1;
    if (name.trim() === '')
      throw invalid(`Column ${at} has no name. If it is the index of a pandas frame, write the file with index=False.`);
    if (/^__index_level_\d+__$/.test(name))
      throw invalid(`Column ${at} is the index of a pandas frame: write the file with index=False.`);
    if (name.length > longestName || /\p{Cc}/u.test(name) || !name.isWellFormed())
      throw invalid(
        `Column ${at} is named ${shown(name)}: expected at most ${longestName} characters without control characters.`,
      );
    const earlier = seen.get(name.toLowerCase());
    if (earlier?.name === name) throw invalid(`Columns ${earlier.at} and ${at} are both named ${shown(name)}.`);
    if (earlier !== undefined)
      throw invalid(
        `Columns ${earlier.at} and ${at} differ only in upper and lower case: ${shown(earlier.name)} and ${shown(name)}.`,
      );
    seen.set(name.toLowerCase(), { name, at });
  });
  if (!names.includes(target))
    throw invalid(
      `Invalid value ${shown(target)} for parameter 'target' supplied: the file has no such column; it has ${listed(names)}.`,
    );
  if (names.length < 2) throw invalid(`The file has no column besides the target ${shown(target)}.`);
}

const listed = (names: readonly string[]) =>
  names.length <= 20
    ? names.map(shown).join(', ')
    : `${names.slice(0, 20).map(shown).join(', ')} and ${names.length - 20} more`;

/**
 * Types given by the caller as `column=type`. Throws INVALID_PARAMETER_VALUE for a type that is none of ours, a column
 * that the file has not, and one that is given twice.
 */
export function givenTypes(given: readonly string[], names: readonly string[]): Map<string, ColumnType> {
  const types = new Map<string, ColumnType>();
  for (const text of given) {
    const at = text.lastIndexOf('=');
    const name = text.slice(0, at);
    const type = columnTypes.find((known) => known === text.slice(at + 1));
    if (at < 1 || type === undefined)
      throw invalid(
        `Invalid value ${shown(text)} for parameter 'types' supplied: expected column=type, where the type is one of ${columnTypes.join(', ')}.`,
      );
    if (!names.includes(name))
      throw invalid(`Parameter 'types' names the column ${shown(name)}: the file has ${listed(names)}.`);
    if (types.has(name)) throw invalid(`Parameter 'types' gives the column ${shown(name)} twice.`);
    types.set(name, type);
  }
  return types;
}

/** How many values of a text column read as what. */
export interface Readings {
  /** Without those that stand for a missing value, such as `NA`. */
  readonly present: number;
  readonly int64: number;
  /** Numbers that are no int64: with a point or an exponent, or infinite. */
  readonly double: number;
  readonly boolean: number;
  readonly timestamp: number;
}

/**
 * The one type that all values of a text column have. A column without any value is `double`, as pandas has it; integers
 * beyond int64 stay text, so that no digit is lost.
 */
export function inferredType(readings: Readings): ColumnType {
  const { present, int64, double, boolean, timestamp } = readings;
  if (present === 0) return 'double';
  if (int64 === present) return 'int64';
  if (int64 + double === present) return 'double';
  if (boolean === present) return 'boolean';
  return timestamp === present ? 'timestamp' : 'string';
}

/** More different integers than this are taken for amounts, not for classes, where nothing was said. */
const mostInferredClasses = 50;

/**
 * The task that was asked for, or the one the target suggests. Throws INVALID_PARAMETER_VALUE where target and task do
 * not fit.
 */
export function taskFor(target: Column, distinct: number, asked: Task | undefined): Task {
  const { type } = target;
  if (type === 'timestamp')
    throw invalid(`The target ${shown(target.name)} is a timestamp: expected classes or numbers.`);
  const isNumber = type === 'int64' || type === 'double';
  if (asked === 'regression' && !isNumber)
    throw invalid(`The target ${shown(target.name)} is of type ${type}: regression expects int64 or double.`);
  if (asked !== undefined) return asked;
  if (!isNumber) return 'classification';
  return type === 'int64' && distinct <= mostInferredClasses ? 'classification' : 'regression';
}
