import { count } from '../kit/format.ts';
import { Table } from '../kit/table.tsx';
import css from './preview.module.css';
import { rowsOf } from './rows-of.ts';
import type { Start } from './start-of.ts';

const mostRows = 500;

/** Separated values as a table; loaded with the first one. */
export default function TablePreview({ name, start }: { readonly name: string; readonly start: Start }) {
  const { header, rows, more } = rowsOf(start, name.toLowerCase().endsWith('.tsv') ? '\t' : ',', mostRows);
  const numbered = rows.map((cells, i) => ({ number: i + 1, cells }));
  return (
    <>
      {more && (
        <p className={css['note']} role="status">
          The first {count(rows.length)} rows are shown.
        </p>
      )}
      <Table
        tall
        label={name}
        rows={numbered}
        rowKey={(row) => String(row.number)}
        columns={[
          { id: 'row', header: 'Row', cell: (row) => count(row.number) },
          ...header.map((title, i) => ({
            id: `column ${i}`,
            header: title,
            cell: ({ cells }: { readonly cells: readonly string[] }) => cells[i] ?? '',
          })),
        ]}
      />
    </>
  );
}
