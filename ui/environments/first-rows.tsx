import { useState } from 'react';
import { More, Table, type TableProps } from '../kit/table.tsx';

/** So many rows are drawn until more are asked for. */
const pageSize = 100;

interface FirstRowsProps<Row> extends TableProps<Row> {
  /** One and many of the rows. */
  readonly what: readonly [string, string];
}

/** A table whose rows are all here, but so many that drawing them at once would keep the reader waiting. */
export function FirstRows<Row>({ rows, what, ...table }: FirstRowsProps<Row>) {
  const [most, setMost] = useState(pageSize);
  return (
    <>
      <Table rows={rows.slice(0, most)} {...table} />
      {rows.length > most && (
        <More shown={most} what={what} more busy={false} onMore={() => setMost(most + pageSize)} />
      )}
    </>
  );
}
