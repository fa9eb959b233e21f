import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { Link } from 'react-router';
import type { RunGroup, RunQuery } from '../app/api.ts';
import { paths } from '../app/paths.ts';
import { count, number } from '../kit/format.ts';
import { Failure, Loading } from '../kit/states.tsx';
import { Absent, type Column, Cut, Table } from '../kit/table.tsx';
import { groupFilter } from './group-filter.ts';
import css from './group-table.module.css';
import { groupsQuery } from './table-queries.ts';

interface GroupTableProps {
  readonly query: RunQuery;
  /** `params.lr` or `tags.team`. */
  readonly by: string;
  /** Keys of the metrics in sight. */
  readonly metrics: readonly string[];
  readonly live: boolean;
}

/** Runs grouped by a param or tag: how many, and each metric's mean ± standard deviation over all of them. */
export function GroupTable({ query, by, metrics, live }: GroupTableProps) {
  const asked = useQuery({ ...groupsQuery(query, by, metrics, live), placeholderData: keepPreviousData });
  if (!asked.isSuccess)
    return asked.isPending ? <Loading what="groups" /> : <Failure error={asked.error} onRetry={asked.refetch} />;
  const { groups, more } = asked.data;
  const columns: Column<RunGroup>[] = [
    {
      id: 'value',
      header: by.slice(by.indexOf('.') + 1),
      cell: ({ value }) => <GroupLink query={query} by={by} value={value} />,
    },
    { id: 'runs', header: 'Runs', align: 'end', cell: ({ runs }) => count(runs) },
    ...metrics.map(
      (key, i): Column<RunGroup> => ({
        id: `metrics.${key}`,
        header: key,
        group: 'Mean ± standard deviation',
        align: 'end',
        cell: (group) => <Spread metric={group.metrics[i]} of={group.runs} />,
      }),
    ),
  ];
  return (
    <>
      <Table
        tall
        label="Groups of runs"
        columns={columns}
        rows={groups}
        rowKey={({ value }) => (value === null ? 'none' : `=${value}`)}
        stale={asked.isPlaceholderData}
      />
      <p className={css['note']} role="status">
        {groups.length} {groups.length === 1 ? 'group' : 'groups'}
        {more && ', the largest of more: narrow them by a query'}
      </p>
    </>
  );
}

function GroupLink({ query, by, value }: { query: RunQuery; by: string; value: string | null }) {
  const filter = groupFilter(query.filter ?? '', by, value);
  const words = value === null ? <em>not set</em> : <Cut text={value === '' ? '(empty)' : value} />;
  return filter === undefined ? words : <Link to={paths.runsWhere(query.experimentId, filter)}>{words}</Link>;
}

function Spread({ metric, of }: { readonly metric: RunGroup['metrics'][number] | undefined; readonly of: number }) {
  if (metric === undefined || metric.mean === null) return <Absent />;
  const { mean, deviation, min, max, runs } = metric;
  const range = min === null || max === null ? '' : `, from ${min} to ${max}`;
  return (
    <span title={`mean ${mean}${range}, ${runs} of ${of} runs`}>
      {number(mean, 4)}
      {deviation !== null && <span className={css['deviation']}> ± {number(deviation, 2)}</span>}
    </span>
  );
}
