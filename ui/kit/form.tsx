import { type ComponentProps, type FormEvent, type ReactNode, useId } from 'react';
import { Button } from './button.tsx';
import css from './form.module.css';
import { count } from './format.ts';
import { Failure } from './states.tsx';

interface FormProps {
  /** What the button that sends it says: "Rename". */
  readonly action: string;
  readonly busy: boolean;
  /** The server's refusal, shown in place. */
  readonly error?: Error | null | undefined;
  /** It takes something away. */
  readonly danger?: boolean;
  readonly onCancel?: (() => void) | undefined;
  readonly onSubmit: (values: FormValues) => void;
  readonly children?: ReactNode;
}

/** What was typed, by the names of the fields; `text` is trimmed, and '' where a field is absent. */
export interface FormValues {
  text(name: string): string;
  checked(name: string): boolean;
}

/** The one form: fields, the server's refusal, the action and a way out. */
export function Form({ action, busy, error, danger = false, onCancel, onSubmit, children }: FormProps) {
  return (
    <form
      className={css['form']}
      onSubmit={(event) => {
        event.preventDefault();
        if (busy) return;
        const data = new FormData(event.currentTarget);
        onSubmit({ text: (name) => String(data.get(name) ?? '').trim(), checked: (name) => data.get(name) !== null });
      }}
    >
      {children}
      {error !== undefined && error !== null && <Failure error={error} />}
      <div className={css['actions']}>
        <Button type="submit" look={danger ? 'danger' : 'main'} aria-disabled={busy}>
          {busy ? 'Working…' : action}
        </Button>
        {onCancel !== undefined && <Button onClick={onCancel}>Cancel</Button>}
      </div>
    </form>
  );
}

interface LabelProps {
  readonly label: string;
  readonly hint?: ReactNode;
}

interface LabelledProps extends LabelProps {
  readonly children: (wiring: { id: string; 'aria-describedby': string | undefined }) => ReactNode;
}

function Labelled({ label, hint, children }: LabelledProps) {
  const id = useId();
  return (
    <div className={css['field']}>
      <label htmlFor={id}>{label}</label>
      {children({ id, 'aria-describedby': hint === undefined ? undefined : `${id}-hint` })}
      {hint !== undefined && (
        <p id={`${id}-hint`} className={css['hint']}>
          {hint}
        </p>
      )}
    </div>
  );
}

export function TextField({ label, hint, ...input }: LabelProps & ComponentProps<'input'>) {
  return (
    <Labelled label={label} hint={hint}>
      {(wiring) => <input type="text" autoComplete="off" spellCheck={false} {...input} {...wiring} />}
    </Labelled>
  );
}

interface LongTextProps extends LabelProps, ComponentProps<'textarea'> {
  /** So many characters are kept; a longer text is not sent, for its end would be lost without a word. */
  readonly most?: number;
}

export function LongTextField({ label, hint, most, ...area }: LongTextProps) {
  const check = ({ currentTarget }: FormEvent<HTMLTextAreaElement>) => {
    const length = [...currentTarget.value].length;
    const tooLong = most !== undefined && length > most;
    currentTarget.setCustomValidity(
      tooLong ? `This is ${count(length)} characters long: at most ${count(most)} are kept.` : '',
    );
  };
  return (
    <Labelled label={label} hint={hint}>
      {(wiring) => <textarea rows={4} {...area} {...wiring} onInput={check} />}
    </Labelled>
  );
}

export function ChoiceField({ label, hint, ...select }: LabelProps & ComponentProps<'select'>) {
  return (
    <Labelled label={label} hint={hint}>
      {(wiring) => <select {...select} {...wiring} />}
    </Labelled>
  );
}

/** A box to tick with its words beside it. */
export function Tick({ label, ...input }: { readonly label: ReactNode } & ComponentProps<'input'>) {
  return (
    <label className={css['tick']}>
      <input type="checkbox" {...input} />
      <span>{label}</span>
    </label>
  );
}
