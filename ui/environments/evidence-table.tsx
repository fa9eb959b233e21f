import { Copyable } from '../kit/copy.tsx';
import { digitsToTell, number } from '../kit/format.ts';
import { Absent, type Column } from '../kit/table.tsx';
import css from './candidate.module.css';
import { ShortId } from './candidate.tsx';
import { FirstRows } from './first-rows.tsx';
import type { SelectionRecord } from './words.ts';

type Input = SelectionRecord['input'];
type Candidate = Input['candidates'][number];
type Scored = Extract<NonNullable<Candidate['evaluation']>, { readonly status: 'succeeded' }>;

const scoredOf = ({ evaluation }: Candidate): Scored | undefined =>
  evaluation?.status === 'succeeded' ? evaluation : undefined;

/** What was known of every candidate when it was decided: its metrics, speed, size, and the digest of its files. */
export function EvidenceTable({ input: { candidates, comparisons } }: { readonly input: Input }) {
  const rowsOf = new Map(comparisons.map(({ challenger, rows }) => [challenger, rows]));
  const metrics = [...new Set(candidates.flatMap((candidate) => Object.keys(scoredOf(candidate)?.metrics ?? {})))];
  const columns: Column<Candidate>[] = [
    {
      id: 'name',
      header: 'Candidate',
      cell: ({ registeredModel, version, modelId, id }) =>
        registeredModel !== null && version !== null ? (
          `${registeredModel} v${version}`
        ) : (
          <ShortId id={modelId ?? id} />
        ),
    },
    {
      id: 'evaluation',
      header: 'Evaluation',
      cell: ({ evaluation }) => (
        <>
          {(evaluation?.status ?? 'none').replaceAll('_', ' ')}
          {evaluation?.status === 'succeeded' && evaluation.external && <span className={css['code']}>external</span>}
        </>
      ),
    },
    ...metrics.map((metric) => metricColumn(metric, candidates)),
    measured('latency', 'Latency, ms', ({ latencyMs }) => latencyMs),
    measured('size', 'Size, MiB', ({ sizeMiB }) => sizeMiB),
    ...(comparisons.some(({ rows }) => rows !== null)
      ? [
          {
            id: 'rows',
            header: 'Rows compared',
            align: 'end' as const,
            cell: ({ id }: Candidate) => rowsOf.get(id) ?? <Absent />,
          },
        ]
      : []),
    {
      id: 'digest',
      header: 'Digest of its files',
      cell: ({ digest }) => (digest === null ? <Absent /> : <Copyable text={digest} what="digest" short={12} />),
    },
  ];
  return (
    <FirstRows
      label="Evidence"
      what={['candidate', 'candidates']}
      columns={columns}
      rows={candidates}
      rowKey={({ id }) => id}
    />
  );
}

function metricColumn(metric: string, candidates: readonly Candidate[]): Column<Candidate> {
  const metricOf = (candidate: Candidate) => scoredOf(candidate)?.metrics[metric];
  const digits = digitsToTell(
    candidates.flatMap((candidate) => {
      const value = metricOf(candidate);
      return typeof value === 'number' ? [value] : [];
    }),
  );
  return {
    id: `metric ${metric}`,
    header: metric,
    align: 'end',
    cell: (candidate) => {
      const value = metricOf(candidate);
      if (value === undefined) return <Absent />;
      return <span title={String(value)}>{typeof value === 'number' ? number(value, digits) : value}</span>;
    },
  };
}

const measured = (id: string, header: string, of: (scored: Scored) => number | null): Column<Candidate> => ({
  id,
  header,
  align: 'end',
  cell: (candidate) => {
    const scored = scoredOf(candidate);
    const value = scored === undefined ? null : of(scored);
    return value === null ? <Absent /> : number(value, 4);
  },
});
