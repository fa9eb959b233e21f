import css from './pairs.module.css';

interface PairsProps {
  readonly label: string;
  readonly pairs: readonly (readonly [string, string])[];
  /** What to say when there is none. */
  readonly empty: string;
}

/** Names with their values in full, by name. */
export function Pairs({ label, pairs, empty }: PairsProps) {
  if (pairs.length === 0) return <p className={css['empty']}>{empty}</p>;
  return (
    <dl className={css['pairs']} aria-label={label}>
      {pairs
        .toSorted(([a], [b]) => (a < b ? -1 : 1))
        .map(([name, value]) => (
          <div key={name} className={css['pair']}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
    </dl>
  );
}
