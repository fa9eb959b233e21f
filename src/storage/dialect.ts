/** All that differs between the two engines in SQL text; no other file asks which one it talks to. */
export interface Dialect {
  readonly name: 'sqlite' | 'postgres';
  /** Column types of the migrations. `text` sorts by bytes on both. */
  readonly text: string;
  readonly bigint: string;
  readonly double: string;
  readonly primaryKeyBigint: string;
  /** Ends a `create table` whose primary key is its storage order where the engine can do that. */
  readonly clustered: string;
  /** Indexable form of a text column that may be long (PostgreSQL limits an index row to 2,704 bytes). */
  indexable(expression: string): string;
  /** The same as a term of `create index`. */
  indexedColumn(column: string): string;
  /** `column` is one of `values`, which are bound as one parameter made by `list`. */
  isAnyOf(column: string, values: readonly unknown[]): string;
  list(values: readonly (string | number)[]): unknown;
  /** Case-sensitive LIKE; bind `likePattern(pattern)`. */
  like(expression: string): string;
  likePattern(pattern: string): string;
  /** LIKE that ignores ASCII case, without an escape character; bind the pattern itself. */
  ilike(expression: string): string;
  /** Keeps the join order that is written: the planner must not choose another driving table. */
  readonly forcedJoin: string;
  /** Makes a table be read by this index; undefined where that cannot be asked for. */
  through(index: string): string | undefined;
  /** A condition that is tested row by row where it stands, and never becomes a join. */
  tested(condition: string): string;
  /**
   * A condition that is true and charges the row that `column`, an integer, is of to the budget of `Storage.read`; where a
   * row costs less than asking for it, one in sixteen.
   */
  charged(column: string, which?: 'each' | 'some'): string;
  /** Ends a select whose row must not change before the transaction ends; SQLite has one writer anyway. */
  readonly forUpdate: string;
}

export const sqliteDialect: Dialect = {
  name: 'sqlite',
  text: 'text',
  bigint: 'integer',
  double: 'real',
  primaryKeyBigint: 'integer primary key',
  clustered: 'without rowid',
  indexable: (expression) => expression,
  indexedColumn: (column) => column,
  isAnyOf: (column, { length }) => (length === 1 ? `${column} = ?` : `${column} in (select value from json_each(?))`),
  list: (values) => (values.length === 1 ? values[0] : JSON.stringify(values)),
  like: (expression) => `${expression} glob ?`,
  likePattern: (pattern) => pattern.replace(/[*?[%_]/g, (c) => (c === '%' ? '*' : c === '_' ? '?' : `[${c}]`)),
  ilike: (expression) => `${expression} like ?`,
  forcedJoin: 'cross join',
  through: (index) => `indexed by ${index}`,
  tested: (condition) => `(${condition}) is true`,
  // By bits that no pattern of numbers keeps away from.
  charged: (column, which = 'each') =>
    which === 'each' ? `charged(${column})` : `((${column} * 40503 >> 8) & 15 <> 0 or charged(${column}))`,
  forUpdate: '',
};

export const postgresDialect: Dialect = {
  name: 'postgres',
  text: 'text collate "C"',
  bigint: 'bigint',
  double: 'double precision',
  primaryKeyBigint: 'bigint primary key',
  clustered: '',
  indexable: (expression) => `left(${expression}, 256)`,
  indexedColumn: (column) => `left(${column}, 256)`,
  isAnyOf: (column, { length }) => (length === 1 ? `${column} = ?` : `${column} = any(?)`),
  list: (values) => (values.length === 1 ? values[0] : values),
  like: (expression) => `${expression} like ? escape ''`,
  likePattern: (pattern) => pattern,
  ilike: (expression) => `lower(${expression}) like lower(? collate "C") escape ''`,
  forcedJoin: 'join',
  through: () => undefined,
  tested: (condition) => condition,
  charged: () => 'true',
  forUpdate: 'for no key update',
};
