import { open } from 'node:fs/promises';
import { AppError, invalid, shown } from '../../errors.ts';
import { cleaned, converted, fromParquet, type Origin, reading, unreadable } from './cells.ts';
import { checkColumns, givenTypes, inferredType, type Readings } from './columns.ts';
import { csvHeader, maxHeaderBytes } from './csv-header.ts';
import { identifier, quoted, type Sandbox } from './duckdb.ts';
import { type Column, type ColumnType, maxRows } from './holdout.ts';

export const formats = ['csv', 'parquet'] as const;
export type Format = (typeof formats)[number];

/** An uploaded file as DuckDB sees it: a relation whose columns are `c0`, `c1`, … */
interface Source {
  readonly format: Format;
  /** A `from` item. */
  readonly relation: string;
  readonly columns: readonly SourceColumn[];
}

interface SourceColumn {
  readonly name: string;
  readonly at: number;
  readonly origin: Origin;
  /** Undefined where the values have to tell. */
  readonly ownType: ColumnType | undefined;
}

/**
 * Reads an uploaded file and writes its rows, typed, in file order, to the Parquet file `out`. Throws
 * INVALID_PARAMETER_VALUE that names the column, the row (from 1, without the header) or the line that is wrong.
 */
export async function readTable(
  sandbox: Sandbox,
  file: string,
  format: Format,
  asked: { readonly target: string; readonly types: readonly string[] },
  out: string,
): Promise<Column[]> {
  const source = await (format === 'csv' ? csvSource(file) : parquetSource(sandbox, file));
  const names = source.columns.map((column) => column.name);
  checkColumns(names, asked.target);
  const given = givenTypes(asked.types, names);
  for (const column of source.columns) checkConvertible(column, given.get(column.name));

  const types = await decideTypes(sandbox, source, given);
  const selected = source.columns.map((column, at) => {
    const { origin } = column;
    const value = cleaned(origin, `c${at}`);
    return `${converted(origin, types[at]!, `(${value})`)} as ${identifier(column.name)}`;
  });
  await sandbox.run(
    `copy (select ${selected.join(', ')} from ${source.relation}) to ${quoted(out)} (format parquet, compression zstd)`,
  );
  return names.map((name, at) => ({ name, type: types[at]! }));
}

async function csvSource(file: string): Promise<Source> {
  const { separator, names } = csvHeader(await firstBytes(file));
  const columns = names.map((_, at) => `'c${at}': 'VARCHAR'`).join(', ');
  const relation = `read_csv(${quoted(file)}, auto_detect = false, header = true, delim = ${quoted(separator)}, quote = '"', escape = '"',
    strict_mode = true, hive_partitioning = false, store_rejects = true, rejects_limit = 1, columns = {${columns}})`;
  return {
    format: 'csv',
    relation,
    columns: names.map((name, at) => ({ name, at, origin: 'text', ownType: undefined })),
  };
}

async function firstBytes(file: string): Promise<Buffer> {
  const handle = await open(file, 'r');
  try {
    const buffer = Buffer.alloc(maxHeaderBytes);
    let length = 0;
    for (;;) {
      const { bytesRead } = await handle.read(buffer, length, buffer.length - length, length);
      if (bytesRead === 0) return buffer.subarray(0, length);
      length += bytesRead;
    }
  } finally {
    await handle.close();
  }
}

async function parquetSource(sandbox: Sandbox, file: string): Promise<Source> {
  const table = `read_parquet(${quoted(file)}, hive_partitioning = false)`;
  const look = async <R extends object>(sql: string) =>
    sandbox.rows<R>(sql).catch((cause: unknown) => {
      throw unreadableFile('Parquet', cause);
    });
  const [size] = await look<{ rows: bigint }>(
    `select sum(num_rows)::bigint as rows from parquet_file_metadata(${quoted(file)})`,
  );
  if (Number(size?.rows ?? 0) > maxRows) throw tooManyRows(Number(size!.rows));
  const tree = await look<{ name: string; children: bigint | null }>(
    `select name, num_children as children from parquet_schema(${quoted(file)})`,
  );
  const described = await look<{ column_name: string; column_type: string }>(`describe select * from ${table}`);
  const names = topNames(tree);
  const columns = described.map(({ column_name, column_type }, at) => {
    const name = names[at] ?? column_name;
    const found = fromParquet(column_type, identifier(column_name));
    if (found === undefined)
      throw invalid(
        `Column ${shown(name)} is of the Parquet type ${column_type.slice(0, 80)}: expected numbers, text, booleans, dates or timestamps.`,
      );
    return { name, at, origin: found.origin, ownType: found.type, sql: found.sql };
  });
  const selected = columns.map(({ sql, at }) => `${sql} as c${at}`).join(', ');
  return { format: 'parquet', relation: `(select ${selected} from ${table})`, columns };
}

/** Names of the columns as the file has them; DuckDB renames what is there twice. */
function topNames(tree: readonly { name: string; children: bigint | null }[]): string[] {
  const names: string[] = [];
  for (let at = 1; at < tree.length; ) {
    names.push(tree[at]!.name);
    for (let left = 1; left > 0 && at < tree.length; at++) left += Number(tree[at]!.children ?? 0) - 1;
  }
  return names;
}

