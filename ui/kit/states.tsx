import type { ReactNode } from 'react';
import { Button } from './button.tsx';
import css from './states.module.css';

/** Grey bars where content will stand, announced once. They show only after a moment, so a fast answer does not flicker. */
export function Loading({ what, rows = 5 }: { readonly what: string; readonly rows?: number }) {
  return (
    <div className={css['loading']} role="status">
      <span className={css['unseen']}>Loading {what}…</span>
      {Array.from({ length: rows }, (_, row) => `bar-${row}`).map((key) => (
        <div key={key} className={css['bar']} />
      ))}
    </div>
  );
}

interface EmptyProps {
  readonly title: string;
  readonly children?: ReactNode;
}

/** Nothing here, and what to do next. */
export function Empty({ title, children }: EmptyProps) {
  return (
    <div className={css['empty']}>
      <p className={css['emptyTitle']}>{title}</p>
      {children}
    </div>
  );
}

interface FailureProps {
  readonly error: Error & { readonly code?: string };
  readonly id?: string;
  readonly onRetry?: () => void;
}

/** Asking again for these brings the same answer. */
const final = new Set(['RESOURCE_DOES_NOT_EXIST', 'INVALID_PARAMETER_VALUE']);

/** What went wrong, in the server's own words. */
export function Failure({ error, id, onRetry }: FailureProps) {
  return (
    <div className={css['failure']} role="alert" id={id}>
      <p>
        {error.message}
        {error.code !== undefined && <code className={css['code']}>{error.code}</code>}
      </p>
      {onRetry !== undefined && !final.has(error.code ?? '') && <Button onClick={onRetry}>Try again</Button>}
    </div>
  );
}
