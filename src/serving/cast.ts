import { BoundedCache } from '../bounded-cache.ts';
import { AppError, invalid } from '../errors.ts';
import type { Rows } from './rows.ts';
import { kindOf } from './scoring-body.ts';
import type { Column, ColumnType, ModelInput } from './signature.ts';
import { type Cells, type Layout, layoutOf, makeCells, mostLayouts, type Table } from './table.ts';

/**
 * Checks rows against what a model takes, and casts them. Columns that the model does not know are left out. Throws
 * INVALID_PARAMETER_VALUE for missing columns, BAD_REQUEST, naming column, row, found and expected type, for a cell, and
 * status 413 for too many cells.
 */
export type Caster = (rows: Rows, isText?: boolean) => Table;

/** A body of 32 MiB that names a value for each cell has no more. Cells that are not there cost nothing to claim. */
const mostCells = 16 * 1024 * 1024;

export function casterOf({ columns, declared }: Extract<ModelInput, { kind: 'columns' }>): Caster {
  const layouts = new BoundedCache<string, Layout>(mostLayouts, () => 1);
  /** Optional columns may be absent; each choice of them is a layout of its own. */
  const layoutFor = (present: readonly Column[]): Layout => {
    const key = present.length === columns.length ? '' : JSON.stringify(present.map(({ name }) => name));
    const known = layouts.get(key);
    if (known !== undefined) return known;
    const layout = layoutOf(present);
    layouts.set(key, layout);
    return layout;
  };

  return (rows, isText = false) => {
    const places = placesOf(rows, columns, declared);
    const layout = layoutFor(places.size === columns.length ? columns : columns.filter(({ name }) => places.has(name)));
    const cellCount = rows.count * layout.columns.length;
    if (cellCount > mostCells)
      throw new AppError(
        'BAD_REQUEST',
        `The request has ${rows.count} rows, and the model takes ${layout.columns.length} columns: expected at most ${mostCells} cells. Send fewer rows at once.`,
        { status: 413 },
      );
    const blocks = layout.blocks.map(({ type, columns: names }) => {
      const cells = makeCells(type, rows.count * names.length);
      names.forEach((name, offset) => {
        fill(cells, type, { rows, place: places.get(name)!, name, offset, step: names.length, isText });
      });
      return cells;
    });
    return { layout, rows: rows.count, blocks };
  };
}

/** Where each of the model's columns stands in the rows. */
function placesOf(rows: Rows, columns: readonly Column[], declared: boolean): Map<string, number> {
  const places = new Map<string, number>();
  if (rows.names === undefined) {
    if (!declared && rows.width === columns.length) {
      columns.forEach(({ name }, i) => {
        places.set(name, i);
      });
      return places;
    }
    throw invalid(
      declared
        ? `The model takes columns by name (${listed(columns.map(({ name }) => name))}), and the rows name none: use dataframe_split with 'columns', or dataframe_records.`
        : `The model takes ${columns.length} columns (${listed(columns.map(({ name }) => name))}); the rows have ${rows.width}.`,
    );
  }
  const at = new Map(rows.names.map((name, i) => [name, i]));
  const absent: string[] = [];
  for (const { name, required } of columns) {
    const place = at.get(name);
    if (place !== undefined) places.set(name, place);
    else if (required) absent.push(name);
  }
  if (absent.length > 0) {
    const known = new Set(columns.map(({ name }) => name));
    const extra = rows.names.filter((name) => !known.has(name));
    throw invalid(
      `The model is missing the ${absent.length === 1 ? 'input' : 'inputs'} ${listed(absent)}.${
        extra.length === 0 ? '' : ` The request has ${listed(extra)}, which the model does not know.`
      }`,
    );
  }
  return places;
}

const listed = (names: readonly string[]) =>
  names.length > 20
    ? `${names
        .slice(0, 20)
        .map((name) => `'${name}'`)
        .join(', ')} and ${names.length - 20} more`
    : names.map((name) => `'${name}'`).join(', ');

interface Source {
  readonly rows: Rows;
  readonly place: number;
  readonly name: string;
  readonly offset: number;
  readonly step: number;
  readonly isText: boolean;
}

function fill(cells: Cells, type: ColumnType, { rows, place, name, offset, step, isText }: Source): void {
  const read = readers[type];
  for (let row = 0, at = offset; row < rows.count; row++, at += step) {
    const found = rows.at(row, place);
    const cell = type === 'double' && typeof found === 'number' ? found : read(found, isText);
    if (cell === undefined) throw misfit(name, row, type, found);
    (cells as unknown[])[at] = cell;
  }
}

