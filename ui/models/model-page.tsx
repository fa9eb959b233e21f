import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { Link, useNavigate } from 'react-router';
import { client, type Epoch, type ModelVersion, type Run } from '../app/api.ts';
import { paths } from '../app/paths.ts';
import { useUrlState } from '../app/url-state.ts';
import { Badge } from '../kit/badge.tsx';
import { type Championship, Crowns } from '../kit/champion.tsx';
import { Confirm } from '../kit/confirm.tsx';
import { EditText } from '../kit/edit-text.tsx';
import { digitsToTell, number } from '../kit/format.ts';
import { Fact, Page, Section } from '../kit/page.tsx';
import { Empty, Failure, Loading } from '../kit/states.tsx';
import { Absent, type Column, Cut, More, Table } from '../kit/table.tsx';
import { Ago, Stamp } from '../kit/time.tsx';
import { codeVersion } from './code-version.ts';
import { epochName, scoreOf, slotsSaid } from './epochs.ts';
import { Labels } from './labels.tsx';
import css from './models.module.css';
import { modelQuery, scoresQuery, sourceRunsQuery, versionsQuery } from './queries.ts';
import { StageBadge } from './stage-badge.tsx';
import { VersionHistory } from './version-history.tsx';

interface ModelPageProps {
  readonly name: string;
  /** Where a version is the champion. */
  readonly championsOf: (name: string, version: string) => readonly Championship[];
}

/** A registered model: its versions with where they stand, and a metric over them. */
export function ModelPage({ name, championsOf }: ModelPageProps) {
  const navigate = useNavigate();
  const query = useQuery(modelQuery(name));
  const within = <Link to={paths.models()}>Models</Link>;
  if (!query.isSuccess)
    return (
      <Page title={name} within={within}>
        {query.isPending ? <Loading what="the model" /> : <Failure error={query.error} onRetry={query.refetch} />}
      </Page>
    );
  const { description, creationTime, lastUpdatedTime, tags } = query.data;
  const rename = async (next: string) => {
    await client.renameRegisteredModel(name, next);
    await navigate(paths.model(next), { replace: true });
  };
  return (
    <Page
      title={name}
      within={within}
      about={description === '' ? undefined : description}
      facts={
        <>
          {creationTime !== undefined && (
            <Fact name="Created">
              <Stamp time={creationTime} />
            </Fact>
          )}
          {lastUpdatedTime !== undefined && (
            <Fact name="Last changed">
              <Ago time={lastUpdatedTime} />
            </Fact>
          )}
        </>
      }
      actions={
        <>
          <EditText
            action="Describe"
            label="Description"
            value={description}
            long
            renews="models"
            onSave={(text) => client.updateRegisteredModel(name, text)}
          />
          <EditText action="Rename" label="Name" value={name} renews="models" onSave={rename} />
          <Confirm
            action="Delete"
            danger
            renews="models"
            what={name}
            says="All its versions go with it, for good. Their runs and files stay."
            onConfirm={() => client.deleteRegisteredModel(name)}
            onDone={() => navigate(paths.models())}
          />
        </>
      }
    >
      <Versions name={name} championsOf={championsOf} />
      <Labels
        title="Tags"
        what="tag"
        valued
        labels={[...tags]}
        onSet={(key, value) => client.setRegisteredModelTag(name, key, value)}
        onRemove={(key) => client.deleteRegisteredModelTag(name, key)}
      />
    </Page>
  );
}

