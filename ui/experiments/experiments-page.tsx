import { keepPreviousData, useInfiniteQuery, useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import type { Run } from '../app/api.ts';
import { useUrlState } from '../app/url-state.ts';
import { Button } from '../kit/button.tsx';
import { Code } from '../kit/copy.tsx';
import { Page, Section } from '../kit/page.tsx';
import { SearchBox } from '../kit/search-box.tsx';
import { Empty, Failure, Loading } from '../kit/states.tsx';
import { More } from '../kit/table.tsx';
import css from './experiments-page.module.css';
import { ExperimentsTable } from './experiments-table.tsx';
import { activityQuery, experimentsQuery } from './queries.ts';

interface ExperimentsPageProps {
  readonly title: string;
  /** Draws the newest runs of all experiments, above the list. */
  readonly latest?: (runs: readonly Run[], experimentName: (id: string) => string) => ReactNode;
}

/** All experiments with their last activity. */
export function ExperimentsPage({ title, latest }: ExperimentsPageProps) {
  const [params, change] = useUrlState();
  const text = params.get('q') ?? '';
  const search = useInfiniteQuery({ ...experimentsQuery(text), placeholderData: keepPreviousData });
  const experiments = search.data?.pages.flatMap((page) => page.items) ?? [];
  const activity = useQuery({
    ...activityQuery(experiments),
    enabled: experiments.length > 0,
    placeholderData: keepPreviousData,
  });
  const nameOf = (id: string) =>
    experiments.find((experiment) => experiment.experimentId === id)?.name ?? `Experiment ${id}`;
  const runs = activity.data?.runs ?? [];

  return (
    <Page title={title}>
      {text === '' && activity.isSuccess && runs.length === 0 && <FirstLines />}
      {latest !== undefined && text === '' && runs.length > 0 && (
        <Section title="Latest runs">{latest(runs.slice(0, 6), nameOf)}</Section>
      )}
      <Section title={latest === undefined ? 'By last activity' : 'Experiments'}>
        <SearchBox
          label="Find experiments by name"
          placeholder="Find by name"
          value={text}
          onSearch={(q) => change({ q })}
        />
        {search.isPending ? (
          <Loading what="experiments" />
        ) : search.isError ? (
          <Failure error={search.error} onRetry={search.refetch} />
        ) : experiments.length === 0 ? (
          <Empty title={`No experiment has “${text}” in its name`}>
            <Button onClick={() => change({ q: '' })}>Show all experiments</Button>
          </Empty>
        ) : (
          <ExperimentsTable
            experiments={experiments}
            lastRunTime={activity.data?.lastRunTime}
            stale={search.isPlaceholderData}
          />
        )}
        {activity.isError && <Failure error={activity.error} onRetry={activity.refetch} />}
        {search.isSuccess && (
          <More
            shown={experiments.length}
            what={['experiment', 'experiments']}
            more={search.hasNextPage}
            busy={search.isFetchingNextPage}
            onMore={search.fetchNextPage}
          />
        )}
      </Section>
    </Page>
  );
}

function FirstLines() {
  return (
    <Section title="No run yet" note="Three lines of Python log the first one.">
      <div className={css['lines']}>
        <Code
          label="Python that logs a first run"
          lines={[
            'import mlflow',
            `mlflow.set_tracking_uri("${window.location.origin}")`,
            'mlflow.log_metric("accuracy", 0.93)',
          ]}
        />
        <p>
          They need nothing but <code>pip install mlflow</code>. The run appears here when you come back to this tab.
        </p>
      </div>
    </Section>
  );
}
