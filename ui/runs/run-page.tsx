import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import type { Run } from '../app/api.ts';
import { Badge } from '../kit/badge.tsx';
import { Copyable } from '../kit/copy.tsx';
import { number } from '../kit/format.ts';
import { Fact, Page, Section } from '../kit/page.tsx';
import { Pairs } from '../kit/pairs.tsx';
import { Failure, Loading } from '../kit/states.tsx';
import { Absent, Table } from '../kit/table.tsx';
import { Ago } from '../kit/time.tsx';
import { Files } from './files.tsx';
import { modelPathsOfTag } from './load-lines.ts';
import { runQuery } from './queries.ts';
import { ownTags, RunDuration } from './run-columns.tsx';
import { OlderModel, RunModel } from './run-models.tsx';
import css from './run-page.module.css';
import { Status } from './run-status.tsx';

interface RunPageProps {
  readonly id: string;
  /** Draws the link to the run's experiment. */
  readonly experiment: (id: string) => ReactNode;
}

/** One run: what it was given, what it measured, what it left. */
export function RunPage({ id, experiment }: RunPageProps) {
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
  const olderModels = modelPathsOfTag(run.tags.get('mlflow.log-model.history'));
  return (
    <Page
      title={run.runName === '' ? `Run ${run.runId}` : run.runName}
      heading={
        <>
          {run.runName === '' ? `Run ${run.runId}` : run.runName}{' '}
          {run.lifecycleStage === 'deleted' && <Badge tone="bad">deleted</Badge>}
        </>
      }
      within={experiment(run.experimentId)}
      about={run.tags.get('mlflow.note.content')}
      facts={<RunFacts run={run} />}
    >
      <div className={css['halves']}>
        <div>
          <Metrics run={run} />
          <Section title="Parameters" note={count(run.params.size)}>
            <Pairs label="Parameters" pairs={[...run.params]} empty="This run logged no parameters." />
          </Section>
          <Section title="Tags" note={count(ownTags(run).length)}>
            <Pairs label="Tags" pairs={ownTags(run)} empty="This run has no tags." />
          </Section>
        </div>
        <div>
          {run.modelOutputs.map(({ modelId }) => (
            <RunModel key={modelId} id={modelId} />
          ))}
          {run.modelOutputs.length === 0 &&
            olderModels.map((path) => <OlderModel key={path} runId={run.runId} path={path} />)}
          <Section title="Artifacts">
            <Files owner={{ runId: run.runId }} urlKey="folder" empty="This run logged no artifacts." />
          </Section>
          {run.datasets.length > 0 && (
            <Section title="Datasets">
              <Table
                label="Datasets"
                rows={run.datasets}
                rowKey={(dataset) => `${dataset.name}@${dataset.digest}`}
                columns={[
                  { id: 'name', header: 'Name', cell: (dataset) => dataset.name },
                  {
                    id: 'digest',
                    header: 'Digest',
                    cell: (dataset) => <Copyable text={dataset.digest} what="dataset digest" />,
                  },
                  { id: 'role', header: 'Role', cell: (dataset) => dataset.context ?? <Absent /> },
                ]}
              />
            </Section>
          )}
        </div>
      </div>
    </Page>
  );
}

const count = (size: number) => (size === 0 ? undefined : String(size));

function RunFacts({ run }: { readonly run: Run }) {
  const commit = run.tags.get('mlflow.source.git.commit');
  const source = run.tags.get('mlflow.source.name');
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
      {source !== undefined && <Fact name="Source">{source}</Fact>}
      {commit !== undefined && (
        <Fact name="Commit">
          <Copyable text={commit} what="commit" short={8} />
        </Fact>
      )}
    </>
  );
}

function Metrics({ run }: { readonly run: Run }) {
  const metrics = [...run.metrics].toSorted(([a], [b]) => (a < b ? -1 : 1));
  return (
    <Section title="Metrics" note={count(metrics.length)}>
      {metrics.length === 0 ? (
        <p className={css['none']}>This run logged no metrics.</p>
      ) : (
        <Table
          label="Metrics"
          rows={metrics}
          rowKey={([key]) => key}
          columns={[
            { id: 'name', header: 'Name', cell: ([key]) => <span className={css['key']}>{key}</span> },
            {
              id: 'last',
              header: 'Last value',
              align: 'end',
              cell: ([, { value }]) => <span title={String(value)}>{number(value, 6)}</span>,
            },
            { id: 'step', header: 'Step', align: 'end', cell: ([, { step }]) => step },
            { id: 'logged', header: 'Logged', cell: ([, { timestamp }]) => <Ago time={timestamp} /> },
          ]}
        />
      )}
    </Section>
  );
}
