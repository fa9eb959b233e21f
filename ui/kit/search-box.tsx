import { useId, useState } from 'react';
import { Button } from './button.tsx';
import css from './search-box.module.css';
import { Failure } from './states.tsx';

interface SearchBoxProps {
  readonly label: string;
  readonly placeholder: string;
  /** What is being shown; typing changes nothing until Enter. */
  readonly value: string;
  readonly onSearch: (text: string) => void;
  /** The server's refusal of `value`. */
  readonly error?: Error | null;
  /** The text is a query language, not words. */
  readonly code?: boolean;
}

/** One line of query, sent by Enter, with the refusal beneath it. */
export function SearchBox({ label, placeholder, value, onSearch, error, code = false }: SearchBoxProps) {
  const id = useId();
  const [text, setText] = useState(value);
  // Back and Forward change the value from outside.
  const [shown, setShown] = useState(value);
  if (shown !== value) {
    setShown(value);
    setText(value);
  }
  const refused = error !== undefined && error !== null;
  return (
    <search className={css['search']}>
      <form
        className={css['form']}
        onSubmit={(event) => {
          event.preventDefault();
          onSearch(text.trim());
        }}
      >
        <input
          type="search"
          className={code ? css['code'] : undefined}
          aria-label={label}
          aria-invalid={refused}
          aria-describedby={refused ? id : undefined}
          placeholder={placeholder}
          value={text}
          onChange={(event) => setText(event.target.value)}
          spellCheck={false}
          autoCapitalize="off"
          autoComplete="off"
        />
        <Button type="submit" look={text.trim() === value ? 'plain' : 'main'}>
          Search
        </Button>
        {value !== '' && <Button onClick={() => onSearch('')}>Clear</Button>}
      </form>
      {refused && <Failure id={id} error={error} />}
    </search>
  );
}
