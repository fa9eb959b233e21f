import { useQuery } from '@tanstack/react-query';
import { Badge } from '../kit/badge.tsx';
import { count } from '../kit/format.ts';
import { chainQuery } from './decision-queries.ts';
import css from './service-page.module.css';

/** Whether every record of a service's decisions is there and unchanged. */
export function Chain({ service }: { readonly service: string }) {
  const query = useQuery(chainQuery(service));
  if (query.isPending) return <>being verified…</>;
  if (query.isError) return <>{query.error.message}</>;
  const { intact, slots } = query.data;
  const records = slots.reduce((sum, slot) => sum + slot.records, 0);
  if (intact)
    return (
      <>
        {count(records)} <Badge tone="good">chain intact</Badge>
      </>
    );
  return (
    <>
      {count(records)} <Badge tone="bad">chain broken</Badge>
      <ul className={css['faults']}>
        {slots.flatMap(({ environment, faults }) =>
          faults.map(({ sequence, id, fault }) => (
            <li key={`${environment} ${sequence} ${fault}`}>
              {environment.toUpperCase()}, record {sequence}
              {id !== null && ` (${id})`}: {fault}
            </li>
          )),
        )}
      </ul>
    </>
  );
}
