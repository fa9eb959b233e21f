import type { Dialect } from '../storage/dialect.ts';
import type { Comparison, Filter } from './filter.ts';

/** A piece of SQL with the values of its `?`, in order. */
export interface Sql {
  readonly text: string;
  readonly params: readonly unknown[];
}

export const sql = (text: string, ...params: unknown[]): Sql => ({ text, params });
export const always = sql('1 = 1');
export const never = sql('1 = 0');

/** Joins pieces with `and` / `or`, in parentheses. */
export function join(pieces: readonly Sql[], word: 'and' | 'or'): Sql {
  if (pieces.length === 0) return word === 'and' ? always : never;
  if (pieces.length === 1) return pieces[0]!;
  return {
    text: `(${pieces.map((piece) => piece.text).join(` ${word} `)})`,
    params: pieces.flatMap((piece) => piece.params),
  };
}

/** The where-clause of a filter; `compare` says what a single comparison means for the entity. */
export function whereOf(filter: Filter | undefined, compare: (comparison: Comparison) => Sql): Sql {
  if (filter === undefined) return always;
  if (filter.kind === 'compare') return compare(filter);
  return join(
    filter.terms.map((term) => whereOf(term, compare)),
    filter.kind,
  );
}

/** The comparisons that every match must satisfy: the top level of ANDs. */
export function conjuncts(filter: Filter | undefined): readonly Filter[] {
  if (filter === undefined) return [];
  return filter.kind === 'and' ? filter.terms.flatMap((term) => conjuncts(term)) : [filter];
}

/** `expression <comparator> value` for a column, on either engine. IS NULL is about the expression itself. */
export function compareColumn(dialect: Dialect, expression: string, { comparator, value }: Comparison): Sql {
  switch (comparator) {
    case 'LIKE':
      return sql(dialect.like(expression), dialect.likePattern(value as string));
    case 'ILIKE':
      return sql(dialect.ilike(expression), value);
    case 'IN':
      return sql(dialect.isAnyOf(expression, value as readonly string[]), dialect.list(value as readonly string[]));
    case 'NOT IN':
      return sql(
        `not (${dialect.isAnyOf(expression, value as readonly string[])})`,
        dialect.list(value as readonly string[]),
      );
    case 'IS NULL':
      return sql(`${expression} is null`);
    case 'IS NOT NULL':
      return sql(`${expression} is not null`);
    case '!=':
      return sql(`${expression} <> ?`, value);
    default:
      return sql(`${expression} ${comparator} ?`, value);
  }
}
