import { useQuery } from '@tanstack/react-query';
import { Link } from 'react-router';
import { ServicesOverview } from '../../environments/services-overview.tsx';
import { LatestExperiments } from '../../experiments/latest-experiments.tsx';
import { experimentsQuery } from '../../experiments/queries.ts';
import { Page, Section } from '../../kit/page.tsx';
import { Failure, Loading } from '../../kit/states.tsx';
import { LatestRuns } from '../../runs/latest-runs.tsx';
import { FirstLines } from '../first-lines.tsx';
import { paths } from '../paths.ts';

const mostExperiments = 8;

/** What serves where, and what was done last. */
export function Component() {
  const query = useQuery(experimentsQuery(false));
  const experiments = query.data?.experiments ?? [];
  const isEmpty = experiments.every(({ runs }) => runs === 0);
  return (
    <Page title="Overview">
      <ServicesOverview />
      {query.isPending ? (
        <Loading what="experiments" />
      ) : query.isError ? (
        <Failure error={query.error} onRetry={query.refetch} />
      ) : (
        <>
          {isEmpty ? <FirstLines /> : <LatestRuns experiments={experiments} />}
          <Section title="Experiments" note={<Link to={paths.experiments()}>All experiments</Link>}>
            <LatestExperiments experiments={experiments} most={mostExperiments} />
          </Section>
        </>
      )}
    </Page>
  );
}
