import type { ReactNode, Ref } from 'react';
import { Button } from './button.tsx';
import { DownIcon, UpIcon } from './icons.tsx';
import css from './table.module.css';

export interface Column<Row> {
  /** Unique in the table; the name that a sort travels under. */
  readonly id: string;
  readonly header: string;
  /** Stands before the header's words: a box that ticks all rows. */
  readonly beforeHeader?: ReactNode;
  readonly cell: (row: Row) => ReactNode;
  readonly align?: 'start' | 'end';
  readonly sortable?: boolean;
  /** Columns of the same group that stand side by side share a heading above them. */
  readonly group?: string;
}

export interface Sort {
  readonly column: string;
  readonly descending: boolean;
}

export interface TableProps<Row> {
  /** What the rows are; names the table and its scrolling region. */
  readonly label: string;
  readonly columns: readonly Column<Row>[];
  readonly rows: readonly Row[];
  readonly rowKey: (row: Row) => string;
  readonly sort?: Sort | undefined;
  readonly onSort?: (sort: Sort | undefined) => void;
  /** The rows are of an earlier question while the new answer is on its way. */
  readonly stale?: boolean;
  /** On a wide screen the table scrolls inside itself and keeps its headings in sight. */
  readonly tall?: boolean;
}

/** The one table. The first column names the row and stays in sight when the rest scrolls sideways. */
export function Table<Row>({
  label,
  columns,
  rows,
  rowKey,
  sort,
  onSort,
  stale = false,
  tall = false,
}: TableProps<Row>) {
  return (
    <Frame label={label} stale={stale} className={tall ? css['tall'] : undefined}>
      <table className={css['table']}>
        <Headings columns={columns} sort={sort} onSort={onSort} />
        <tbody>
          {rows.map((row) => (
            <tr key={rowKey(row)}>
              {columns.map((column, i) =>
                i === 0 ? (
                  <th key={column.id} scope="row">
                    {column.cell(row)}
                  </th>
                ) : (
                  <td key={column.id} className={column.align === 'end' ? css['end'] : undefined}>
                    {column.cell(row)}
                  </td>
                ),
              )}
            </tr>
          ))}
        </tbody>
      </table>
    </Frame>
  );
}

interface FrameProps {
  readonly label: string;
  readonly stale: boolean;
  readonly className: string | undefined;
  readonly scroller?: Ref<HTMLElement>;
  readonly children: ReactNode;
}

/** What a table scrolls in. */
export function Frame({ label, stale, className, scroller, children }: FrameProps) {
  return (
    <section
      ref={scroller}
      className={`${css['frame']} ${className ?? ''}`}
      aria-label={label}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
      tabIndex={0}
      aria-busy={stale}
    >
      {children}
    </section>
  );
}

interface HeadingsProps<Row> {
  readonly columns: readonly Column<Row>[];
  readonly sort: Sort | undefined;
  readonly onSort: ((sort: Sort | undefined) => void) | undefined;
}

/** The head of a table: the names of its columns, below those of their groups. */
export function Headings<Row>({ columns, sort, onSort }: HeadingsProps<Row>) {
  const groups = groupsOf(columns);
  return (
    <thead>
      {groups.some((group) => group.name !== '') && (
        <tr className={css['groups']}>
          {groups.map(({ name, first, span }) =>
            name === '' ? (
              <td key={first} colSpan={span} />
            ) : (
              <th key={first} colSpan={span} scope="colgroup">
                <span>{name}</span>
              </th>
            ),
          )}
        </tr>
      )}
      <tr>
        {columns.map((column) => (
          <Heading key={column.id} column={column} sort={sort} onSort={onSort} />
        ))}
      </tr>
    </thead>
  );
}

interface HeadingProps<Row> {
  readonly column: Column<Row>;
  readonly sort: Sort | undefined;
  readonly onSort: ((sort: Sort | undefined) => void) | undefined;
}

function Heading<Row>({ column, sort, onSort }: HeadingProps<Row>) {
  const end = column.align === 'end' ? css['end'] : undefined;
  if (column.sortable !== true || onSort === undefined)
    return (
      <th scope="col" className={end} title={column.header}>
        {column.beforeHeader}
        {column.header}
      </th>
    );
  const sorted = sort?.column === column.id ? sort : undefined;
  // Down first: the newest and the largest are what one looks for. A third press leaves the order to the server.
  const next = sorted === undefined ? true : sorted.descending ? false : undefined;
  return (
    <th scope="col" className={end} aria-sort={sorted && (sorted.descending ? 'descending' : 'ascending')}>
      {column.beforeHeader}
      <button
        type="button"
        className={css['sort']}
        title={column.header}
        onClick={() => onSort(next === undefined ? undefined : { column: column.id, descending: next })}
      >
        <span>{column.header}</span>
        {sorted !== undefined && (sorted.descending ? <DownIcon /> : <UpIcon />)}
      </button>
    </th>
  );
}

function groupsOf(
  columns: readonly Pick<Column<never>, 'id' | 'group'>[],
): { name: string; first: string; span: number }[] {
  const groups: { name: string; first: string; span: number }[] = [];
  for (const [i, { id, group: name = '' }] of columns.entries()) {
    const last = groups.at(-1);
    // The first column stays in sight by itself, so nothing may be joined to it.
    if (i > 1 && last?.name === name) last.span++;
    else groups.push({ name, first: id, span: 1 });
  }
  return groups;
}

/** A cell's text that may be cut; the whole is in its tooltip. */
export function Cut({ text }: { readonly text: string }) {
  return (
    <span className={css['cut']} title={text}>
      {text}
    </span>
  );
}

/** Nothing was recorded here. */
export const Absent = ({ says = '–' }: { readonly says?: string }) => <span className={css['absent']}>{says}</span>;

interface MoreProps {
  readonly shown: number;
  /** One and many of what is shown. */
  readonly what: readonly [string, string];
  readonly more: boolean;
  readonly busy: boolean;
  readonly onMore: () => void;
}

/** How many rows stand above, and the next page of them. */
export function More({ shown, what, more, busy, onMore }: MoreProps) {
  if (shown === 0) return null;
  return (
    <p className={css['more']}>
      <span role="status">
        {shown} {what[shown === 1 ? 0 : 1]}
        {more ? ' so far' : ''}
      </span>
      {more && (
        <Button disabled={busy} onClick={() => onMore()}>
          {busy ? 'Loading…' : 'Load more'}
        </Button>
      )}
    </p>
  );
}
