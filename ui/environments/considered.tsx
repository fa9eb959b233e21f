import { useQuery } from '@tanstack/react-query';
import { Link } from 'react-router';
import type { DecisionStanding, DecisionSubject } from '../app/api.ts';
import { paths } from '../app/paths.ts';
import { number } from '../kit/format.ts';
import { CrownIcon } from '../kit/icons.tsx';
import { Empty, Failure, Loading } from '../kit/states.tsx';
import { Absent, type Column, Table } from '../kit/table.tsx';
import { Ago } from '../kit/time.tsx';
import { Margin } from './candidate.tsx';
import { Why } from './candidates-table.tsx';
import css from './considered.module.css';
import { standingQuery } from './decision-queries.ts';

type Row = DecisionStanding['considered'][number];

const columns: readonly Column<Row>[] = [
  {
    id: 'time',
    header: 'Decided',
    cell: ({ decision: { id, time } }) => (
      <Link to={paths.decision(id)}>
        <Ago time={time} />
      </Link>
    ),
  },
  {
    id: 'slot',
    header: 'Where',
    cell: ({ decision: { service, environment } }) => (
      <Link to={paths.service(service, environment)}>
        {service} on {environment.toUpperCase()}
      </Link>
    ),
  },
  { id: 'verdict', header: 'Verdict', cell: ({ candidate }) => <Why of={candidate} /> },
  { id: 'rank', header: 'Rank', align: 'end', cell: ({ candidate: { rank } }) => rank ?? <Absent /> },
  {
    id: 'score',
    header: 'Score',
    align: 'end',
    cell: ({ candidate: { score } }) =>
      score === null ? <Absent /> : <span title={String(score)}>{number(score)}</span>,
  },
  {
    id: 'margin',
    header: 'Against champion',
    align: 'end',
    cell: ({ candidate: { margin, interval } }) => <Margin margin={margin} interval={interval} />,
  },
];

/** The decisions that considered a run or a version: why it serves somewhere, or why not. */
export function Considered({ subject, what }: { readonly subject: DecisionSubject; readonly what: string }) {
  const query = useQuery(standingQuery(subject));
  if (query.isPending) return <Loading what="decisions" rows={3} />;
  if (query.isError) return <Failure error={query.error} onRetry={query.refetch} />;
  const { championOf, considered } = query.data;
  if (considered.length === 0)
    return (
      <Empty title={`No decision has considered ${what} yet`}>
        <p>A service considers the models of its experiment and the versions that its allowances name.</p>
      </Empty>
    );
  return (
    <>
      {championOf.length > 0 && (
        <p className={css['serves']}>
          <CrownIcon />
          Champion of{' '}
          {championOf.map(({ service, environment }, i) => (
            <span key={`${service} ${environment}`}>
              {i > 0 && ', '}
              <Link to={paths.service(service, environment)}>
                {service} on {environment.toUpperCase()}
              </Link>
            </span>
          ))}
        </p>
      )}
      <Table
        label="Decisions that considered it"
        columns={columns}
        rows={considered}
        rowKey={({ decision, candidate }) => `${decision.id} ${candidate.id}`}
      />
    </>
  );
}
