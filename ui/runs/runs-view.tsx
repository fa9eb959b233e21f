import { keepPreviousData, useInfiniteQuery } from '@tanstack/react-query';
import type { Experiment, Run } from '../app/api.ts';
import { useUrlState } from '../app/url-state.ts';
import { Button } from '../kit/button.tsx';
import { Code } from '../kit/copy.tsx';
import { Section } from '../kit/page.tsx';
import { SearchBox } from '../kit/search-box.tsx';
import { Empty, Loading } from '../kit/states.tsx';
import { type Column, More, Table } from '../kit/table.tsx';
import { sortFromUrl, sortToUrl } from './order.ts';
import { runsQuery } from './queries.ts';
import { recordedColumns, runColumns } from './run-columns.tsx';

const { started, name, id, status, duration } = runColumns;
const columnsOfAGroup = 8;

/** The runs of an experiment, as the URL's query (`q`), order (`sort`) and width (`columns`) ask. */
export function RunsView({ experiment }: { readonly experiment: Experiment }) {
  const [params, change] = useUrlState();
  const filter = params.get('q') ?? '';
  const sort = sortFromUrl(params.get('sort') ?? '');
  const query = useInfiniteQuery({
    ...runsQuery(experiment.experimentId, filter, sort),
    placeholderData: keepPreviousData,
  });
  const runs = query.data?.pages.flatMap((page) => page.items) ?? [];
  const most = params.get('columns') === 'all' ? Number.POSITIVE_INFINITY : columnsOfAGroup;
  const recorded = recordedColumns(runs, most);
  const columns: Column<Run>[] = [started, name, id, status, duration, ...recorded.columns];
  const neverUsed = query.isSuccess && runs.length === 0 && filter === '';

  return (
    <Section title="Runs" note={recorded.hidden > 0 && <AllColumns hidden={recorded.hidden} onAll={change} />}>
      {!neverUsed && (
        <SearchBox
          code
          label="Query runs"
          placeholder={`metrics.accuracy > 0.9 and params.model = 'rf'`}
          value={filter}
          onSearch={(q) => change({ q })}
          error={query.error}
        />
      )}
      {query.isPending ? (
        <Loading what="runs" rows={8} />
      ) : neverUsed ? (
        <NoRuns experiment={experiment} />
      ) : runs.length > 0 ? (
        <Table
          tall
          label="Runs"
          columns={columns}
          rows={runs}
          rowKey={(run) => run.runId}
          sort={sort}
          onSort={(next) => change({ sort: sortToUrl(next) })}
          stale={query.isPlaceholderData}
        />
      ) : (
        query.isSuccess && (
          <Empty title="No run answers this query">
            <Button onClick={() => change({ q: '' })}>Show all runs</Button>
          </Empty>
        )
      )}
      {query.isSuccess && (
        <More
          shown={runs.length}
          what={['run', 'runs']}
          more={query.hasNextPage}
          busy={query.isFetchingNextPage}
          onMore={query.fetchNextPage}
        />
      )}
    </Section>
  );
}

interface AllColumnsProps {
  readonly hidden: number;
  readonly onAll: (change: Record<string, string>) => void;
}

function AllColumns({ hidden, onAll }: AllColumnsProps) {
  return (
    <Button look="quiet" onClick={() => onAll({ columns: 'all' })}>
      Show {hidden} more {hidden === 1 ? 'column' : 'columns'}
    </Button>
  );
}

function NoRuns({ experiment }: { readonly experiment: Experiment }) {
  return (
    <Empty title="This experiment has no runs yet">
      <Code
        label="Python that logs a run to this experiment"
        lines={[
          'import mlflow',
          `mlflow.set_tracking_uri(${JSON.stringify(window.location.origin)})`,
          `mlflow.set_experiment(${JSON.stringify(experiment.name)})`,
          'mlflow.log_metric("accuracy", 0.93)',
        ]}
      />
    </Empty>
  );
}
