/** A param or tag, `params.lr`, as the filter language writes it. */
export function columnTerm(column: string): string {
  const at = column.indexOf('.');
  const key = column.slice(at + 1);
  const quote = key.includes('`') ? '"' : '`';
  return `${column.slice(0, at)}.${quote}${key}${quote}`;
}

/** The filter for one group of the runs that `filter` admits; undefined where the language cannot write its value. */
export function groupFilter(filter: string, column: string, value: string | null): string | undefined {
  if (value?.includes("'") && value.includes('"')) return undefined;
  const quote = value?.includes("'") ? '"' : "'";
  const own = value === null ? `${columnTerm(column)} IS NULL` : `${columnTerm(column)} = ${quote}${value}${quote}`;
  return filter.trim() === '' ? own : `(${filter.trim()}) AND ${own}`;
}
