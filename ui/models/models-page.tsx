import { keepPreviousData, useInfiniteQuery, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { Link, useNavigate } from 'react-router';
import { client, type Epoch, type ModelVersion, type RegisteredModel } from '../app/api.ts';
import { paths } from '../app/paths.ts';
import { useUrlState } from '../app/url-state.ts';
import { Badge } from '../kit/badge.tsx';
import { Button } from '../kit/button.tsx';
import { type Championship, Crowns } from '../kit/champion.tsx';
import { Code } from '../kit/copy.tsx';
import { Dialog } from '../kit/dialog.tsx';
import { Form, LongTextField, TextField } from '../kit/form.tsx';
import { number } from '../kit/format.ts';
import { PlusIcon } from '../kit/icons.tsx';
import { Page, Section } from '../kit/page.tsx';
import { SearchBox } from '../kit/search-box.tsx';
import { Empty, Failure, Loading } from '../kit/states.tsx';
import { Absent, type Column, Cut, More, Table } from '../kit/table.tsx';
import { Ago } from '../kit/time.tsx';
import { epochName, scoreOf, slotsSaid } from './epochs.ts';
import css from './models.module.css';
import { modelsQuery, scoresQuery } from './queries.ts';
import { StageBadge } from './stage-badge.tsx';

interface ModelsPageProps {
  /** Where versions of a model are champions. */
  readonly championsOf: (name: string) => readonly Championship[];
}

/** All registered models, and which version of each stands where. */
export function ModelsPage({ championsOf }: ModelsPageProps) {
  const [params, change] = useUrlState();
  const [isNew, setNew] = useState(false);
  const text = params.get('q') ?? '';
  const search = useInfiniteQuery({ ...modelsQuery(text), placeholderData: keepPreviousData });
  const models = search.data?.pages.flatMap((page) => page.items) ?? [];
  const epochs = useQuery(scoresQuery(models.flatMap((model) => newest(model) ?? []))).data ?? [];
  return (
    <Page
      title="Models"
      actions={
        <Button onClick={() => setNew(true)}>
          <PlusIcon />
          New model
        </Button>
      }
    >
      <Section title="Registered models">
        {(models.length > 0 || text !== '') && (
          <SearchBox
            label="Find models by name"
            placeholder="Find by name"
            value={text}
            onSearch={(q) => change({ q })}
          />
        )}
        {search.isPending ? (
          <Loading what="models" />
        ) : search.isError ? (
          <Failure error={search.error} onRetry={search.refetch} />
        ) : models.length > 0 ? (
          <Table
            label="Registered models"
            columns={columns(championsOf, epochs)}
            rows={models}
            rowKey={({ name }) => name}
            stale={search.isPlaceholderData}
          />
        ) : text === '' ? (
          <Empty title="No model is registered yet">
            <Code
              label="Python that registers a model"
              lines={[
                'import mlflow',
                `mlflow.set_tracking_uri("${window.location.origin}")`,
                'mlflow.register_model("runs:/<run id>/model", "my-model")',
              ]}
            />
          </Empty>
        ) : (
          <Empty title={`No model has “${text}” in its name`}>
            <Button onClick={() => change({ q: '' })}>Show all models</Button>
          </Empty>
        )}
        {search.isSuccess && (
          <More
            shown={models.length}
            what={['model', 'models']}
            more={search.hasNextPage}
            busy={search.isFetchingNextPage}
            onMore={search.fetchNextPage}
          />
        )}
      </Section>
      {isNew && <NewModel onClose={() => setNew(false)} />}
    </Page>
  );
}

const newest = ({ latestVersions }: RegisteredModel): ModelVersion | undefined =>
  latestVersions.reduce<ModelVersion | undefined>(
    (best, version) => (best === undefined || Number(version.version) > Number(best.version) ? version : best),
    undefined,
  );

const columns = (championsOf: ModelsPageProps['championsOf'], epochs: readonly Epoch[]): Column<RegisteredModel>[] => [
  {
    id: 'name',
    header: 'Name',
    cell: ({ name }) => (
      <Link to={paths.model(name)} className={css['name']}>
        {name}
      </Link>
    ),
  },
  {
    id: 'serving',
    header: 'Champion in',
    cell: ({ name }) => {
      const champions = championsOf(name);
      if (champions.length === 0) return <Absent />;
      return (
        <span className={css['badges']}>
          <Crowns of={champions} versioned />
        </span>
      );
    },
  },
  {
    id: 'newest',
    header: 'Newest',
    cell: (model) => {
      const version = newest(model);
      if (version === undefined) return <Absent says="no versions" />;
      const code = version.tags.get('code_version');
      return (
        <>
          <Link to={paths.modelVersion(model.name, version.version)}>v{version.version}</Link>
          {code !== undefined && <span className={css['soft']}> code {code}</span>}
        </>
      );
    },
  },
  ...(epochs.length === 0
    ? []
    : [
        {
          id: 'scores',
          header: 'Newest scores',
          cell: (model: RegisteredModel) => <Scores of={newest(model)} in={epochs} />,
        },
      ]),
  {
    id: 'stages',
    header: 'Stages',
    cell: ({ name, latestVersions }) => {
      const staged = latestVersions.filter(({ currentStage }) => currentStage !== 'None');
      if (staged.length === 0) return <Absent />;
      return (
        <span className={css['badges']}>
          {staged.map(({ version, currentStage }) => (
            <Link key={currentStage} to={paths.modelVersion(name, version)}>
              <StageBadge stage={currentStage} of={`v${version}`} />
            </Link>
          ))}
        </span>
      );
    },
  },
  {
    id: 'aliases',
    header: 'Aliases',
    cell: ({ name, aliases }) =>
      aliases.size === 0 ? (
        <Absent />
      ) : (
        <span className={css['badges']}>
          {[...aliases].map(([alias, version]) => (
            <Link key={alias} to={paths.modelVersion(name, version)}>
              <Badge>
                @{alias} v{version}
              </Badge>
            </Link>
          ))}
        </span>
      ),
  },
  {
    id: 'description',
    header: 'Description',
    cell: ({ description }) => (description === '' ? <Absent /> : <Cut text={description} />),
  },
  {
    id: 'changed',
    header: 'Last changed',
    cell: ({ lastUpdatedTime }) => (lastUpdatedTime === undefined ? <Absent /> : <Ago time={lastUpdatedTime} />),
  },
];

/** What a version scores in every epoch that knows it. */
function Scores({ of: version, in: epochs }: { readonly of: ModelVersion | undefined; readonly in: readonly Epoch[] }) {
  const scored = epochs.flatMap((epoch) => {
    const score = version && scoreOf(epoch, version);
    return score === undefined ? [] : [{ epoch, score }];
  });
  if (scored.length === 0) return <Absent says="not evaluated" />;
  return (
    <ul className={css['scores']}>
      {scored.map(({ epoch, score }) => (
        <li key={epochName(epoch)} title={`${score}: ${epochName(epoch)}, ${slotsSaid(epoch)}`}>
          {number(score)}{' '}
          <span className={css['soft']}>
            {epochName(epoch)} ({slotsSaid(epoch)})
          </span>
        </li>
      ))}
    </ul>
  );
}

function NewModel({ onClose }: { readonly onClose: () => void }) {
  const navigate = useNavigate();
  const cache = useQueryClient();
  const make = useMutation({
    mutationFn: ({ name, description }: { name: string; description: string }) =>
      client.createRegisteredModel(name, { description }),
    onSuccess: async ({ name }) => {
      await cache.invalidateQueries({ queryKey: ['models'] });
      await navigate(paths.model(name));
    },
  });
  return (
    <Dialog title="New model" onClose={onClose}>
      <Form
        action="Create"
        busy={make.isPending}
        error={make.error}
        onCancel={onClose}
        onSubmit={(values) => make.mutate({ name: values.text('name'), description: values.text('description') })}
      >
        <TextField name="name" label="Name" required hint="Versions are registered under it, from version 1." />
        <LongTextField name="description" label="Description" rows={3} />
      </Form>
    </Dialog>
  );
}
