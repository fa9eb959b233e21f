import { useState } from 'react';
import type { RunColumns } from '../app/api.ts';
import { MenuItem, Popup } from '../kit/popup.tsx';
import css from './column-picker.module.css';

interface GroupPickerProps {
  readonly known: RunColumns;
  /** `params.lr`, or '' for no groups. */
  readonly by: string;
  readonly onChange: (by: string) => void;
}

const mostListed = 100;

/** Chooses the param or tag whose values make the groups. */
export function GroupPicker({ known, by, onChange }: GroupPickerProps) {
  return (
    <Popup label={by === '' ? 'Group by' : `By ${by.slice(by.indexOf('.') + 1)}`} title="Group by" align="end">
      {(close) => (
        <Choices
          known={known}
          by={by}
          onChange={(next) => {
            onChange(next);
            close();
          }}
        />
      )}
    </Popup>
  );
}

function Choices({ known, by, onChange }: GroupPickerProps) {
  const [text, setText] = useState('');
  const wanted = text.trim().toLowerCase();
  const groups = [
    { title: 'Parameters', ids: known.params.map(({ key }) => `params.${key}`) },
    { title: 'Tags', ids: known.tags.map(({ key }) => `tags.${key}`) },
  ];
  const nameOf = (id: string) => id.slice(id.indexOf('.') + 1);
  return (
    <div className={css['picker']}>
      <div className={css['head']}>
        <input
          type="search"
          aria-label="Find a parameter or tag"
          placeholder="Find a parameter or tag"
          value={text}
          onChange={(event) => setText(event.target.value)}
        />
      </div>
      {by !== '' && <MenuItem onPick={() => onChange('')}>No groups</MenuItem>}
      {groups.map(({ title, ids }) => {
        const found = ids.filter((id) => nameOf(id).toLowerCase().includes(wanted)).slice(0, mostListed);
        return found.length === 0 ? null : (
          <fieldset key={title} className={css['group']}>
            <legend>{title}</legend>
            {found.map((id) => (
              <MenuItem key={id} onPick={() => onChange(id)}>
                {nameOf(id)}
              </MenuItem>
            ))}
          </fieldset>
        );
      })}
    </div>
  );
}
