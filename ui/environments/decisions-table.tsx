import { Link } from 'react-router';
import type { DecisionSummary } from '../app/api.ts';
import { paths } from '../app/paths.ts';
import { Badge } from '../kit/badge.tsx';
import { count } from '../kit/format.ts';
import { Absent, type Column, Table } from '../kit/table.tsx';
import { Ago } from '../kit/time.tsx';
import css from './candidate.module.css';
import { Margin, VersionName } from './candidate.tsx';
import { outcomeSaid } from './words.ts';

/** The columns of a decision that any table of them shows first. */
export const decidedColumn: Column<DecisionSummary> = {
  id: 'time',
  header: 'Decided',
  cell: ({ id, time }) => (
    <Link to={paths.decision(id)}>
      <Ago time={time} />
    </Link>
  ),
};

const columns: readonly Column<DecisionSummary>[] = [
  decidedColumn,
  { id: 'kind', header: 'Kind', cell: ({ kind }) => kind },
  { id: 'outcome', header: 'Outcome', cell: (decision) => <Outcome of={decision} /> },
  {
    id: 'champion',
    header: 'Champion after',
    cell: ({ after }) => (after === null ? <Absent says="none" /> : <VersionName of={after} />),
  },
  { id: 'margin', header: 'Margin', align: 'end', cell: ({ margin }) => <Margin margin={margin} /> },
  {
    id: 'why',
    header: 'Why',
    cell: ({ detail }) => (
      <div className={css['why']}>
        <p>{detail}</p>
      </div>
    ),
  },
  { id: 'by', header: 'By', cell: ({ actor, trigger }) => <By actor={actor} trigger={trigger.kind} /> },
];

/** Decisions about one slot, newest first. */
export const DecisionsTable = ({ decisions }: { readonly decisions: readonly DecisionSummary[] }) => (
  <Table label="Decisions" columns={columns} rows={decisions} rowKey={({ id }) => id} />
);

/** What came of it; the same again and again stands once. */
export function Outcome({ of: { outcome, repeats } }: { readonly of: DecisionSummary }) {
  const { words, tone } = outcomeSaid(outcome);
  return (
    <>
      <Badge tone={tone}>{words}</Badge>
      {repeats > 0 && <span className={css['code']}>and {count(repeats)} times more</span>}
    </>
  );
}

/** Who decided, and what set it off. */
const By = ({ actor, trigger }: { readonly actor: string; readonly trigger: string }) => (
  <>
    {actor}
    <span className={css['code']}>{trigger.replaceAll('_', ' ')}</span>
  </>
);
