import { dsvFormat } from 'd3-dsv';
import type { Start } from './start-of.ts';

export interface RowsOfText {
  readonly header: readonly string[];
  readonly rows: readonly (readonly string[])[];
  /** There are more rows than these. */
  readonly more: boolean;
}

/** The first `most` rows of a text with separated values; a line that the end of the text cuts is left out. */
export function rowsOf({ text, whole }: Start, separator: ',' | '\t', most: number): RowsOfText {
  const lines = dsvFormat(separator).parseRows(text.replace(/^\uFEFF/, ''));
  const [header = [], ...rows] = whole ? lines : lines.slice(0, -1);
  return { header, rows: rows.slice(0, most), more: !whole || rows.length > most };
}
