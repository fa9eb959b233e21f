import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { Link } from 'react-router';
import type { Experiment } from '../app/api.ts';
import { paths } from '../app/paths.ts';
import { Badge } from '../kit/badge.tsx';
import { Copyable } from '../kit/copy.tsx';
import { Fact, Page } from '../kit/page.tsx';
import { Failure, Loading } from '../kit/states.tsx';
import { Ago } from '../kit/time.tsx';
import { EditExperiment, noteTag } from './edit-experiment.tsx';
import { experimentQuery } from './queries.ts';

interface ExperimentPageProps {
  readonly id: string;
  /** Draws the experiment's runs. */
  readonly runs: (experiment: Experiment) => ReactNode;
}

/** One experiment: what it is, then its runs. */
export function ExperimentPage({ id, runs }: ExperimentPageProps) {
  const query = useQuery(experimentQuery(id));
  const within = <Link to={paths.experiments()}>Experiments</Link>;
  if (!query.isSuccess)
    return (
      <Page title={`Experiment ${id}`} within={within}>
        {query.isPending ? <Loading what="the experiment" /> : <Failure error={query.error} onRetry={query.refetch} />}
      </Page>
    );
  const experiment = query.data;
  const note = experiment.tags.get(noteTag);
  return (
    <Page
      title={experiment.name}
      heading={
        <>
          {experiment.name} {experiment.lifecycleStage === 'deleted' && <Badge tone="bad">deleted</Badge>}
        </>
      }
      within={within}
      about={note === '' ? undefined : note}
      actions={<EditExperiment experiment={experiment} />}
      facts={
        <>
          <Fact name="Experiment id">
            <Copyable text={experiment.experimentId} what="experiment id" />
          </Fact>
          {experiment.creationTime !== undefined && (
            <Fact name="Created">
              <Ago time={experiment.creationTime} />
            </Fact>
          )}
          <Fact name="Artifacts">
            <Copyable text={experiment.artifactLocation} what="artifact location" />
          </Fact>
        </>
      }
    >
      {runs(experiment)}
    </Page>
  );
}
