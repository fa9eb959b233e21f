import { join, type Sql, sql } from './where.ts';

/** Where a page ended: the values of the order's terms. */
export type Position = readonly (string | number | null)[];

/** One column of a total order. `nullable` columns are preceded by a term that ranks their nulls. */
export interface OrderTerm {
  readonly expression: string;
  readonly ascending: boolean;
  readonly holds: 'text' | 'integer' | 'real';
}

/** Missing values last in both directions, as MLflow orders them. */
export const nullsLast = (expression: string): OrderTerm => ({
  expression: `case when ${expression} is null then 1 else 0 end`,
  ascending: true,
  holds: 'integer',
});

/**
 * Whether a page in the order of `terms` can have ended at `position`. A made-up one that cannot would be an error of
 * the database. What is missing is ranked by the term before it, so no position begins with a null.
 */
export function canEnd(terms: readonly OrderTerm[], position: Position): boolean {
  return (
    position.length === terms.length &&
    terms.every(({ holds }, i) => {
      const value = position[i];
      if (value === null) return i > 0;
      if (holds === 'text') return typeof value === 'string' && value.isWellFormed() && !value.includes('\0');
      return holds === 'integer'
        ? Number.isInteger(value) && Math.abs(Number(value)) < 2 ** 63
        : Number.isFinite(value);
    })
  );
}

export function orderBy(terms: readonly OrderTerm[]): string {
  return terms.map((term) => `${term.expression} ${term.ascending ? 'asc' : 'desc'}`).join(', ');
}

/**
 * What comes after `position` in the order of `terms`: a > ? or (a = ? and (b < ? or …)). A null in the position has
 * been ranked by the term before it, so all that remain are null there and the term decides nothing.
 */
export function after(terms: readonly OrderTerm[], position: Position): Sql {
  const deciding = terms.flatMap((term, i) => {
    const value = position[i];
    return value === null || value === undefined ? [] : [{ ...term, value }];
  });
  let condition: Sql | undefined;
  for (const { expression, ascending, value } of deciding.reverse()) {
    const beyond = sql(`${expression} ${ascending ? '>' : '<'} ?`, value);
    condition =
      condition === undefined
        ? beyond
        : join([beyond, join([sql(`${expression} = ?`, value), condition], 'and')], 'or');
  }
  const first = deciding.at(-1);
  if (condition === undefined || first === undefined) return sql('1 = 1');
  // Redundant, but the bound that lets the engine enter the index at the right place.
  return join([sql(`${first.expression} ${first.ascending ? '>=' : '<='} ?`, first.value), condition], 'and');
}

/** Compares two positions as the database orders them (text by bytes). */
export function comparePositions(terms: readonly OrderTerm[], a: Position, b: Position): number {
  for (let i = 0; i < terms.length; i++) {
    const left = a[i] ?? null;
    const right = b[i] ?? null;
    if (left === right || left === null || right === null) continue;
    const order =
      typeof left === 'number' && typeof right === 'number'
        ? left - right
        : Buffer.compare(Buffer.from(String(left)), Buffer.from(String(right)));
    if (order !== 0) return terms[i]!.ascending ? order : -order;
  }
  return 0;
}
