import type { ColumnType } from './holdout.ts';

/**
 * How a value of a file becomes a value of a column, as DuckDB SQL over an expression `value`: null where it cannot.
 * What a file has is text (CSV) or one of our types (Parquet, brought to ours by `fromParquet`).
 */

const moment = String.raw`[0-9]{4}-[0-9]{2}-[0-9]{2}([ T][0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]{1,6})?)?( ?(Z|[+-][0-9]{2}(:?[0-9]{2})?))?)?`;

const trimmed = (value: string) => `trim(${value})`;
const holdsAny = (value: string, ...characters: string[]) =>
  `(${characters.map((character) => `contains(${value}, '${character}')`).join(' or ')})`;

/*
 * Looking for single characters is twenty times as fast as a regular expression. What DuckDB's casts take beyond plain
 * numbers is held back by them: 1_000, 0x10, 0b1, and 1.5 as an integer.
 */
const fromText: Readonly<Record<ColumnType, (value: string) => string>> = {
  int64: (value) =>
    `case when not ${holdsAny(value, '.', 'e', 'E', '_', 'x', 'X', 'b', 'B')} then try_cast(${value} as bigint) end`,
  double: (value) =>
    `case when not contains(${value}, '_') and not isnan(try_cast(${value} as double)) then try_cast(${value} as double) end`,
  string: (value) => value,
  boolean: (value) => `case lower(${trimmed(value)}) when 'true' then true when 'false' then false end`,
  // Through the type with a zone, which counts an offset; without one it is UTC.
  timestamp: (value) =>
    `case when contains(${value}, '-') and regexp_full_match(${trimmed(value)}, '${moment}')
       then try_cast(${trimmed(value)} as timestamptz)::timestamp end`,
};

/** 'text' is a field of a CSV file or a string of a Parquet file. */
export type Origin = 'text' | Exclude<ColumnType, 'string'>;

const conversions: Readonly<Record<Exclude<Origin, 'text'>, Partial<Record<ColumnType, (value: string) => string>>>> = {
  int64: {
    int64: (value) => value,
    double: (value) => `${value}::double`,
    string: (value) => `${value}::varchar`,
    boolean: (value) => `case ${value} when 0 then false when 1 then true end`,
  },
  double: {
    double: (value) => value,
    int64: (value) => `case when ${value} = trunc(${value}) then try_cast(${value} as bigint) end`,
  },
  boolean: {
    boolean: (value) => value,
    int64: (value) => `${value}::bigint`,
    string: (value) => `${value}::varchar`,
  },
  timestamp: {
    timestamp: (value) => `case when isfinite(${value}) then ${value} end`,
    string: (value) => `${value}::varchar`,
  },
};

/** SQL that converts, or undefined where no such conversion exists. */
export function converted(origin: Origin, type: ColumnType, value: string): string | undefined {
  return origin === 'text' ? fromText[type](value) : conversions[origin][type]?.(value);
}

/** What stands for a missing value in a column that is not text; in one that is, these are words like any other. */
const missingWords = "('', 'na', 'n/a', '#n/a', '<na>', 'nan', '-nan', 'nat', 'null', 'none')";
const isMissing = (value: string) => `(length(${value}) < 12 and lower(${trimmed(value)}) in ${missingWords})`;

/** SQL for a value, or null where it is NaN, which is how programs write a missing number. */
export function cleaned(origin: Origin, value: string): string {
  return origin === 'double' ? `case when isnan(${value}) then null else ${value} end` : value;
}

/** SQL that is true for a value which cannot be stored in a column of that type; a missing one can. */
export function unreadable(origin: Origin, type: ColumnType, value: string): string {
  if (origin === 'text' && type === 'string') return `contains(${value}, chr(0))`;
  const clean = cleaned(origin, value);
  const stays = origin === 'text' ? `not ${isMissing(value)}` : 'true';
  return `case when (${clean}) is null or (${converted(origin, type, `(${clean})`)}) is not null then false else ${stays} end`;
}

/** SQL that says what a text reads as: 'i', 'd', 'b', 't', 'm' for a missing value, 's' for none of them; null for null. */
export const reading = (value: string): string =>
  `case when ${value} is null then null
     when (${fromText.double(value)}) is not null then
       case when ${holdsAny(value, '.', 'e', 'E', 'n', 'N')} then 'd'
         when (${fromText.int64(value)}) is null then 's' else 'i' end
     when ${isMissing(value)} then 'm'
     when (${fromText.boolean(value)}) is not null then 'b'
     when (${fromText.timestamp(value)}) is not null then 't'
     else 's' end`;

const parquetTypes: readonly (readonly [RegExp, Origin, (value: string) => string])[] = [
  [/^(TINYINT|SMALLINT|INTEGER|BIGINT|UTINYINT|USMALLINT|UINTEGER)$/, 'int64', (value) => `${value}::bigint`],
  [/^UBIGINT$/, 'text', (value) => `${value}::varchar`],
  [/^(FLOAT|DOUBLE|DECIMAL\(\d+,\d+\))$/, 'double', (value) => `${value}::double`],
  [/^(VARCHAR|UUID|ENUM\(.*\))$/s, 'text', (value) => `${value}::varchar`],
  [/^BOOLEAN$/, 'boolean', (value) => value],
  [
    /^(DATE|TIMESTAMP|TIMESTAMP_S|TIMESTAMP_MS|TIMESTAMP_NS|TIMESTAMP WITH TIME ZONE)$/,
    'timestamp',
    (value) => `${value}::timestamp`,
  ],
];

/** How a column of a Parquet file is read, by DuckDB's name of its type; undefined for a type that is none of a table's. */
export function fromParquet(
  duckType: string,
  value: string,
): { origin: Origin; type: ColumnType; sql: string } | undefined {
  const found = parquetTypes.find(([pattern]) => pattern.test(duckType));
  if (found === undefined) return undefined;
  const [, origin, sql] = found;
  const type = duckType === 'UBIGINT' ? 'int64' : origin === 'text' ? 'string' : origin;
  return { origin, type, sql: sql(value) };
}