function Versions({ name, championsOf }: ModelPageProps) {
  const [params, change] = useUrlState();
  const query = useInfiniteQuery(versionsQuery(name));
  const versions = query.data?.pages.flatMap((page) => page.items) ?? [];
  const ids = [...new Set(versions.flatMap(({ runId }) => (runId === '' ? [] : [runId])))];
  const runs = useQuery(sourceRunsQuery(ids));
  const epochs = useQuery(scoresQuery(versions)).data ?? [];
  const runOf = new Map(runs.data?.map((run) => [run.runId, run]));
  const metrics = [...new Set(runs.data?.flatMap((run) => [...run.metrics.keys()]))].toSorted();
  const metric = params.get('metric') ?? metrics[0];
  if (!query.isSuccess)
    return query.isPending ? <Loading what="versions" /> : <Failure error={query.error} onRetry={query.refetch} />;
  return (
    <>
      <Section
        title="Versions"
        note={
          metrics.length > 0 && (
            <label className={css['metric']}>
              Metric of the source run
              <select value={metric} onChange={(event) => change({ metric: event.target.value })}>
                {metrics.map((key) => (
                  <option key={key}>{key}</option>
                ))}
              </select>
            </label>
          )
        }
      >
        {versions.length === 0 ? (
          <Empty title="No version is registered yet" />
        ) : (
          <Table
            tall
            label="Versions"
            columns={versionColumns({ versions, epochs, runOf, metric, championsOf })}
            rows={versions}
            rowKey={({ version }) => version}
          />
        )}
        <More
          shown={versions.length}
          what={['version', 'versions']}
          more={query.hasNextPage}
          busy={query.isFetchingNextPage}
          onMore={query.fetchNextPage}
        />
      </Section>
      <div className={css['columns']}>
        {epochs.map((epoch) => (
          <VersionHistory
            key={epochName(epoch)}
            versions={versions}
            figureOf={(version) => scoreOf(epoch, version)}
            name={epochName(epoch)}
            note={`The same rows for every version: ${slotsSaid(epoch)}.`}
          />
        ))}
        {metric !== undefined && (
          <VersionHistory
            versions={versions}
            figureOf={({ runId }) => runOf.get(runId)?.metrics.get(metric)?.value}
            name={metric}
            note="As logged by each version's source run; their test data may differ."
          />
        )}
      </div>
    </>
  );
}

interface Shown extends Pick<ModelPageProps, 'championsOf'> {
  readonly versions: readonly ModelVersion[];
  readonly epochs: readonly Epoch[];
  readonly runOf: ReadonlyMap<string, Run>;
  /** Of the source runs; undefined where they logged none. */
  readonly metric: string | undefined;
}

/** A column of numbers, in as many digits as tell them apart. */
function figures(
  versions: readonly ModelVersion[],
  figureOf: (version: ModelVersion) => number | undefined,
  column: Pick<Column<ModelVersion>, 'id' | 'header' | 'group'>,
): Column<ModelVersion> {
  const digits = digitsToTell(versions.flatMap((version) => figureOf(version) ?? []));
  return {
    ...column,
    align: 'end',
    cell: (version) => {
      const value = figureOf(version);
      return value === undefined ? <Absent /> : <span title={String(value)}>{number(value, digits)}</span>;
    },
  };
}

function versionColumns({ versions, epochs, runOf, metric, championsOf }: Shown): Column<ModelVersion>[] {
  return [
    {
      id: 'version',
      header: 'Version',
      cell: ({ name, version }) => (
        <span className={css['badges']}>
          <Link to={paths.modelVersion(name, version)} className={css['number']}>
            v{version}
          </Link>
          <Crowns of={championsOf(name, version)} />
        </span>
      ),
    },
    {
      id: 'code',
      header: 'Code version',
      cell: (version) => codeVersion(version, runOf.get(version.runId)) ?? <Absent />,
    },
    {
      id: 'stage',
      header: 'Stage',
      cell: ({ currentStage }) => (currentStage === 'None' ? <Absent /> : <StageBadge stage={currentStage} />),
    },
    {
      id: 'aliases',
      header: 'Aliases',
      cell: ({ aliases }) =>
        aliases.length === 0 ? (
          <Absent />
        ) : (
          <span className={css['badges']}>
            {aliases.map((alias) => (
              <Badge key={alias}>@{alias}</Badge>
            ))}
          </span>
        ),
    },
    ...epochs.map((epoch) =>
      figures(versions, (version) => scoreOf(epoch, version), {
        id: `score ${epochName(epoch)}`,
        header: epochName(epoch),
        group: slotsSaid(epoch),
      }),
    ),
    ...(metric === undefined
      ? []
      : [
          figures(versions, ({ runId }) => runOf.get(runId)?.metrics.get(metric)?.value, {
            id: 'metric',
            header: metric,
            group: 'Source run',
          }),
        ]),
    {
      id: 'run',
      header: 'Run',
      group: 'Source run',
      cell: ({ runId }) =>
        runId === '' ? <Absent /> : <Link to={paths.run(runId)}>{runOf.get(runId)?.runName ?? runId.slice(0, 8)}</Link>,
    },
    {
      id: 'tags',
      header: 'Tags',
      cell: ({ tags }) =>
        tags.size === 0 ? <Absent /> : <Cut text={[...tags].map(([key, value]) => `${key}=${value}`).join(', ')} />,
    },
    {
      id: 'description',
      header: 'Description',
      cell: ({ description }) => (description === '' ? <Absent /> : <Cut text={description} />),
    },
    {
      id: 'created',
      header: 'Registered',
      cell: ({ creationTime }) => (creationTime === undefined ? <Absent /> : <Ago time={creationTime} />),
    },
  ];
}
