import type { ReactNode } from 'react';
import css from './badge.module.css';

interface BadgeProps {
  readonly tone?: 'plain' | 'good' | 'bad' | 'wait' | 'champion';
  /** Says more on hover. */
  readonly title?: string;
  readonly children: ReactNode;
}

/** A word that marks something. */
export function Badge({ tone = 'plain', title, children }: BadgeProps) {
  return (
    <span className={`${css['badge']} ${css[tone]}`} title={title}>
      {children}
    </span>
  );
}
