import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { Link } from 'react-router';
import type { Slot } from '../app/api.ts';
import { paths } from '../app/paths.ts';
import { Badge } from '../kit/badge.tsx';
import { number } from '../kit/format.ts';
import { CrownIcon } from '../kit/icons.tsx';
import { Section } from '../kit/page.tsx';
import { Failure } from '../kit/states.tsx';
import { Ago } from '../kit/time.tsx';
import { byService } from './champions.ts';
import { Health } from './health.tsx';
import { deploymentsQuery, statusQuery } from './queries.ts';
import css from './services-overview.module.css';

/** What serves where: a row for each service, a card for each environment. Nothing while no service is configured. */
export function ServicesOverview() {
  const status = useQuery({ ...statusQuery(), select: byService });
  const deployments = useQuery(deploymentsQuery());
  if (status.isError)
    return (
      <Section title="Services">
        <Failure error={status.error} onRetry={status.refetch} />
      </Section>
    );
  if (!status.isSuccess || status.data.services.length === 0) return null;
  const { environments, services } = status.data;
  const servedAt = (slot: Slot) =>
    deployments.data?.find(({ service, environment }) => service === slot.service && environment === slot.environment);
  return (
    <Section title="Services" note="The champion of each environment, and whether it answers.">
      <ul className={css['services']}>
        {services.map(({ service, slots }) => (
          <li key={service} className={css['service']}>
            <h3 className={css['name']}>
              <Link to={paths.service(service)}>{service}</Link>
            </h3>
            <ul
              className={css['slots']}
              aria-label={`Environments of ${service}`}
              style={{ '--environments': environments.length } as Record<string, number>}
            >
              {environments.map((environment) => {
                const slot = slots.get(environment);
                return slot === undefined ? (
                  <li key={environment} className={css['nowhere']}>
                    <Head environment={environment} />
                  </li>
                ) : (
                  <SlotCard
                    key={environment}
                    slot={slot}
                    health={deployments.isSuccess && <Health served={servedAt(slot)} champion={slot.champion} />}
                  />
                );
              })}
            </ul>
          </li>
        ))}
      </ul>
    </Section>
  );
}

const Head = ({ environment, children }: { readonly environment: string; readonly children?: ReactNode }) => (
  <p className={css['head']}>
    <span className={css['environment']}>{environment}</span>
    {children}
  </p>
);

function SlotCard({ slot, health }: { readonly slot: Slot; readonly health: ReactNode }) {
  const { champion, environment, metric } = slot;
  return (
    <li className={css['slot']}>
      <Head environment={environment}>
        <Bars slot={slot} />
      </Head>
      {champion === null ? (
        <p className={css['none']}>No champion yet</p>
      ) : (
        <>
          <p className={css['champion']}>
            <CrownIcon />
            <Link to={paths.modelVersion(champion.registeredModel, String(champion.version))}>
              {champion.registeredModel} v{champion.version}
            </Link>
            {champion.codeVersion !== null && <span className={css['soft']}>code {champion.codeVersion}</span>}
          </p>
          <p className={css['facts']}>
            {champion.score !== null && (
              <span title={String(champion.score)}>
                <span className={css['soft']}>{metric.name}</span> <b>{number(champion.score, 4)}</b>
              </span>
            )}
            <span className={css['soft']}>
              since <Ago time={champion.since} />
            </span>
          </p>
        </>
      )}
      {health}
    </li>
  );
}

/** What keeps a slot as it is, or waits for somebody. */
function Bars({ slot: { pin, pause, holds, quarantines, openApproval } }: { readonly slot: Slot }) {
  return (
    <span className={css['bars']}>
      {openApproval !== null && <Badge tone="wait">approval waits</Badge>}
      {pin !== null && <Badge>pinned</Badge>}
      {pause !== null && (
        <Badge tone="wait" title={`${pause.by}: ${pause.reason}`}>
          paused
        </Badge>
      )}
      {holds.length > 0 && <Badge>{holds.length} on hold</Badge>}
      {quarantines.length > 0 && <Badge tone="bad">{quarantines.length} quarantined</Badge>}
    </span>
  );
}
