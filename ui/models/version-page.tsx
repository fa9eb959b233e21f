import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { Link, useNavigate } from 'react-router';
import { client, type ModelVersion, type Run } from '../app/api.ts';
import { paths } from '../app/paths.ts';
import { Badge } from '../kit/badge.tsx';
import { type Championship, Crowns } from '../kit/champion.tsx';
import { Confirm } from '../kit/confirm.tsx';
import { Copyable } from '../kit/copy.tsx';
import { EditText } from '../kit/edit-text.tsx';
import { number } from '../kit/format.ts';
import { Fact, Page, Section } from '../kit/page.tsx';
import { Pairs } from '../kit/pairs.tsx';
import { Failure, Loading } from '../kit/states.tsx';
import { Ago, Stamp } from '../kit/time.tsx';
import { ChangeStage } from './change-stage.tsx';
import { codeVersion } from './code-version.ts';
import { epochName, scoreOf, slotsSaid } from './epochs.ts';
import { Labels } from './labels.tsx';
import css from './models.module.css';
import { scoresQuery, sourceRunsQuery, versionQuery } from './queries.ts';
import { StageBadge } from './stage-badge.tsx';

interface VersionPageProps {
  readonly champions: readonly Championship[];
  readonly name: string;
  readonly version: string;
  /** Draws how a version is loaded and what it takes. */
  readonly use: (version: ModelVersion, uri: string) => ReactNode;
  /** Draws the name of an experiment. */
  readonly experiment: (id: string) => ReactNode;
  /** Draws what happened to the version. */
  readonly activity: (version: ModelVersion) => ReactNode;
  /** Draws the decisions that considered the version. */
  readonly decisions: ReactNode;
}

/** One version of a model: where it stands, what it came from, how it is loaded. */
export function VersionPage(props: VersionPageProps) {
  const { name, version: number, champions, use, experiment, activity, decisions } = props;
  const navigate = useNavigate();
  const query = useQuery(versionQuery(name, number));
  const runId = query.data?.runId ?? '';
  const runs = useQuery(sourceRunsQuery(runId === '' ? [] : [runId]));
  const run = runs.data?.[0];
  const within = (
    <>
      <Link to={paths.models()}>Models</Link>
      <span aria-hidden="true">/</span>
      <Link to={paths.model(name)}>{name}</Link>
    </>
  );
  const title = `${name} version ${number}`;
  if (!query.isSuccess)
    return (
      <Page title={title} within={within}>
        {query.isPending ? <Loading what="the version" /> : <Failure error={query.error} onRetry={query.refetch} />}
      </Page>
    );
  const version = query.data;
  return (
    <Page
      title={title}
      heading={
        <>
          {title} <StageBadge stage={version.currentStage} /> <Crowns of={champions} />
          {version.status !== 'READY' && <Badge tone="wait">{version.status.toLowerCase().replaceAll('_', ' ')}</Badge>}
        </>
      }
      within={within}
      about={version.description === '' ? undefined : version.description}
      facts={<VersionFacts version={version} run={run} />}
      actions={
        <>
          <ChangeStage version={version} />
          <EditText
            action="Describe"
            label="Description"
            value={version.description}
            long
            renews="models"
            onSave={(text) => client.updateModelVersion(name, number, text)}
          />
          <Confirm
            action="Delete"
            danger
            renews="models"
            what={title}
            says="The version goes for good; its run and its files stay."
            onConfirm={() => client.deleteModelVersion(name, number)}
            onDone={() => navigate(paths.model(name))}
          />
        </>
      }
    >
      <div className={css['columns']}>
        <div>
          <Labels
            title="Aliases"
            what="alias"
            valued={false}
            labels={version.aliases.map((alias) => [alias, number])}
            hint="It leaves the version that has it now."
            onSet={(alias) => client.setRegisteredModelAlias(name, alias, number)}
            onRemove={(alias) => client.deleteRegisteredModelAlias(name, alias)}
          />
        </div>
        <div>
          <Labels
            title="Tags"
            what="tag"
            valued
            labels={[...version.tags]}
            onSet={(key, value) => client.setModelVersionTag(name, number, key, value)}
            onRemove={(key) => client.deleteModelVersionTag(name, number, key)}
          />
        </div>
      </div>
      <Section title="How to use it">{use(version, `models:/${name}/${number}`)}</Section>
      <Section title="Activity">{activity(version)}</Section>
      <Section title="Decisions that considered it">{decisions}</Section>
      {run !== undefined && <Lineage run={run} experiment={experiment} />}
    </Page>
  );
}

function VersionFacts({ version, run }: { readonly version: ModelVersion; readonly run: Run | undefined }) {
  const code = codeVersion(version, run);
  const epochs = useQuery(scoresQuery([version])).data ?? [];
  return (
    <>
      {code !== undefined && <Fact name="Code version">{code}</Fact>}
      {epochs.map((epoch) => (
        <Fact key={epochName(epoch)} name={epochName(epoch)}>
          <span title={slotsSaid(epoch)}>{number(scoreOf(epoch, version) ?? Number.NaN)}</span>
        </Fact>
      ))}
      {version.creationTime !== undefined && (
        <Fact name="Registered">
          <Stamp time={version.creationTime} />
        </Fact>
      )}
      {version.lastUpdatedTime !== undefined && (
        <Fact name="Last changed">
          <Ago time={version.lastUpdatedTime} />
        </Fact>
      )}
      <Fact name="Source">
        <Copyable text={version.source} what="source" />
      </Fact>
    </>
  );
}

/** The run that the version came from, with what went in and what came out. */
function Lineage({ run, experiment }: { readonly run: Run; readonly experiment: (id: string) => ReactNode }) {
  const commit = run.tags.get('mlflow.source.git.commit');
  return (
    <>
      <Section title="Lineage">
        <dl className={css['lineage']}>
          <Fact name="Run">
            <Link to={paths.run(run.runId)}>{run.runName}</Link>
          </Fact>
          <Fact name="Experiment">{experiment(run.experimentId)}</Fact>
          {commit !== undefined && (
            <Fact name="Commit">
              <Copyable text={commit} what="commit" short={8} />
            </Fact>
          )}
          {run.datasets.length > 0 && (
            <Fact name="Data sets">{run.datasets.map(({ name, digest }) => `${name} @ ${digest}`).join(', ')}</Fact>
          )}
        </dl>
      </Section>
      <div className={css['columns']}>
        <Section title="Metrics of the run">
          <Pairs
            label="Metrics of the run"
            pairs={[...run.metrics].map(([key, { value }]) => [key, number(value)] as const)}
            empty="The run logged no metrics."
          />
        </Section>
        <Section title="Parameters of the run">
          <Pairs label="Parameters of the run" pairs={[...run.params]} empty="The run logged no parameters." />
        </Section>
      </div>
    </>
  );
}
