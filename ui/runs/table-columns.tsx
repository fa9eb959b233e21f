import { Link } from 'react-router';
import type { ModelVersion, RunColumns, RunRow } from '../app/api.ts';
import { paths } from '../app/paths.ts';
import { type Championship, Crowns } from '../kit/champion.tsx';
import { Copyable } from '../kit/copy.tsx';
import { digitsToTell, number } from '../kit/format.ts';
import { ModelIcon } from '../kit/icons.tsx';
import type { LongColumn } from '../kit/long-table.tsx';
import { Absent } from '../kit/table.tsx';
import { Duration, Stamp } from '../kit/time.tsx';
import { datasetOf, keyColumns } from './columns.ts';
import { Status } from './run-status.tsx';
import css from './table-columns.module.css';
import type { Line } from './tree.ts';

interface Given {
  readonly columns: readonly string[];
  readonly known: RunColumns;
  /** Loaded rows: widths and digits are chosen for them. */
  readonly rows: readonly RunRow[];
  readonly versions: ReadonlyMap<string, readonly ModelVersion[]>;
  readonly champions: ReadonlyMap<string, readonly Championship[]>;
  readonly isPicked: (runId: string) => boolean;
  readonly onPick: (runId: string, on: boolean) => void;
  readonly onFold: (runId: string, open: boolean) => void;
}

/** The columns of the runs table, in the order asked for; the first one ticks, folds and opens the run. */
export function tableColumns(given: Given): LongColumn<Line>[] {
  const keys = keyColumns(given.columns);
  return given.columns.flatMap((id): LongColumn<Line>[] => {
    const fixed = fixedCells[id];
    if (fixed !== undefined) return [fixed(given)];
    const dataset = datasetOf(id);
    if (dataset !== undefined) return [datasetColumn(id, dataset)];
    const at = keys.indexOf(id);
    return at < 0 ? [] : [keyColumn(id, at, given)];
  });
}

type MakeColumn = (given: Given) => LongColumn<Line>;

const fixedCells: Readonly<Record<string, MakeColumn>> = {
  'attributes.start_time': (given) => ({
    id: 'attributes.start_time',
    header: 'Started',
    sortable: true,
    width: 236,
    cell: (line) => <First line={line} given={given} />,
  }),
  'attributes.run_name': ({ champions, rows }) => ({
    id: 'attributes.run_name',
    header: 'Name',
    sortable: true,
    width: widthFor(
      'Name',
      Math.max(0, ...rows.map(({ name }) => name.length)) + (champions.size > 0 ? 11 : 0),
      110,
      champions.size > 0 ? 290 : 230,
    ),
    cell: ({ run }) => (
      <span className={css['name']}>
        <span className={css['cut']} title={run.name}>
          {run.name}
        </span>
        <Crowns of={champions.get(run.runId) ?? []} />
      </span>
    ),
  }),
  'attributes.run_id': () => ({
    id: 'attributes.run_id',
    header: 'Run id',
    width: 124,
    cell: ({ run }) => <Copyable text={run.runId} what="run id" short={8} />,
  }),
  'attributes.status': () => ({
    id: 'attributes.status',
    header: 'Status',
    sortable: true,
    width: 120,
    cell: ({ run }) => <Status status={run.status} />,
  }),
  duration: () => ({
    id: 'duration',
    header: 'Duration',
    align: 'end',
    width: 112,
    cell: ({ run }) => <RowDuration run={run} />,
  }),
  models: ({ versions, rows }) => ({
    id: 'models',
    header: 'Models',
    width: rows.some(({ models }) => models.length > 0) ? 170 : 96,
    cell: ({ run }) => <Models run={run} versions={versions.get(run.runId) ?? []} />,
  }),
  'attributes.user_id': () => ({
    id: 'attributes.user_id',
    header: 'User',
    sortable: true,
    width: 120,
    cell: ({ run }) => <Text value={run.user || null} />,
  }),
  source: () => ({ id: 'source', header: 'Source', width: 180, cell: ({ run }) => <Text value={run.source} end /> }),
  commit: () => ({
    id: 'commit',
    header: 'Commit',
    width: 124,
    cell: ({ run }) => (run.commit === null ? <Absent /> : <Copyable text={run.commit} what="commit" short={8} />),
  }),
  datasets: () => ({
    id: 'datasets',
    header: 'Data sets',
    width: 220,
    cell: ({ run: { datasets } }) => (
      <Text value={listed(datasets.map(({ name, digest, role }) => `${name}@${digest}${inRole(role)}`))} />
    ),
  }),
};

const inRole = (role: string | null) => (role === null ? '' : ` (${role})`);
const listed = (parts: readonly string[]) => (parts.length === 0 ? null : parts.join(', '));

