import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { type KeyboardEvent, useEffect, useId, useRef, useState } from 'react';
import { useNavigate } from 'react-router';
import { Dialog } from '../kit/dialog.tsx';
import { Failure } from '../kit/states.tsx';
import css from './search.module.css';
import { type Hit, hitsQuery, rooms } from './search-hits.ts';
import { useSettled } from './use-settled.ts';

const settledMs = 150;

/** One field for everything; arrows choose, Enter opens. */
export default function SearchDialog({ onClose }: { readonly onClose: () => void }) {
  const id = useId();
  const navigate = useNavigate();
  const [text, setText] = useState('');
  const [at, setAt] = useState(0);
  const field = useRef<HTMLInputElement>(null);
  useEffect(() => field.current?.focus(), []);
  const wanted = useSettled(text.trim(), settledMs);
  const query = useQuery({ ...hitsQuery(wanted), placeholderData: keepPreviousData });
  const isCurrent = wanted === text.trim() && !query.isPlaceholderData;
  const hits = text.trim() === '' ? rooms : (query.data ?? []);
  const chosen = Math.min(at, hits.length - 1);

  const open = (hit: Hit) => {
    onClose();
    void navigate(hit.to);
  };
  const onKey = (event: KeyboardEvent) => {
    const step = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0;
    if (step !== 0 && hits.length > 0) setAt((chosen + step + hits.length) % hits.length);
    const hit = hits[chosen];
    // What stands there may still answer the text of a moment ago.
    if (event.key === 'Enter' && hit !== undefined && (isCurrent || text.trim() === '')) open(hit);
    if (step !== 0 || event.key === 'Enter') event.preventDefault();
  };

  return (
    <Dialog title="Search" onClose={onClose}>
      <input
        ref={field}
        className={css['field']}
        role="combobox"
        aria-label="Search runs, experiments, models, services and decisions"
        aria-expanded={hits.length > 0}
        aria-controls={id}
        aria-autocomplete="list"
        aria-activedescendant={hits.length > 0 ? `${id}-${chosen}` : undefined}
        placeholder="A name, the start of an id, “AImodel 3”…"
        value={text}
        spellCheck={false}
        autoCapitalize="off"
        autoComplete="off"
        onChange={(event) => {
          setText(event.target.value);
          setAt(0);
        }}
        onKeyDown={onKey}
      />
      <div className={css['list']}>
        {query.isError && <Failure error={query.error} onRetry={query.refetch} />}
        {query.isSuccess && isCurrent && wanted !== '' && hits.length === 0 && (
          <p className={css['none']} role="status">
            Nothing has “{wanted}” in its name, and no id begins with it.
          </p>
        )}
        {hits.length > 0 && (
          <div role="listbox" id={id} aria-label="Found">
            {hits.map((hit, i) => (
              <Line key={hit.to} id={`${id}-${i}`} hit={hit} active={i === chosen} onOpen={() => open(hit)} />
            ))}
          </div>
        )}
      </div>
    </Dialog>
  );
}

interface LineProps {
  readonly id: string;
  readonly hit: Hit;
  readonly active: boolean;
  readonly onOpen: () => void;
}

function Line({ id, hit: { kind, title, detail }, active, onOpen }: LineProps) {
  const line = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (active) line.current?.scrollIntoView({ block: 'nearest' });
  }, [active]);
  return (
    <div
      ref={line}
      role="option"
      id={id}
      tabIndex={-1}
      aria-selected={active}
      className={css['hit']}
      onPointerUp={onOpen}
    >
      <span className={css['title']}>{title}</span>
      <span className={css['kind']}>{kind}</span>
      {detail !== '' && <span className={css['detail']}>{detail}</span>}
    </div>
  );
}
