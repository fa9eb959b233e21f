import { dirname } from 'node:path';
import { cellsOf, identifier, withDuckDb } from './duckdb.ts';
import type { Column } from './holdout.ts';
import { parquetRelation } from './intake.ts';
import { isoTime, longestText, type Plain, plain } from './profile.ts';

/** The first rows of a Parquet file of ours, as JSON holds them. */
export const previewOf = (file: string, columns: readonly Column[], limit: number): Promise<Plain[][]> =>
  withDuckDb({ folder: dirname(file) }, async (sandbox) => {
    const selected = columns.map(({ name, type }) => {
      const value = identifier(name);
      if (type === 'timestamp') return isoTime(value);
      return type === 'string' ? `left(${value}, ${longestText})` : value;
    });
    const rows: Plain[][] = [];
    const sql = `select ${selected.join(', ')} from ${parquetRelation(file)} limit ${limit}`;
    for await (const chunk of sandbox.chunks(sql)) {
      const cell = cellsOf(chunk);
      for (let row = 0; row < chunk.rowCount; row++) rows.push(columns.map((_, column) => plain(cell(column, row))));
    }
    return rows;
  });
