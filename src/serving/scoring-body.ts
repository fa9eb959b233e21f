import { isUtf8 } from 'node:buffer';
import { CsvError, parse as parseCsv } from 'csv-parse/sync';
import { AppError, invalid, shown } from '../errors.ts';
import { maxDepth, tooDeep } from '../http/body.ts';
import { type JsonRecord, type Rows, rowsOfColumns, rowsOfLists, rowsOfRecords } from './rows.ts';

/** A request of MLflow's scoring protocol: rows that are not checked yet, and parameters of the prediction. */
export interface ScoringRequest {
  readonly rows: Rows;
  readonly params: JsonRecord | undefined;
  /** A cell of CSV is text, whatever it stands for. */
  readonly isText: boolean;
}

const forms = ['dataframe_split', 'dataframe_records', 'instances', 'inputs'] as const;
type Form = (typeof forms)[number];

const bad = (message: string) => new AppError('BAD_REQUEST', message);

/** `csv` or `json`. Throws status 415 for another media type, parameter or character set, as MLflow does. */
export function scoringMediaType(contentType: string | undefined): 'csv' | 'json' {
  const [type = '', ...parameters] = (contentType ?? '').split(';').map((part) => part.trim());
  for (const parameter of parameters) {
    const [name = '', value = ''] = parameter.split('=').map((part) => part.trim().toLowerCase());
    if (name === 'charset' && value.replace(/^"(.*)"$/, '$1') === 'utf-8') continue;
    throw unsupported(`the parameter '${parameter}': expected charset=utf-8 or none`);
  }
  if (type.toLowerCase() === 'application/json') return 'json';
  if (type.toLowerCase() === 'text/csv') return 'csv';
  throw unsupported(`${shown(contentType ?? 'none')}: expected application/json or text/csv`);
}

const unsupported = (what: string) =>
  new AppError('BAD_REQUEST', `Unsupported Content-Type, ${what}.`, { status: 415 });

/** Reads a body of MLflow's scoring protocol. Throws BAD_REQUEST saying which form is meant and what is wrong with it. */
export function readScoringBody(body: Buffer, mediaType: 'csv' | 'json'): ScoringRequest {
  if (mediaType === 'csv') return { rows: readCsv(textOf(body)), params: undefined, isText: true };
  return readScoringJson(parseJson(body));
}

function textOf(body: Buffer): string {
  if (!isUtf8(body)) throw bad('The request body is not valid UTF-8.');
  return body.toString('utf8');
}

/**
 * A body of JSON. Python writes NaN and infinities bare, which is not JSON; they are read where strict parsing fails.
 * Throws BAD_REQUEST, also for one that nests too deep.
 */
export function parseJson(body: Buffer): unknown {
  const text = textOf(body);
  if (tooDeep(body)) throw bad(`The request body nests deeper than ${maxDepth} levels.`);
  try {
    return JSON.parse(text);
  } catch (error) {
    const strict = withStrictNumbers(text);
    if (strict !== text)
      try {
        return JSON.parse(strict);
      } catch {
        // The first error tells the place in the text that was sent.
      }
    throw bad(`The request body is not valid JSON: ${(error as Error).message}.`);
  }
}

const strictNumbers = new Map([
  ['NaN', 'null'],
  ['Infinity', '1e999'],
  ['-Infinity', '-1e999'],
]);

/** Writes bare NaN and infinities as JSON can say them. Each character is looked at once, whatever the text is. */
function withStrictNumbers(text: string): string {
  let inString = false;
  return text.replace(/\\.|"|-?Infinity|NaN/gs, (token) => {
    if (token === '"') inString = !inString;
    return inString ? token : (strictNumbers.get(token) ?? token);
  });
}

export function readScoringJson(value: unknown): ScoringRequest {
  const body = record(value);
  const found = body === undefined ? [] : forms.filter((form) => Object.hasOwn(body, form));
  if (body === undefined || found.length !== 1)
    throw bad(
      `The body must be a JSON object with exactly one of the fields ${forms.join(', ')}; ${
        body === undefined ? `it is ${kindOf(value)}` : `it has ${list(Object.keys(body))}`
      }.`,
    );
  const form = found[0]!;
  return { rows: readForm(form, body[form]), params: readParams(body), isText: false };
}

function readParams(body: JsonRecord): JsonRecord | undefined {
  if (!Object.hasOwn(body, 'params') || body['params'] === null) return undefined;
  const params = record(body['params']);
  if (params === undefined) throw bad(`'params' must be an object; it is ${kindOf(body['params'])}.`);
  return params;
}

function readForm(form: Form, value: unknown): Rows {
  switch (form) {
    case 'dataframe_split':
      return readSplit(value);
    case 'dataframe_records':
      if (!isRecords(value)) throw bad(`'dataframe_records' must be a list of objects; ${firstThatIsNot(value)}.`);
      return rowsOfRecords(value);
    case 'instances':
    case 'inputs':
      return readTensors(form, value);
  }
}

