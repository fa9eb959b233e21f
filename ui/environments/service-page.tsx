import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { Link } from 'react-router';
import type { ServedSlot, Slot } from '../app/api.ts';
import { paths } from '../app/paths.ts';
import { Badge } from '../kit/badge.tsx';
import { count } from '../kit/format.ts';
import { Fact, Page, Section } from '../kit/page.tsx';
import { Empty, Failure, Loading } from '../kit/states.tsx';
import { More } from '../kit/table.tsx';
import { Tabs, useTab } from '../kit/tabs.tsx';
import { CandidatesTable } from './candidates-table.tsx';
import { Chain } from './chain.tsx';
import { decisionsQuery, previewQuery, serviceQuery } from './decision-queries.ts';
import { DecisionsTable } from './decisions-table.tsx';
import { Health } from './health.tsx';
import { deploymentsQuery } from './queries.ts';
import css from './service-page.module.css';
import { SlotCard } from './slot-card.tsx';
import { goalSaid, outcomeSaid } from './words.ts';

/** A service: what each environment serves, what could replace it, and all that was decided. */
export function ServicePage({ name }: { readonly name: string }) {
  const query = useQuery(serviceQuery(name));
  const deployments = useQuery(deploymentsQuery());
  if (!query.isSuccess)
    return (
      <Page title={name}>
        {query.isPending ? (
          <Loading what="the service" rows={8} />
        ) : (
          <Failure error={query.error} onRetry={query.refetch} />
        )}
      </Page>
    );
  const { slots } = query.data;
  return (
    <Page
      title={name}
      within={<Link to={paths.home()}>Overview</Link>}
      facts={<ServiceFacts name={name} slots={slots} />}
    >
      <ul className={css['slots']} aria-label="Environments">
        {slots.map((slot) => (
          <SlotCard
            key={slot.environment}
            slot={slot}
            health={deployments.isSuccess && <Served slot={slot} among={deployments.data} />}
          />
        ))}
      </ul>
      <Environments slots={slots} />
    </Page>
  );
}

/** Whether the champion answers, and what keeps it from it. */
function Served({ slot, among }: { readonly slot: Slot; readonly among: readonly ServedSlot[] }) {
  const served = among.find(({ service, environment }) => service === slot.service && environment === slot.environment);
  return (
    <div>
      <Health served={served} champion={slot.champion} />
      {served?.problem != null && <p className={css['problem']}>{served.problem}</p>}
    </div>
  );
}

function ServiceFacts({ name, slots }: { readonly name: string; readonly slots: readonly Slot[] }) {
  const metrics = new Map(slots.map(({ metric }) => [metric.name, metric]));
  return (
    <>
      <Fact name="Metric">
        {[...metrics.values()].map((metric) => `${metric.name}, ${goalSaid(metric.goal)}`).join('; ')}
      </Fact>
      <Fact name="Decisions">
        <Chain service={name} />
      </Fact>
    </>
  );
}

/** Candidates and decisions of one environment, which the URL names. */
function Environments({ slots }: { readonly slots: readonly Slot[] }) {
  const tabs = slots.map(({ environment }, i) => ({
    id: i === 0 ? '' : environment,
    title: environment.toUpperCase(),
  }));
  const tab = useTab(tabs);
  const slot = slots.find(({ environment }) => environment === tab) ?? slots[0];
  if (slot === undefined) return null;
  return (
    <div className={css['parts']}>
      <Tabs label="Environments" tabs={tabs} />
      <Candidates slot={slot} />
      <Decisions key={slot.environment} slot={slot} />
    </div>
  );
}

function Candidates({ slot: { service, environment } }: { readonly slot: Slot }) {
  const query = useQuery(previewQuery(service, environment));
  if (!query.isSuccess)
    return (
      <Section title="Candidates">
        {query.isPending ? (
          <Loading what="candidates" rows={5} />
        ) : (
          <Failure error={query.error} onRetry={query.refetch} />
        )}
      </Section>
    );
  const { candidates, metric, outcome, detail } = query.data;
  const eligible = candidates.filter(({ rank }) => rank !== null).length;
  const { words, tone } = outcomeSaid(outcome);
  return (
    <Section
      title="Candidates"
      note={`${count(eligible)} eligible · ${count(candidates.length - eligible)} not eligible`}
    >
      <p className={css['now']}>
        A selection now: <Badge tone={tone}>{words}</Badge> <span>{detail}</span>
      </p>
      {candidates.length === 0 ? (
        <Empty title="There is no candidate">
          <p>
            Register a version of a model that the allowance names, or log a model in the service's experiment with the
            tag <code>cellar.model</code>.
          </p>
        </Empty>
      ) : (
        <CandidatesTable candidates={candidates} metric={metric.name} stale={query.isPlaceholderData} />
      )}
    </Section>
  );
}

function Decisions({ slot: { service, environment } }: { readonly slot: Slot }) {
  const query = useInfiniteQuery(decisionsQuery(service, environment));
  const decisions = query.data?.pages.flatMap((page) => page.decisions) ?? [];
  return (
    <Section title="Decisions">
      {query.isPending ? (
        <Loading what="decisions" rows={5} />
      ) : query.isError ? (
        <Failure error={query.error} onRetry={query.refetch} />
      ) : decisions.length === 0 ? (
        <Empty title={`Nothing has been decided on ${environment.toUpperCase()} yet`} />
      ) : (
        <DecisionsTable decisions={decisions} />
      )}
      <More
        shown={decisions.length}
        what={['decision', 'decisions']}
        more={query.hasNextPage}
        busy={query.isFetchingNextPage}
        onMore={query.fetchNextPage}
      />
    </Section>
  );
}
