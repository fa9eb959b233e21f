import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { Link } from 'react-router';
import type { Run } from '../app/api.ts';
import { paths } from '../app/paths.ts';
import { modelPathsOfTag } from '../artifacts/load-lines.ts';
import { Badge } from '../kit/badge.tsx';
import { Copyable } from '../kit/copy.tsx';
import { count } from '../kit/format.ts';
import { Fact, Page } from '../kit/page.tsx';
import { Failure, Loading } from '../kit/states.tsx';
import { type Tab, Tabs, useTab } from '../kit/tabs.tsx';
import { Ago } from '../kit/time.tsx';
import type { RegisterModel } from './bulk-bar.tsx';
import { EditRun } from './edit-run.tsx';
import { NestedRuns } from './nested-runs.tsx';
import { nestedCountQuery, runQuery } from './queries.ts';
import { RunArtifacts } from './run-artifacts.tsx';
import { RunCharts } from './run-charts.tsx';
import { RunDuration } from './run-columns.tsx';
import { RunModels } from './run-models.tsx';
import { RunOverview } from './run-overview.tsx';
import { Status } from './run-status.tsx';

interface RunPageProps {
  readonly id: string;
  /** Draws the link to the run's experiment. */
  readonly experiment: (id: string) => ReactNode;
  /** Draws the decisions that considered the run. */
  readonly decisions: (id: string) => ReactNode;
  readonly register: RegisterModel;
}

/** One run: what it was given, what it measured, what it left. */
export function RunPage({ id, experiment, decisions, register }: RunPageProps) {
  const query = useQuery(runQuery(id));
  if (!query.isSuccess)
    return (
      <Page title={`Run ${id}`}>
        {query.isPending ? (
          <Loading what="the run" rows={8} />
        ) : (
          <Failure error={query.error} onRetry={query.refetch} />
        )}
      </Page>
    );
  const run = query.data;
  const title = run.runName === '' ? `Run ${run.runId}` : run.runName;
  return (
    <Page
      title={title}
      heading={
        <>
          {title} {run.lifecycleStage === 'deleted' && <Badge tone="bad">deleted</Badge>}
        </>
      }
      within={experiment(run.experimentId)}
      about={run.tags.get('mlflow.note.content')}
      facts={<RunFacts run={run} />}
      actions={<EditRun run={run} />}
    >
      <RunParts run={run} decisions={decisions} register={register} />
    </Page>
  );
}

function RunParts({ run, decisions, register }: { readonly run: Run } & Pick<RunPageProps, 'decisions' | 'register'>) {
  const nested = useQuery(nestedCountQuery(run));
  const olderModels = modelPathsOfTag(run.tags.get('mlflow.log-model.history'));
  const models = run.modelOutputs.length > 0 ? run.modelOutputs.length : olderModels.length;
  const tabs: Tab[] = [
    { id: '', title: 'Overview' },
    { id: 'metrics', title: 'Metrics', count: count(run.metrics.size) },
    { id: 'artifacts', title: 'Artifacts' },
    ...(models > 0 ? [{ id: 'models', title: 'Models', count: count(models) }] : []),
    ...(nested.data !== undefined && nested.data > 0
      ? [{ id: 'nested', title: 'Nested runs', count: count(nested.data) }]
      : []),
    { id: 'decisions', title: 'Decisions' },
  ];
  const tab = useTab(tabs);
  return (
    <>
      <Tabs label="Parts of the run" tabs={tabs} />
      {tab === 'metrics' ? (
        <RunCharts run={run} />
      ) : tab === 'artifacts' ? (
        <RunArtifacts run={run} register={register} />
      ) : tab === 'models' ? (
        <RunModels run={run} olderModels={olderModels} register={register} />
      ) : tab === 'nested' ? (
        <NestedRuns run={run} />
      ) : tab === 'decisions' ? (
        decisions(run.runId)
      ) : (
        <RunOverview run={run} />
      )}
    </>
  );
}

function RunFacts({ run }: { readonly run: Run }) {
  const commit = run.tags.get('mlflow.source.git.commit');
  const source = run.tags.get('mlflow.source.name');
  const parent = run.tags.get('mlflow.parentRunId');
  const user = run.tags.get('mlflow.user') ?? run.userId;
  return (
    <>
      <Fact name="Status">
        <Status status={run.status} />
      </Fact>
      {run.startTime !== undefined && (
        <Fact name="Started">
          <Ago time={run.startTime} />
        </Fact>
      )}
      <Fact name="Duration">
        <RunDuration run={run} />
      </Fact>
      {user !== '' && <Fact name="User">{user}</Fact>}
      <Fact name="Run id">
        <Copyable text={run.runId} what="run id" />
      </Fact>
      {parent !== undefined && (
        <Fact name="Nested in">
          <Link to={paths.run(parent)} title={parent}>
            {parent.slice(0, 8)}
          </Link>
        </Fact>
      )}
      {source !== undefined && <Fact name="Source">{source}</Fact>}
      {commit !== undefined && (
        <Fact name="Source commit">
          <Copyable text={commit} what="commit" short={8} />
        </Fact>
      )}
    </>
  );
}
