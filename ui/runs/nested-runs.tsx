import { useInfiniteQuery } from '@tanstack/react-query';
import { Link } from 'react-router';
import type { Run } from '../app/api.ts';
import { paths } from '../app/paths.ts';
import { useUrlState } from '../app/url-state.ts';
import { Failure, Loading } from '../kit/states.tsx';
import { type Column, More, Table } from '../kit/table.tsx';
import { sortFromUrl, sortToUrl } from './order.ts';
import { nestedFilter, runsQuery } from './queries.ts';
import { recordedColumns, runColumns } from './run-columns.tsx';
import css from './run-page.module.css';

/** The compare page draws as many at once. */
const mostCompared = 100;

/** The runs that a run started within itself. */
export function NestedRuns({ run }: { readonly run: Run }) {
  const [params, change] = useUrlState();
  const sort = sortFromUrl(params.get('sort') ?? '');
  const query = useInfiniteQuery(runsQuery(run.experimentId, nestedFilter(run.runId), sort));
  if (query.isPending) return <Loading what="nested runs" rows={8} />;
  if (query.isError) return <Failure error={query.error} onRetry={query.refetch} />;
  const runs = query.data.pages.flatMap((page) => page.items);
  const { started, name, status, duration } = runColumns;
  const columns: Column<Run>[] = [started, name, status, duration, ...recordedColumns(runs, 12).columns];
  const compared = runs.slice(0, mostCompared).map(({ runId }) => runId);
  return (
    <>
      <p className={css['above']}>
        <Link to={paths.compare(compared)}>
          Compare {compared.length === runs.length && !query.hasNextPage ? 'these' : 'the first'} {compared.length} runs
        </Link>
      </p>
      <Table
        tall
        label="Nested runs"
        rows={runs}
        rowKey={({ runId }) => runId}
        columns={columns}
        sort={sort}
        onSort={(next) => change({ sort: sortToUrl(next) })}
      />
      <More
        shown={runs.length}
        what={['run', 'runs']}
        more={query.hasNextPage}
        busy={query.isFetchingNextPage}
        onMore={query.fetchNextPage}
      />
    </>
  );
}
