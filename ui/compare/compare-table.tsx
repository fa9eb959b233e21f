import { Link } from 'react-router';
import { paths } from '../app/paths.ts';
import { useUrlState } from '../app/url-state.ts';
import { goalOf } from '../curves/goal.ts';
import { Swatch } from '../kit/chart.tsx';
import { Tick } from '../kit/form.tsx';
import { number } from '../kit/format.ts';
import { Empty } from '../kit/states.tsx';
import { Absent, type Column, Table } from '../kit/table.tsx';
import type { ComparedRun } from './compare-page.tsx';
import css from './compare-table.module.css';
import type { ComparedRow } from './comparison.ts';

interface CompareTableProps {
  readonly runs: readonly ComparedRun[];
  readonly rows: readonly ComparedRow[];
}

const idOf = ({ section, key }: ComparedRow) => `${section} ${key}`;

/** What runs recorded side by side: the differences alone (`all` shows the rest), runs as columns or as rows (`swap`). */
export function CompareTable({ runs, rows }: CompareTableProps) {
  const [params, change] = useUrlState();
  const all = params.get('all') === 'yes' || runs.length === 1;
  const swapped = params.get('swap') === 'yes';
  const shown = all ? rows : rows.filter(({ differs }) => differs);
  return (
    <>
      <div className={css['bar']}>
        <Tick
          label="Differences only"
          checked={!all}
          disabled={runs.length === 1}
          onChange={(event) => change({ all: event.target.checked ? '' : 'yes' })}
        />
        <Tick
          label="Runs as rows"
          checked={swapped}
          onChange={(event) => change({ swap: event.target.checked ? 'yes' : '' })}
        />
      </div>
      {shown.length === 0 ? (
        <Empty title={all ? 'These runs recorded nothing' : 'These runs do not differ'} />
      ) : swapped ? (
        <Table tall label="Comparison" rows={runs} rowKey={({ runId }) => runId} columns={asColumns(shown)} />
      ) : (
        <Table
          tall
          label="Comparison"
          rows={shown}
          rowKey={idOf}
          columns={[
            {
              id: 'key',
              header: 'Name',
              cell: ({ section, key }) => (
                <span className={css['key']}>
                  {key}
                  <small>{section}</small>
                </span>
              ),
            },
            ...runs.map(
              (run, i): Column<ComparedRow> => ({
                id: run.runId,
                header: run.title,
                cell: (row) => <Value row={row} at={i} />,
              }),
            ),
          ]}
        />
      )}
    </>
  );
}

const asColumns = (rows: readonly ComparedRow[]): Column<ComparedRun>[] => [
  {
    id: 'run',
    header: 'Run',
    cell: ({ runId, title, look }) => (
      <Link to={paths.run(runId)}>
        <Swatch look={look} /> {title}
      </Link>
    ),
  },
  ...rows.map(
    (row): Column<ComparedRun> => ({
      id: idOf(row),
      header: row.key,
      group: row.section,
      align: row.section === 'Metrics' ? 'end' : 'start',
      cell: ({ look }) => <Value row={row} at={look} />,
    }),
  ),
];

function Value({ row, at }: { readonly row: ComparedRow; readonly at: number }) {
  const { values, best, differs, digits, key } = row;
  const value = values[at];
  const tint = differs ? css['differs'] : undefined;
  if (value === undefined) return <Absent />;
  if (typeof value === 'string') return <span className={`${css['text']} ${tint}`}>{value}</span>;
  const words = number(value, digits);
  if (value !== best)
    return (
      <span className={tint} title={String(value)}>
        {words}
      </span>
    );
  return (
    <strong className={css['best']} title={`${value}, the ${goalOf(key)}`}>
      {words}
      <small>best</small>
    </strong>
  );
}
