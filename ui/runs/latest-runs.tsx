import { Link } from 'react-router';
import type { Run } from '../app/api.ts';
import { paths } from '../app/paths.ts';
import { number } from '../kit/format.ts';
import { Absent, type Column, Cut, Table } from '../kit/table.tsx';
import css from './latest-runs.module.css';
import { runColumns } from './run-columns.tsx';

interface LatestRunsProps {
  readonly runs: readonly Run[];
  readonly experimentName: (id: string) => string;
}

const { started, name, status, duration } = runColumns;
const metricsShown = 3;

/** A few runs of any experiment, each with a taste of its metrics. */
export function LatestRuns({ runs, experimentName }: LatestRunsProps) {
  const columns: Column<Run>[] = [
    started,
    name,
    {
      id: 'experiment',
      header: 'Experiment',
      cell: ({ experimentId }) => (
        <Link to={paths.experiment(experimentId)}>
          <Cut text={experimentName(experimentId)} />
        </Link>
      ),
    },
    status,
    duration,
    { id: 'metrics', header: 'Metrics', cell: (run) => <FirstMetrics run={run} /> },
  ];
  return <Table label="Latest runs" columns={columns} rows={runs} rowKey={(run) => run.runId} />;
}

function FirstMetrics({ run }: { readonly run: Run }) {
  if (run.metrics.size === 0) return <Absent />;
  const metrics = [...run.metrics].toSorted(([a], [b]) => (a < b ? -1 : 1));
  return (
    <ul className={css['metrics']}>
      {metrics.slice(0, metricsShown).map(([key, { value }]) => (
        <li key={key}>
          <span>{key}</span> {number(value, 4)}
        </li>
      ))}
      {metrics.length > metricsShown && <li>+{metrics.length - metricsShown}</li>}
    </ul>
  );
}