function checkConvertible(column: SourceColumn, asked: ColumnType | undefined): void {
  if (asked !== undefined && converted(column.origin, asked, 'v') === undefined)
    throw invalid(
      `Column ${shown(column.name)} holds values of type ${column.origin}, which cannot be read as ${asked}.`,
    );
}

/** One pass over the file: what the columns without a type read as, and whether all else can be read. */
async function decideTypes(
  sandbox: Sandbox,
  source: Source,
  given: ReadonlyMap<string, ColumnType>,
): Promise<ColumnType[]> {
  const known = source.columns.map((column) => given.get(column.name) ?? column.ownType);
  const inner = source.columns.map((column, at) => {
    const type = known[at];
    if (type !== undefined) return `(${unreadable(column.origin, type, `c${at}`)}) as b${at}`;
    return `${reading(`c${at}`)} as r${at}, contains(c${at}, chr(0)) as b${at}`;
  });
  const outer = source.columns.map((_, at) =>
    known[at] !== undefined
      ? `count_if(b${at}) as b${at}`
      : `count_if(b${at}) as b${at}, count(r${at}) as n${at}, ${['i', 'd', 'b', 't', 'm'].map((kind) => `count_if(r${at} = '${kind}') as ${kind}${at}_`).join(', ')}`,
  );
  const sql = `select count(*) as "rows", ${outer.join(', ')} from (select ${inner.join(', ')} from ${source.relation})`;
  const [counts] = await sandbox.rows<Record<string, bigint>>(sql).catch((cause: unknown) => {
    throw unreadableFile(source.format === 'csv' ? 'CSV' : 'Parquet', cause);
  });
  if (source.format === 'csv') await refuseRejected(sandbox, source.columns.length);
  const count = (key: string) => Number(counts?.[key] ?? 0);
  if (count('rows') === 0) throw invalid('The file has a header and no rows.');
  if (count('rows') > maxRows) throw tooManyRows(count('rows'));
  const types = source.columns.map((_, at) => {
    const readings: Readings = {
      present: count(`n${at}`) - count(`m${at}_`),
      int64: count(`i${at}_`),
      double: count(`d${at}_`),
      boolean: count(`b${at}_`),
      timestamp: count(`t${at}_`),
    };
    return known[at] ?? inferredType(readings);
  });
  for (const column of source.columns)
    if (count(`b${column.at}`) > 0) throw await unreadableValue(sandbox, source, column, types[column.at]!);
  return types;
}

const tooManyRows = (rows: number) => invalid(`The file has ${rows} rows: expected at most ${maxRows}.`);

async function unreadableValue(
  sandbox: Sandbox,
  source: Source,
  column: SourceColumn,
  type: ColumnType,
): Promise<AppError> {
  // A value that holds NUL is bad in a column of any type, and is looked for first.
  const conditions = [
    ...(column.origin === 'text' ? [unreadable('text', 'string', 'v')] : []),
    unreadable(column.origin, type, 'v'),
  ];
  for (const [at, condition] of conditions.entries()) {
    const [bad] = await sandbox.rows<{ n: bigint; v: string }>(
      `select n, v::varchar as v from (select row_number() over () as n, c${column.at} as v from ${source.relation}) where ${condition} limit 1`,
    );
    if (bad === undefined) continue;
    const place = `Row ${bad.n}, column ${shown(column.name)}`;
    return column.origin === 'text' && at === 0
      ? invalid(`${place}: the text holds a NUL character.`)
      : invalid(`${place}: ${shown(bad.v)} is not a value of type ${type}.`);
  }
  return invalid(`Column ${shown(column.name)} holds a value that is not of type ${type}.`);
}

interface Reject {
  readonly line: bigint;
  readonly column_idx: bigint;
  readonly error_type: string;
  readonly csv_line: string;
}

/** DuckDB keeps what it could not split into fields in a table of its own. */
async function refuseRejected(sandbox: Sandbox, expected: number): Promise<void> {
  const [reject] = await sandbox.rows<Reject>(
    'select line, column_idx, error_type, csv_line from reject_errors order by line limit 1',
  );
  if (reject === undefined) return;
  const place = `Line ${reject.line}`;
  switch (reject.error_type) {
    case 'MISSING COLUMNS':
      throw invalid(
        `${place} has ${Number(reject.column_idx)} fields, the header has ${expected}: ${shown(reject.csv_line)}.`,
      );
    case 'TOO MANY COLUMNS':
      throw invalid(`${place} has more than the ${expected} fields of the header: ${shown(reject.csv_line)}.`);
    case 'INVALID ENCODING':
      throw invalid(`${place} is not UTF-8 text.`);
    case 'UNQUOTED VALUE':
      throw invalid(`${place} holds a quote that does not end: ${shown(reject.csv_line)}.`);
    case 'LINE SIZE OVER MAXIMUM':
      throw invalid(`${place} is longer than 2 MB.`);
    default:
      throw invalid(`${place} cannot be read (${reject.error_type.toLowerCase()}): ${shown(reject.csv_line)}.`);
  }
}

/** DuckDB's own words name our temporary file; only their beginning is told. */
function unreadableFile(format: string, cause: unknown): AppError {
  const [first = ''] = (cause as Error).message.split('\n', 1);
  const told = first.replace(/'[^']*\/[^']*'|"[^"]*\/[^"]*"/g, 'the file').slice(0, 200);
  return new AppError('INVALID_PARAMETER_VALUE', `The file cannot be read as ${format}: ${told}`, { cause });
}
