import { useQuery } from '@tanstack/react-query';
import { Link } from 'react-router';
import type { ExperimentActivity, Run } from '../app/api.ts';
import { paths } from '../app/paths.ts';
import { number } from '../kit/format.ts';
import { Section } from '../kit/page.tsx';
import { Failure, Loading } from '../kit/states.tsx';
import { Absent, type Column, Cut, Table } from '../kit/table.tsx';
import css from './latest-runs.module.css';
import { latestQuery } from './queries.ts';
import { runColumns } from './run-columns.tsx';

interface LatestRunsProps {
  readonly experiments: readonly ExperimentActivity[];
}

const runsShown = 6;
/** A search names its experiments; those with the youngest runs hold the youngest runs. */
const mostExperiments = 100;

const { started, name, status, duration } = runColumns;
const metricsShown = 3;
/** The server's own runs: every selection makes some, and nobody looks for them here. */
const evaluations = 'cellar/evaluations';

/** The youngest runs of these experiments, each with a taste of its metrics. */
export function LatestRuns({ experiments }: LatestRunsProps) {
  const active = experiments
    .filter(({ name, lastRunTime }) => lastRunTime !== null && name !== evaluations)
    .toSorted((a, b) => (b.lastRunTime ?? 0) - (a.lastRunTime ?? 0))
    .slice(0, mostExperiments);
  const query = useQuery(
    latestQuery(
      active.map(({ experimentId }) => experimentId),
      runsShown,
    ),
  );
  const nameOf = (id: string) => active.find(({ experimentId }) => experimentId === id)?.name ?? `Experiment ${id}`;
  const columns: Column<Run>[] = [
    started,
    name,
    {
      id: 'experiment',
      header: 'Experiment',
      cell: ({ experimentId }) => (
        <Link to={paths.experiment(experimentId)}>
          <Cut text={nameOf(experimentId)} />
        </Link>
      ),
    },
    status,
    duration,
    { id: 'metrics', header: 'Metrics', cell: (run) => <FirstMetrics run={run} /> },
  ];
  return (
    <Section title="Latest runs">
      {query.isPending ? (
        <Loading what="runs" />
      ) : query.isError ? (
        <Failure error={query.error} onRetry={query.refetch} />
      ) : (
        <Table label="Latest runs" columns={columns} rows={query.data} rowKey={(run) => run.runId} />
      )}
    </Section>
  );
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
