import { Link } from 'react-router';
import type { Candidate, DecisionSummary } from '../app/api.ts';
import { paths } from '../app/paths.ts';
import { number } from '../kit/format.ts';
import { Absent } from '../kit/table.tsx';
import css from './candidate.module.css';

type Named = Pick<NonNullable<DecisionSummary['after']>, 'registeredModel' | 'version' | 'codeVersion'>;

/** A model version with the version of its code, as a link. */
export function VersionName({ of: { registeredModel, version, codeVersion } }: { readonly of: Named }) {
  return (
    <span className={css['name']}>
      <Link to={paths.modelVersion(registeredModel, String(version))}>
        {registeredModel} v{version}
      </Link>
      {codeVersion !== null && <span className={css['code']}>code {codeVersion}</span>}
    </span>
  );
}

/** Enough of a logged model's id to tell it from any other. */
export const ShortId = ({ id }: { readonly id: string }) => <span title={id}>{id.slice(0, 14)}</span>;

/** A candidate: a version, or a logged model that would be registered if it won. */
export function CandidateName({ of }: { readonly of: Candidate }) {
  const { registeredModel, version, codeVersion, modelId, runId } = of;
  if (registeredModel !== null && version !== null)
    return <VersionName of={{ registeredModel, version, codeVersion }} />;
  const shown = <ShortId id={modelId ?? of.id} />;
  return (
    <span className={css['name']}>
      {runId === null ? shown : <Link to={paths.run(runId)}>{shown}</Link>}
      <span className={css['code']}>
        {registeredModel ?? 'no registered model'}
        {codeVersion !== null && `, code ${codeVersion}`}
      </span>
    </span>
  );
}

interface MarginProps {
  readonly margin: number | null;
  readonly interval?: { readonly low: number; readonly high: number } | null;
}

const signed = (value: number) => `${value > 0 ? '+' : value < 0 ? '−' : ''}${number(Math.abs(value), 4)}`;

/** How much better than the champion, with the 95 % interval where rows were compared. */
export function Margin({ margin, interval = null }: MarginProps) {
  if (margin === null) return <Absent />;
  return (
    <span title={String(margin)}>
      {signed(margin)}
      {interval !== null && (
        <span className={css['interval']}>
          {signed(interval.low)} to {signed(interval.high)}
        </span>
      )}
    </span>
  );
}