function readSplit(value: unknown): Rows {
  const split = record(value);
  if (split === undefined) throw bad(`'dataframe_split' must be an object; it is ${kindOf(value)}.`);
  const unknown = Object.keys(split).filter((key) => !['columns', 'data', 'index'].includes(key));
  if (!Object.hasOwn(split, 'data') || unknown.length > 0)
    throw bad(
      `'dataframe_split' must have 'data', may have 'columns' and 'index'; it has ${list(Object.keys(split))}.`,
    );
  const names = split['columns'] === undefined || split['columns'] === null ? undefined : columnNames(split['columns']);
  const { data } = split;
  if (!Array.isArray(data)) throw bad(`'data' of 'dataframe_split' must be a list of rows; it is ${kindOf(data)}.`);
  return rowsOfLists(sameWidth(data, names?.length, "'data' of 'dataframe_split'"), names);
}

function columnNames(value: unknown): string[] {
  if (!Array.isArray(value)) throw bad(`'columns' of 'dataframe_split' must be a list; it is ${kindOf(value)}.`);
  // An object may say itself what String makes of it, and that may be nothing.
  const names = value.map((name) => (typeof name === 'object' ? JSON.stringify(name) : String(name)));
  const twice = firstTwice(names);
  if (twice !== undefined) throw bad(`'columns' of 'dataframe_split' names ${shown(twice)} twice.`);
  return names;
}

function firstTwice(names: readonly string[]): string | undefined {
  const seen = new Set<string>();
  return names.find((name) => seen.size === seen.add(name).size);
}

/** Every row is a list of `width` cells, or as many as the first has. */
function sameWidth(data: readonly unknown[], width: number | undefined, what: string): readonly unknown[][] {
  let wanted = width;
  for (let i = 0; i < data.length; i++) {
    const row = data[i];
    if (!Array.isArray(row)) throw bad(`${what}, row ${i}: expected a list of cells, found ${kindOf(row)}.`);
    wanted ??= row.length;
    if (row.length !== wanted) throw bad(`${what}, row ${i}: expected ${wanted} cells, found ${row.length}.`);
  }
  return data as readonly unknown[][];
}

/** `instances` and `inputs`: rows as objects, an object of columns (or of one row's values), a list of rows, one column. */
function readTensors(form: Form, value: unknown): Rows {
  const columns = record(value);
  if (columns !== undefined) return readColumns(form, columns);
  if (!Array.isArray(value)) {
    if (value === null || value === undefined) throw invalid(`'${form}' is empty: expected rows.`);
    return rowsOfLists([[value]], undefined);
  }
  if (isRecords(value) && value.length > 0) return rowsOfRecords(value);
  if (Array.isArray(value[0])) return rowsOfLists(sameWidth(value, undefined, `'${form}'`), undefined);
  return rowsOfLists(
    value.map((cell) => [cell]),
    undefined,
  );
}

function readColumns(form: Form, columns: JsonRecord): Rows {
  const lists = new Map<string, readonly unknown[]>();
  let first: string | undefined;
  for (const [name, value] of Object.entries(columns)) {
    const cells = Array.isArray(value) ? value : [value];
    first ??= name;
    const expected = lists.get(first)?.length ?? cells.length;
    if (cells.length !== expected)
      throw bad(`'${form}': column ${shown(name)} has ${cells.length} values, column ${shown(first)} has ${expected}.`);
    lists.set(name, cells);
  }
  return rowsOfColumns(lists);
}

/** What pandas takes for a missing value. */
const missing = new Set(
  [
    '',
    '#N/A',
    '#N/A N/A',
    '#NA',
    '-1.#IND',
    '-1.#QNAN',
    '-NaN',
    '-nan',
    '1.#IND',
    '1.#QNAN',
    '<NA>',
    'N/A',
    'NA',
  ].concat(['NULL', 'NaN', 'None', 'n/a', 'nan', 'null']),
);

function readCsv(text: string): Rows {
  let table: string[][];
  try {
    table = parseCsv(text, { bom: true, skip_empty_lines: true });
  } catch (cause) {
    if (cause instanceof CsvError) throw bad(`The request body is not valid CSV: ${cause.message}.`);
    throw cause;
  }
  const [names, ...data] = table;
  if (names === undefined) throw bad('The CSV is empty: its first line must name the columns.');
  const twice = firstTwice(names);
  if (twice !== undefined) throw bad(`The first line of the CSV names ${shown(twice)} twice.`);
  return rowsOfLists(
    data.map((row) => row.map((cell) => (missing.has(cell) ? null : cell))),
    names,
  );
}

const record = (value: unknown): JsonRecord | undefined =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as JsonRecord) : undefined;
const isRecords = (value: unknown): value is JsonRecord[] =>
  Array.isArray(value) && value.every((item) => record(item) !== undefined);
const list = (names: readonly string[]) => (names.length === 0 ? 'none' : names.map((name) => shown(name)).join(', '));

function firstThatIsNot(value: unknown): string {
  if (!Array.isArray(value)) return `it is ${kindOf(value)}`;
  const at = value.findIndex((item) => record(item) === undefined);
  return `row ${at} is ${kindOf(value[at])}`;
}

/** A JSON value's kind in words, for messages. */
export function kindOf(value: unknown): string {
  if (value === null) return 'null';
  if (value === undefined) return 'absent';
  if (Array.isArray(value)) return 'a list';
  return typeof value === 'object' ? 'an object' : `the ${typeof value} ${shown(value)}`;
}