function misfit(name: string, row: number, type: ColumnType, found: unknown): AppError {
  const hint =
    isOfNumbers(type) && typeof found === 'string' && found.length > longestNumber
      ? tooLong
      : (type === 'long' || type === 'integer') && (found === null || found === undefined)
        ? noNull
        : '';
  return new AppError(
    'BAD_REQUEST',
    `Column '${name}', row ${row}: expected ${expected[type]}, found ${found === undefined ? 'nothing' : kindOf(found)}.${hint}`,
  );
}

const noNull =
  ' A column of whole numbers cannot have a missing value; a model trained with them has a signature of doubles.';

/** No number that a column can hold needs more characters; what reads digits need not be fast on millions of them. */
const longestNumber = 400;
const tooLong = ` The text of a number has at most ${longestNumber} characters.`;
const isOfNumbers = (type: ColumnType) =>
  type === 'double' || type === 'float' || type === 'integer' || type === 'long';

const expected: Readonly<Record<ColumnType, string>> = {
  double: 'double',
  float: 'float',
  integer: 'integer (32 bit)',
  long: 'long (64 bit; beyond 2^53 as text)',
  boolean: 'boolean',
  string: 'string',
  binary: 'binary as base64 text',
  datetime: 'datetime such as 2026-11-25T08:30:00',
};

/** Reads one cell; undefined is a misfit. */
type Reader = (found: unknown, isText: boolean) => number | bigint | string | null | undefined;

const readNumber: Reader = (found) => {
  switch (typeof found) {
    case 'number':
      return found;
    case 'string':
      return numberFrom(found);
    case 'boolean':
      return found ? 1 : 0;
    default:
      return found === null || found === undefined ? Number.NaN : undefined;
  }
};

const decimal = /^\s*[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?\s*$/;
const infinity = /^\s*([+-]?)inf(?:inity)?\s*$/i;

function numberFrom(text: string): number | undefined {
  if (text.length > longestNumber) return undefined;
  if (decimal.test(text)) return Number(text);
  if (/^\s*nan\s*$/i.test(text)) return Number.NaN;
  const match = infinity.exec(text);
  if (match === null) return undefined;
  return match[1] === '-' ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
}

const readWhole: Reader = (found) => {
  if (typeof found === 'boolean') return found ? 1 : 0;
  if (typeof found === 'string') {
    if (found.length > longestNumber || !/^\s*[+-]?\d+(?:\.0*)?\s*$/.test(found)) return undefined;
    return Number(found);
  }
  return Number.isInteger(found) ? (found as number) : undefined;
};

const readLong: Reader = (found, isText) => {
  if (typeof found === 'string' && found.length <= longestNumber && /^\s*[+-]?\d+\s*$/.test(found)) {
    const exact = BigInt(found.replace('+', ''));
    return BigInt.asIntN(64, exact) === exact ? exact : undefined;
  }
  const whole = readWhole(found, isText);
  return typeof whole === 'number' && Number.isSafeInteger(whole) ? BigInt(whole) : undefined;
};

const trueText = /^\s*(?:true|1)\s*$/i;
const falseText = /^\s*(?:false|0)\s*$/i;

const readers: Readonly<Record<ColumnType, Reader>> = {
  double: readNumber,
  float: readNumber,
  integer: (found, isText) => {
    const whole = readWhole(found, isText);
    return typeof whole === 'number' && (whole | 0) === whole ? whole : undefined;
  },
  long: readLong,
  boolean: (found, isText) => {
    if (typeof found === 'boolean') return found ? 1 : 0;
    if (found === 0 || found === 1) return found;
    if (!isText || typeof found !== 'string') return undefined;
    return trueText.test(found) ? 1 : falseText.test(found) ? 0 : undefined;
  },
  string: (found) => {
    if (typeof found === 'string') return found;
    return found === null || found === undefined ? null : undefined;
  },
  binary: (found) => {
    if (found === null || found === undefined) return null;
    return typeof found === 'string' && /^[A-Za-z0-9+/\s]*(?:=\s*){0,2}$/.test(found) ? found : undefined;
  },
  datetime: (found) => {
    if (found === null || found === undefined) return null;
    return typeof found === 'string' && /^\d{4}-\d{2}-\d{2}/.test(found) && !Number.isNaN(Date.parse(found))
      ? found
      : undefined;
  },
};