/** Digest and role of the data sets of one name. */
const datasetColumn = (id: string, name: string): LongColumn<Line> => ({
  id,
  header: name,
  group: 'Data sets',
  width: widthFor(name, 21, 150, 230),
  cell: ({ run: { datasets } }) => (
    <Text
      value={listed(
        datasets.filter((dataset) => dataset.name === name).map(({ digest, role }) => `${digest}${inRole(role)}`),
      )}
    />
  ),
});

function First({ line: { run, depth, isOpen }, given }: { readonly line: Line; readonly given: Given }) {
  return (
    <span className={css['first']} style={{ paddingInlineStart: depth * 20 }}>
      <input
        type="checkbox"
        aria-label={`Select ${run.name}`}
        checked={given.isPicked(run.runId)}
        onChange={(event) => given.onPick(run.runId, event.target.checked)}
      />
      <Link to={paths.run(run.runId)}>{run.startTime === null ? 'Open run' : <Stamp time={run.startTime} />}</Link>
      {run.children > 0 && (
        <button
          type="button"
          className={css['fold']}
          aria-expanded={isOpen}
          title={`${run.children} nested ${run.children === 1 ? 'run' : 'runs'}`}
          onClick={() => given.onFold(run.runId, !isOpen)}
        >
          {isOpen ? '−' : '+'}
          {run.children}
        </button>
      )}
    </span>
  );
}

function RowDuration({ run }: { readonly run: RunRow }) {
  if (run.startTime === null || (run.endTime === null && run.status !== 'RUNNING')) return <Absent />;
  return <Duration from={run.startTime} to={run.endTime ?? undefined} />;
}

function Models({ run, versions }: { readonly run: RunRow; readonly versions: readonly ModelVersion[] }) {
  if (versions.length === 0 && run.models.length === 0) return <Absent />;
  if (versions.length === 0) return <Text value={run.models.map(({ name }) => name).join(', ')} />;
  return (
    <span className={css['models']}>
      {versions.map(({ name, version }) => (
        <Link key={`${name}/${version}`} to={paths.modelVersion(name, version)} title={`${name} version ${version}`}>
          <ModelIcon />
          {name} v{version}
        </Link>
      ))}
    </span>
  );
}

function Text({ value, end = false }: { readonly value: string | null; readonly end?: boolean }) {
  if (value === null) return <Absent />;
  return (
    <span className={`${css['cut']} ${end ? css['cutStart'] : ''}`} title={value}>
      {value}
    </span>
  );
}

const groupNames = { params: 'Parameters', metrics: 'Metrics', tags: 'Tags' } as const;
const characterWidth = 7.5;

function keyColumn(id: string, at: number, { known, rows }: Given): LongColumn<Line> {
  const kind = id.slice(0, id.indexOf('.')) as keyof typeof groupNames;
  const key = id.slice(kind.length + 1);
  const common = { id, header: key, group: groupNames[kind], sortable: true };
  if (kind === 'metrics') {
    const range = known.metrics.find((metric) => metric.key === key);
    const digits = digitsToTell(rows.flatMap(({ cells }) => (typeof cells[at] === 'number' ? [cells[at]] : [])));
    return {
      ...common,
      align: 'end',
      width: widthFor(key, 10, 112, 200),
      cell: ({ run }) => <MetricCell value={run.cells[at] ?? null} digits={digits} range={range} />,
    };
  }
  const longest = Math.max(0, ...rows.map(({ cells }) => String(cells[at] ?? '').length));
  return {
    ...common,
    width: widthFor(key, longest, 84, 260),
    cell: ({ run }) => <Text value={run.cells[at] === null ? null : String(run.cells[at])} />,
  };
}

const widthFor = (header: string, longest: number, least: number, most: number) =>
  Math.round(Math.min(most, Math.max(least, Math.max(header.length + 2, longest) * characterWidth + 34)));

interface MetricCellProps {
  readonly value: string | number | null;
  readonly digits: number;
  readonly range: { readonly min: number | null; readonly max: number | null } | undefined;
}

/** A number over a bar that says where it stands between the smallest and the largest of the experiment. */
function MetricCell({ value, digits, range }: MetricCellProps) {
  if (value === null) return <Absent />;
  const numeric = typeof value === 'number' ? value : Number(value);
  const share = shareOf(numeric, range);
  const bar = share === undefined ? undefined : { backgroundSize: `${Math.round(share * 100)}% 100%` };
  return (
    <span className={css['metric']} style={bar} title={String(value)}>
      {number(numeric, digits)}
    </span>
  );
}

function shareOf(value: number, range: MetricCellProps['range']): number | undefined {
  const { min, max } = range ?? {};
  if (min == null || max == null || min === max || !Number.isFinite(value)) return undefined;
  return Math.min(1, Math.max(0, (value - min) / (max - min)));
}
