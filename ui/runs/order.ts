import type { Sort } from '../kit/table.tsx';

/** The order of the runs table as it stands in the URL: `metrics.F1` up, `-metrics.F1` down. */
export function sortFromUrl(text: string): Sort | undefined {
  if (text === '' || text === '-') return undefined;
  return text.startsWith('-') ? { column: text.slice(1), descending: true } : { column: text, descending: false };
}

export const sortToUrl = (sort: Sort | undefined): string =>
  sort === undefined ? '' : (sort.descending ? '-' : '') + sort.column;

/** MLflow's order_by for a column `attributes.…`, `params.…`, `metrics.…` or `tags.…`; keys are quoted. */
export function orderBy(sort: Sort | undefined): string[] {
  if (sort === undefined) return [];
  const at = sort.column.indexOf('.');
  const [group, key] = [sort.column.slice(0, at), sort.column.slice(at + 1)];
  const quote = key.includes('`') ? '"' : '`';
  return [`${group}.${quote}${key}${quote} ${sort.descending ? 'DESC' : 'ASC'}`];
}
