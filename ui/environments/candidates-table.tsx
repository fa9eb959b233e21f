import { Link } from 'react-router';
import type { Candidate } from '../app/api.ts';
import { paths } from '../app/paths.ts';
import { Badge } from '../kit/badge.tsx';
import { digitsToTell, number } from '../kit/format.ts';
import { CheckIcon, CrossIcon } from '../kit/icons.tsx';
import { Absent, type Column } from '../kit/table.tsx';
import css from './candidate.module.css';
import { CandidateName, Margin } from './candidate.tsx';
import { FirstRows } from './first-rows.tsx';
import { guardName, reasonSaid, verdictSaid } from './words.ts';

interface CandidatesTableProps {
  readonly candidates: readonly Candidate[];
  readonly metric: string;
  readonly stale?: boolean;
}

/** Every candidate in the order of the verdicts: the ranked first, then those that are not eligible. */
export function CandidatesTable({ candidates, metric, stale = false }: CandidatesTableProps) {
  const digits = digitsToTell(candidates.flatMap(({ score }) => score ?? []));
  const columns: Column<Candidate>[] = [
    { id: 'name', header: 'Candidate', cell: (candidate) => <CandidateName of={candidate} /> },
    { id: 'rank', header: 'Rank', align: 'end', cell: ({ rank }) => rank ?? <Absent /> },
    {
      id: 'score',
      header: metric,
      align: 'end',
      cell: ({ score }) => (score === null ? <Absent /> : <span title={String(score)}>{number(score, digits)}</span>),
    },
    {
      id: 'margin',
      header: 'Against champion',
      align: 'end',
      cell: ({ margin, interval, verdict }) =>
        verdict === 'champion' ? <Absent /> : <Margin margin={margin} interval={interval} />,
    },
    {
      id: 'verdict',
      header: 'Verdict',
      cell: (candidate) => <Why of={candidate} brief={candidate.guards.length > 0} />,
    },
    ...(candidates.some(({ guards }) => guards.length > 0)
      ? [{ id: 'guards', header: 'Guards', cell: (candidate: Candidate) => <Guards of={candidate} /> }]
      : []),
    {
      id: 'run',
      header: 'Run',
      cell: ({ runId }) => (runId === null ? <Absent /> : <Link to={paths.run(runId)}>{runId.slice(0, 8)}</Link>),
    },
  ];
  return (
    <FirstRows
      label="Candidates"
      what={['candidate', 'candidates']}
      columns={columns}
      rows={candidates}
      rowKey={({ id }) => id}
      stale={stale}
    />
  );
}

interface WhyProps {
  readonly of: Candidate;
  /** The values of its guards stand elsewhere. */
  readonly brief?: boolean;
}

/** Where a candidate stands, with the reason and its values. */
export function Why({ of, brief = false }: WhyProps) {
  const { words, tone } = verdictSaid(of);
  const reason = reasonSaid(of);
  const detail = brief ? null : of.detail;
  return (
    <div className={css['why']}>
      <Badge tone={tone}>{words}</Badge>
      {(reason !== '' || detail !== null) && (
        <p>
          {reason}
          {reason !== '' && detail !== null && ': '}
          <span className={css['soft']}>{detail}</span>
        </p>
      )}
    </div>
  );
}

function Guards({ of: { guards } }: { readonly of: Candidate }) {
  if (guards.length === 0) return <Absent />;
  return (
    <ul className={css['guards']}>
      {guards.map(({ guard, passed, detail }) => (
        <li key={guard} className={`${css['guard']} ${passed ? css['passed'] : css['failed']}`}>
          {passed ? <CheckIcon /> : <CrossIcon />}
          <span>
            <span className={css['unseen']}>{passed ? 'passed: ' : 'failed: '}</span>
            {guardName(guard)}
            <span className={css['code']}>{detail}</span>
          </span>
        </li>
      ))}
    </ul>
  );
}
