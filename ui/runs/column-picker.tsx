import { useState } from 'react';
import type { RunColumns } from '../app/api.ts';
import { Button } from '../kit/button.tsx';
import { Tick } from '../kit/form.tsx';
import { Popup } from '../kit/popup.tsx';
import css from './column-picker.module.css';
import { fixedColumns, toggled } from './columns.ts';

interface ColumnPickerProps {
  readonly known: RunColumns;
  readonly shown: readonly string[];
  readonly isDefault: boolean;
  readonly onChange: (columns: readonly string[]) => void;
  readonly onReset: () => void;
}

const mostListed = 200;

/** Chooses the columns of the runs table, by group and by search. */
export function ColumnPicker(props: ColumnPickerProps) {
  return (
    <Popup label="Columns" title="Columns" align="end">
      {() => <Groups {...props} />}
    </Popup>
  );
}

function Groups({ known, shown, isDefault, onChange, onReset }: ColumnPickerProps) {
  const [text, setText] = useState('');
  const [first, ...others] = fixedColumns;
  const groups: { title: string; columns: readonly { id: string; name: string }[] }[] = [
    { title: 'Attributes', columns: others.filter(({ id }) => id !== 'datasets') },
    { title: 'Parameters', columns: known.params.map(({ key }) => ({ id: `params.${key}`, name: key })) },
    { title: 'Metrics', columns: known.metrics.map(({ key }) => ({ id: `metrics.${key}`, name: key })) },
    { title: 'Tags', columns: known.tags.map(({ key }) => ({ id: `tags.${key}`, name: key })) },
    {
      title: 'Data sets',
      columns: [
        ...others.filter(({ id }) => id === 'datasets'),
        ...known.datasets.map(({ key }) => ({ id: `datasets.${key}`, name: key })),
      ],
    },
  ];
  const wanted = text.trim().toLowerCase();
  const setAll = (ids: readonly string[], on: boolean) =>
    onChange(ids.filter((id) => shown.includes(id) !== on).reduce<string[]>(toggled, [...shown]));
  return (
    <div className={css['picker']}>
      <div className={css['head']}>
        <input
          type="search"
          aria-label="Find a column"
          placeholder="Find a column"
          value={text}
          onChange={(event) => setText(event.target.value)}
        />
        <Button look="quiet" disabled={isDefault} onClick={onReset}>
          Reset
        </Button>
      </div>
      {wanted === '' && <p className={css['always']}>{first.name} is always the first column.</p>}
      {groups.map(({ title, columns }) => {
        const found = columns.filter(({ name }) => name.toLowerCase().includes(wanted));
        if (found.length === 0) return null;
        const ids = found.slice(0, mostListed).map(({ id }) => id);
        const all = ids.every((id) => shown.includes(id));
        return (
          <fieldset key={title} className={css['group']}>
            <legend>{title}</legend>
            <button type="button" className={css['all']} onClick={() => setAll(ids, !all)}>
              {all ? 'None' : 'All'}
              <span className={css['unseen']}> of {title}</span>
            </button>
            {found.slice(0, mostListed).map(({ id, name }) => (
              <Tick key={id} label={name} checked={shown.includes(id)} onChange={() => onChange(toggled(shown, id))} />
            ))}
            {found.length > mostListed && <p>{found.length - mostListed} more: search for them by name.</p>}
          </fieldset>
        );
      })}
    </div>
  );
}
