import { Fragment } from 'react';
import { Link } from 'react-router';
import type { Experiment } from '../app/api.ts';
import { paths } from '../app/paths.ts';
import { Copyable } from '../kit/copy.tsx';
import { Absent, type Column, Table } from '../kit/table.tsx';
import { Ago, Stamp } from '../kit/time.tsx';
import css from './experiments-table.module.css';

interface ExperimentsTableProps {
  readonly experiments: readonly Experiment[];
  /** Unknown until it is asked. */
  readonly lastRunTime: ReadonlyMap<string, number> | undefined;
  readonly stale: boolean;
}

/** Experiments by their last run; those without runs follow, newest first. */
export function ExperimentsTable({ experiments, lastRunTime, stale }: ExperimentsTableProps) {
  const timeOf = ({ experimentId }: Experiment) => lastRunTime?.get(experimentId);
  const rows =
    lastRunTime === undefined ? experiments : experiments.toSorted((a, b) => (timeOf(b) ?? -1) - (timeOf(a) ?? -1));
  const columns: Column<Experiment>[] = [
    {
      id: 'name',
      header: 'Name',
      cell: ({ experimentId, name }) => (
        <Link to={paths.experiment(experimentId)} className={css['name']}>
          <FolderedName name={name} />
        </Link>
      ),
    },
    {
      id: 'last-run',
      header: 'Last run',
      cell: (experiment) => {
        const time = timeOf(experiment);
        if (lastRunTime === undefined) return '';
        return time === undefined ? <Absent says="no runs" /> : <Ago time={time} />;
      },
    },
    {
      id: 'created',
      header: 'Created',
      cell: ({ creationTime }) => (creationTime === undefined ? <Absent /> : <Stamp time={creationTime} />),
    },
    { id: 'id', header: 'Id', cell: ({ experimentId }) => <Copyable text={experimentId} what="experiment id" /> },
  ];
  return <Table label="Experiments" columns={columns} rows={rows} rowKey={(row) => row.experimentId} stale={stale} />;
}

/** The folders before the last `/` step back behind the name itself; a line may break after each. */
function FolderedName({ name }: { readonly name: string }) {
  const folders = [...name.matchAll(/[^/]*\/(?=.)/g)];
  return (
    <>
      <span className={css['folder']}>
        {folders.map(({ 0: folder, index }) => (
          <Fragment key={index}>
            {folder}
            <wbr />
          </Fragment>
        ))}
      </span>
      {name.slice(folders.reduce((length, { 0: folder }) => length + folder.length, 0))}
    </>
  );
}
