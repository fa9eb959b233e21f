import { Link } from 'react-router';
import type { Run } from '../app/api.ts';
import { paths } from '../app/paths.ts';
import { Copyable } from '../kit/copy.tsx';
import { digitsToTell, number } from '../kit/format.ts';
import { Absent, type Column, Cut } from '../kit/table.tsx';
import { Duration, Stamp } from '../kit/time.tsx';
import css from './run-columns.module.css';
import { Status } from './run-status.tsx';

/** The columns that every table of runs starts from. Their ids are MLflow's order_by terms. */
export const runColumns = {
  started: {
    id: 'attributes.start_time',
    header: 'Started',
    sortable: true,
    cell: (run) => (
      <Link to={paths.run(run.runId)} className={css['started']}>
        {run.startTime === undefined ? 'Open run' : <Stamp time={run.startTime} />}
      </Link>
    ),
  },
  name: { id: 'attributes.run_name', header: 'Name', sortable: true, cell: (run) => <Cut text={run.runName} /> },
  id: {
    id: 'attributes.run_id',
    header: 'Run id',
    cell: (run) => <Copyable text={run.runId} what="run id" short={8} />,
  },
  status: {
    id: 'attributes.status',
    header: 'Status',
    sortable: true,
    cell: (run) => <Status status={run.status} />,
  },
  duration: { id: 'duration', header: 'Duration', align: 'end', cell: (run) => <RunDuration run={run} /> },
} satisfies Record<string, Column<Run>>;

export function RunDuration({ run }: { readonly run: Run }) {
  if (run.startTime === undefined || (run.endTime === undefined && run.status !== 'RUNNING')) return <Absent />;
  return <Duration from={run.startTime} to={run.endTime} />;
}

/** Tags that people gave; MLflow's own are shown where they mean something. */
export const ownTags = (run: Run) => [...run.tags].filter(([key]) => !key.startsWith('mlflow.'));

interface RecordedColumns {
  readonly columns: readonly Column<Run>[];
  /** How many columns `most` left out. */
  readonly hidden: number;
}

/** A column for each param, metric and tag of these runs, by name, at most `most` in a group. */
export function recordedColumns(runs: readonly Run[], most: number): RecordedColumns {
  const params = keysOf(runs, (run) => run.params.keys());
  const metrics = keysOf(runs, (run) => run.metrics.keys());
  const tags = keysOf(runs, (run) => ownTags(run).map(([key]) => key));
  const columns = [
    ...params.slice(0, most).map((key) => textColumn(key, 'params', 'Parameters', (run) => run.params.get(key))),
    ...metrics.slice(0, most).map((key) => metricColumn(key, runs)),
    ...tags.slice(0, most).map((key) => textColumn(key, 'tags', 'Tags', (run) => run.tags.get(key))),
  ];
  return { columns, hidden: params.length + metrics.length + tags.length - columns.length };
}

function keysOf(runs: readonly Run[], keys: (run: Run) => Iterable<string>): string[] {
  return [...new Set(runs.flatMap((run) => [...keys(run)]))].toSorted();
}

function textColumn(
  key: string,
  kind: 'params' | 'tags',
  group: string,
  read: (run: Run) => string | undefined,
): Column<Run> {
  return {
    id: `${kind}.${key}`,
    header: key,
    group,
    sortable: true,
    cell: (run) => {
      const value = read(run);
      return value === undefined ? <Absent /> : <Cut text={value} />;
    },
  };
}

function metricColumn(key: string, runs: readonly Run[]): Column<Run> {
  const digits = digitsToTell(runs.flatMap((run) => run.metrics.get(key)?.value ?? []));
  return {
    id: `metrics.${key}`,
    header: key,
    group: 'Metrics',
    align: 'end',
    sortable: true,
    cell: (run) => {
      const metric = run.metrics.get(key);
      return metric === undefined ? (
        <Absent />
      ) : (
        <span title={String(metric.value)}>{number(metric.value, digits)}</span>
      );
    },
  };
}
