import { ChoiceField } from '../kit/form.tsx';
import type { Dimension } from './dimension.ts';
import { nameOfDimension } from './dimension.ts';
import css from './plot.module.css';

interface DimensionChoiceProps {
  readonly label: string;
  readonly ids: readonly string[];
  /** '' where none is chosen yet. */
  readonly value: string;
  readonly onChoose: (id: string) => void;
}

/** One of the parameters and metrics in which runs differ. */
export function DimensionChoice({ label, ids, value, onChoose }: DimensionChoiceProps) {
  const group = (prefix: string, title: string) => {
    const own = ids.filter((id) => id.startsWith(prefix));
    return (
      own.length > 0 && (
        <optgroup label={title}>
          {own.map((id) => (
            <option key={id} value={id}>
              {nameOfDimension(id)}
            </option>
          ))}
        </optgroup>
      )
    );
  };
  return (
    <div className={css['choice']}>
      <ChoiceField label={label} value={value} onChange={(event) => onChoose(event.target.value)}>
        {value === '' && <option value="">Choose…</option>}
        {group('params.', 'Parameters')}
        {group('metrics.', 'Metrics')}
      </ChoiceField>
    </div>
  );
}

/** Which colour means what. */
export function ColourKey({ of }: { readonly of: Dimension }) {
  return (
    <span className={css['colours']}>
      {of.at(0)}
      <span className={css['ramp']} aria-hidden="true" />
      {of.at(1)}
    </span>
  );
}
