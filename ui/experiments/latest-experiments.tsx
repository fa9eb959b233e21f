import { Link } from 'react-router';
import type { ExperimentActivity } from '../app/api.ts';
import { paths } from '../app/paths.ts';
import { count } from '../kit/format.ts';
import { Absent, type Column, Table } from '../kit/table.tsx';
import { Ago } from '../kit/time.tsx';
import css from './experiments-table.module.css';

const columns: readonly Column<ExperimentActivity>[] = [
  {
    id: 'name',
    header: 'Name',
    cell: ({ experimentId, name }) => (
      <span className={css['name']}>
        <Link to={paths.experiment(experimentId)}>{name}</Link>
      </span>
    ),
  },
  {
    id: 'runs',
    header: 'Runs',
    align: 'end',
    cell: ({ runs }) => (runs === 0 ? <Absent says="no runs" /> : count(runs)),
  },
  {
    id: 'last-run',
    header: 'Last run',
    cell: ({ lastRunTime }) => (lastRunTime === null ? <Absent /> : <Ago time={lastRunTime} />),
  },
];

/** A few experiments, those with the youngest runs first. */
export function LatestExperiments({
  experiments,
  most,
}: {
  readonly experiments: readonly ExperimentActivity[];
  readonly most: number;
}) {
  const rows = experiments
    .toSorted((a, b) => (b.lastRunTime ?? -1) - (a.lastRunTime ?? -1) || b.creationTime - a.creationTime)
    .slice(0, most);
  return <Table label="Experiments" columns={columns} rows={rows} rowKey={({ experimentId }) => experimentId} />;
}
