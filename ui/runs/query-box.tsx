import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { type KeyboardEvent, useEffect, useId, useRef, useState } from 'react';
import type { FilterProblem, RunColumns } from '../app/api.ts';
import { useSettled } from '../app/use-settled.ts';
import { Button } from '../kit/button.tsx';
import { type Completion, completionsAt } from './completion.ts';
import css from './query-box.module.css';
import { filterProblemQuery, valuesQuery } from './table-queries.ts';

interface QueryBoxProps {
  readonly experimentId: string;
  /** Names to complete; empty until they are known. */
  readonly known: RunColumns;
  /** The query that is being shown; typing changes nothing until Enter. */
  readonly value: string;
  readonly onSearch: (filter: string) => void;
}

const example = `metrics.F1 > 0.9 AND (params.model = 'rf' OR tags.team = 'vision')`;

/** A line of MLflow's filter language: it completes names, operators and values, and marks where it cannot be read. */
export function QueryBox({ experimentId, known, value, onSearch }: QueryBoxProps) {
  const id = useId();
  const input = useRef<HTMLInputElement>(null);
  const [text, setText] = useState(value);
  const [caret, setCaret] = useState(0);
  const [isOpen, setOpen] = useState(false);
  const [at, setAt] = useState(-1);
  // Back and Forward change the value from outside.
  const [shown, setShown] = useState(value);
  if (shown !== value) {
    setShown(value);
    setText(value);
  }
  const asked = completionsAt(text, caret, known);
  const values = useQuery({
    ...valuesQuery(experimentId, asked.valuesOf ?? ''),
    enabled: isOpen && asked.valuesOf !== undefined,
  });
  const offer = asked.valuesOf === undefined ? asked : completionsAt(text, caret, known, values.data ?? []);
  const items = isOpen ? offer.items : [];
  const settled = useSettled(text, 250);
  const checked = text === value ? text : settled;
  const problem = useQuery({
    ...filterProblemQuery(checked),
    enabled: checked.trim() !== '',
    placeholderData: keepPreviousData,
  });
  // While it is being typed, the end of a query is unfinished rather than wrong.
  const found = checked === text && text.trim() !== '' ? (problem.data ?? undefined) : undefined;
  const wrong = found !== undefined && (text === value || found.start < text.trimEnd().length) ? found : undefined;

  const note = () => {
    setCaret(input.current?.selectionStart ?? text.length);
    setAt(-1);
  };
  const pick = ({ text: chosen }: Completion) => {
    const next = text.slice(0, offer.start) + chosen + text.slice(offer.end).trimStart();
    const to = offer.start + chosen.length;
    setText(next);
    setCaret(to);
    setAt(-1);
    // The caret can move only when the new text stands in the field.
    requestAnimationFrame(() => input.current?.setSelectionRange(to, to));
  };
  const onKey = (event: KeyboardEvent) => {
    if (event.key === 'Escape') return setOpen(false);
    if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
      event.preventDefault();
      setOpen(true);
      const step = event.key === 'ArrowDown' ? 1 : -1;
      if (items.length > 0) setAt((at + step + items.length + (at < 0 && step < 0 ? 1 : 0)) % items.length);
      return;
    }
    const chosen = items[event.key === 'Tab' && at < 0 && text.trim() !== '' && offer.start < caret ? 0 : at];
    if ((event.key === 'Enter' || event.key === 'Tab') && chosen !== undefined) {
      event.preventDefault();
      pick(chosen);
    }
  };
  const send = (filter: string) => {
    setOpen(false);
    onSearch(filter.trim());
  };

  return (
    <search className={css['search']}>
      <form
        className={css['form']}
        onSubmit={(event) => {
          event.preventDefault();
          send(text);
        }}
      >
        <div className={css['field']}>
          <input
            ref={input}
            role="combobox"
            aria-label="Query runs"
            aria-expanded={items.length > 0}
            aria-controls={`${id}-list`}
            aria-autocomplete="list"
            aria-activedescendant={at >= 0 && items.length > 0 ? `${id}-${at}` : undefined}
            aria-invalid={wrong !== undefined}
            aria-describedby={wrong === undefined ? undefined : `${id}-problem`}
            placeholder={example}
            value={text}
            spellCheck={false}
            autoCapitalize="off"
            autoComplete="off"
            onChange={(event) => {
              setText(event.target.value);
              setCaret(event.target.selectionStart ?? event.target.value.length);
              setAt(-1);
              setOpen(true);
            }}
            onSelect={note}
            onClick={() => setOpen(true)}
            onBlur={() => setOpen(false)}
            onKeyDown={onKey}
          />
          {items.length > 0 && (
            <div role="listbox" id={`${id}-list`} aria-label="What may come next" className={css['list']}>
              {items.map((item, i) => (
                <Choice key={item.text} id={`${id}-${i}`} item={item} active={i === at} onPick={() => pick(item)} />
              ))}
            </div>
          )}
        </div>
        <Button type="submit" look={text.trim() === value ? 'plain' : 'main'}>
          Search
        </Button>
        {value !== '' && <Button onClick={() => send('')}>Clear</Button>}
      </form>
      {wrong !== undefined && <Problem id={`${id}-problem`} text={checked} problem={wrong} />}
    </search>
  );
}

interface ChoiceProps {
  readonly id: string;
  readonly item: Completion;
  readonly active: boolean;
  readonly onPick: () => void;
}

function Choice({ id, item, active, onPick }: ChoiceProps) {
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
      className={`${css['choice']} ${active ? css['active'] : ''}`}
      // Before the field loses the keyboard, which would shut the list.
      onPointerDown={(event) => {
        event.preventDefault();
        onPick();
      }}
    >
      <code>{item.text.trim()}</code>
      <span>{item.what}</span>
    </div>
  );
}

interface ProblemProps {
  readonly id: string;
  readonly text: string;
  readonly problem: FilterProblem;
}

function Problem({ id, text, problem: { message, start, end } }: ProblemProps) {
  return (
    <div id={id} role="alert" className={css['problem']}>
      <pre>
        {text.slice(0, start)}
        <mark>{text.slice(start, Math.max(end, start + 1)) || '␣'}</mark>
        {text.slice(Math.max(end, start + 1))}
      </pre>
      <p>{message}</p>
    </div>
  );
}
