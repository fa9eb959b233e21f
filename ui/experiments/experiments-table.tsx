import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { Link } from 'react-router';
import { client, type ExperimentActivity } from '../app/api.ts';
import { paths } from '../app/paths.ts';
import { listFromUrl, listToUrl } from '../app/url-list.ts';
import { useUrlState } from '../app/url-state.ts';
import { Button } from '../kit/button.tsx';
import { Copyable } from '../kit/copy.tsx';
import { count } from '../kit/format.ts';
import { ChevronIcon } from '../kit/icons.tsx';
import { Failure } from '../kit/states.tsx';
import { Absent, type Column, More, type Sort, Table } from '../kit/table.tsx';
import { Ago, Stamp } from '../kit/time.tsx';
import css from './experiments-table.module.css';
import { type ExperimentLine, type ExperimentOrder, experimentLines } from './folders.ts';

interface ExperimentsTableProps {
  readonly experiments: readonly ExperimentActivity[];
  /** They answer a search, so every folder stands open at first. */
  readonly searched: boolean;
  readonly deleted: boolean;
}

const linesAtOnce = 300;
/** With more experiments than this, folders are closed at first. */
const openUpTo = 60;
const orders: readonly ExperimentOrder[] = ['name', 'runs', 'last-run'];
const byLastRun: Sort = { column: 'last-run', descending: true };

/** Experiments with their folders. Which are open and the order stand in the address. */
export function ExperimentsTable({ experiments, searched, deleted }: ExperimentsTableProps) {
  const [params, change] = useUrlState();
  const [most, setMost] = useState(linesAtOnce);
  const sort = sortFrom(params.get('sort') ?? '');
  const turned = new Set(listFromUrl(params.get('fold') ?? ''));
  const openAtFirst = searched || experiments.length <= openUpTo;
  const lines = experimentLines(experiments, {
    order: orders.find((order) => order === sort.column) ?? 'last-run',
    descending: sort.descending,
    isOpen: (path) => openAtFirst !== turned.has(path),
  });
  const turn = (path: string) => {
    if (!turned.delete(path)) turned.add(path);
    change({ fold: listToUrl([...turned]) }, false);
  };
  const shown = lines.slice(0, most);
  return (
    <>
      <Table
        label="Experiments"
        columns={deleted ? [...columns(turn), restoreColumn] : columns(turn)}
        rows={shown}
        rowKey={(line) => (line.kind === 'folder' ? `folder ${line.path}` : line.experiment.experimentId)}
        sort={sort}
        onSort={(next) =>
          change({ sort: next === undefined ? '' : `${next.descending ? '-' : ''}${next.column}` }, false)
        }
      />
      <More
        shown={experiments.length}
        what={['experiment', 'experiments']}
        more={shown.length < lines.length}
        busy={false}
        onMore={() => setMost(most + linesAtOnce)}
      />
    </>
  );
}

function sortFrom(text: string): Sort {
  if (text === '') return byLastRun;
  return { column: text.replace(/^-/, ''), descending: text.startsWith('-') };
}

const columns = (turn: (path: string) => void): Column<ExperimentLine>[] => [
  {
    id: 'name',
    header: 'Name',
    sortable: true,
    cell: (line) => (
      <span className={css['name']} style={{ paddingInlineStart: `${line.depth * 1.375}rem` }}>
        {line.kind === 'folder' ? (
          <button type="button" className={css['folder']} aria-expanded={line.isOpen} onClick={() => turn(line.path)}>
            <ChevronIcon />
            {line.label}
            <span className={css['soft']}>{count(line.counts.experiments)}</span>
          </button>
        ) : (
          <Link to={paths.experiment(line.experiment.experimentId)}>{line.label}</Link>
        )}
      </span>
    ),
  },
  {
    id: 'runs',
    header: 'Runs',
    align: 'end',
    sortable: true,
    cell: (line) => {
      const { runs } = line.kind === 'folder' ? line.counts : line.experiment;
      return runs === 0 ? <Absent says="no runs" /> : count(runs);
    },
  },
  {
    id: 'last-run',
    header: 'Last run',
    sortable: true,
    cell: (line) => {
      const { lastRunTime } = line.kind === 'folder' ? line.counts : line.experiment;
      return lastRunTime === null ? <Absent /> : <Ago time={lastRunTime} />;
    },
  },
  {
    id: 'created',
    header: 'Created',
    cell: (line) => line.kind === 'experiment' && <Stamp time={line.experiment.creationTime} />,
  },
  {
    id: 'id',
    header: 'Id',
    cell: (line) =>
      line.kind === 'folder' ? null : <Copyable text={line.experiment.experimentId} what="experiment id" />,
  },
];

const restoreColumn: Column<ExperimentLine> = {
  id: 'restore',
  header: 'Restore',
  cell: (line) => line.kind === 'experiment' && <Restore experiment={line.experiment} />,
};

function Restore({ experiment: { experimentId, name } }: { readonly experiment: ExperimentActivity }) {
  const cache = useQueryClient();
  const restore = useMutation({
    mutationFn: () => client.restoreExperiment(experimentId),
    onSuccess: () => cache.invalidateQueries({ queryKey: ['experiments'] }),
  });
  return (
    <>
      <Button aria-label={`Restore ${name}`} aria-disabled={restore.isPending} onClick={() => restore.mutate()}>
        Restore
      </Button>
      {restore.error !== null && <Failure error={restore.error} />}
    </>
  );
}
