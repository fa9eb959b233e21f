import { useVirtualizer } from '@tanstack/react-virtual';
import { memo, useEffect, useRef } from 'react';
import css from './long-table.module.css';
import tableCss from './table.module.css';
import { type Column, Frame, Headings, type Sort } from './table.tsx';

export interface LongColumn<Row> extends Column<Row> {
  /** In pixels; a long table cannot measure rows that it does not draw. */
  readonly width: number;
}

interface LongTableProps<Row> {
  readonly label: string;
  readonly columns: readonly LongColumn<Row>[];
  /** How many rows there are, drawn or not. */
  readonly count: number;
  /** Undefined while the row is on its way. */
  readonly rowAt: (index: number) => Row | undefined;
  readonly isMarked?: (row: Row) => boolean;
  /** Told which rows are in sight, so that they can be fetched. */
  readonly onSight: (first: number, last: number) => void;
  readonly sort?: Sort | undefined;
  readonly onSort?: (sort: Sort | undefined) => void;
  readonly stale?: boolean;
}

const rowHeight = 37;
/** Browsers draw nothing below some 16 million pixels. */
const mostRows = 400_000;

/**
 * The one table for more rows than can be drawn: it scrolls inside itself and draws what is in sight. The first column
 * names the row and stays in sight sideways.
 */
export function LongTable<Row>(props: LongTableProps<Row>) {
  const { label, columns, count, rowAt, isMarked, onSight, sort, onSort, stale = false } = props;
  const frame = useRef<HTMLElement>(null);
  const virtual = useVirtualizer({
    count: Math.min(count, mostRows),
    getScrollElement: () => frame.current,
    estimateSize: () => rowHeight,
    overscan: 12,
  });
  const items = virtual.getVirtualItems();
  const first = items[0]?.index ?? 0;
  const last = items.at(-1)?.index ?? 0;
  useEffect(() => onSight(first, last));
  const before = items[0]?.start ?? 0;
  const after = virtual.getTotalSize() - (items.at(-1)?.end ?? 0);
  const width = columns.reduce((sum, column) => sum + column.width, 0);
  return (
    <Frame scroller={frame} label={label} stale={stale} className={css['frame']}>
      <table
        className={`${tableCss['table']} ${css['table']}`}
        style={{ inlineSize: `max(100%, ${width}px)` }}
        aria-rowcount={count + 1}
      >
        <colgroup>
          {columns.map((column) => (
            <col key={column.id} style={{ inlineSize: column.width }} />
          ))}
        </colgroup>
        <Headings columns={columns} sort={sort} onSort={onSort} />
        <tbody>
          <Space height={before} columns={columns.length} />
          {items.map(({ index }) => {
            const row = rowAt(index);
            return (
              <LongRow
                key={index}
                index={index}
                row={row}
                columns={columns as readonly LongColumn<never>[]}
                marked={row !== undefined && isMarked?.(row) === true}
              />
            );
          })}
          <Space height={after} columns={columns.length} />
        </tbody>
      </table>
    </Frame>
  );
}

/** Stands for the rows above or below that are not drawn. */
function Space({ height, columns }: { readonly height: number; readonly columns: number }) {
  if (height <= 0) return null;
  return (
    <tr className={css['space']}>
      <td colSpan={columns} style={{ blockSize: height }} />
    </tr>
  );
}

interface LongRowProps {
  readonly index: number;
  readonly row: unknown;
  readonly columns: readonly LongColumn<never>[];
  readonly marked: boolean;
}

const LongRow = memo(function LongRow({ index, row, columns, marked }: LongRowProps) {
  return (
    <tr aria-rowindex={index + 2} className={marked ? css['marked'] : undefined}>
      {columns.map((column, i) =>
        i === 0 ? (
          <th key={column.id} scope="row">
            <Cell row={row} column={column} />
          </th>
        ) : (
          <td key={column.id} className={column.align === 'end' ? tableCss['end'] : undefined}>
            <Cell row={row} column={column} />
          </td>
        ),
      )}
    </tr>
  );
});

function Cell({ row, column }: { readonly row: unknown; readonly column: LongColumn<never> }) {
  return row === undefined ? <span className={css['coming']} /> : column.cell(row as never);
}
