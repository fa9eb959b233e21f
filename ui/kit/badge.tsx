import type { ReactNode } from 'react';
import css from './badge.module.css';

interface BadgeProps {
  readonly tone?: 'plain' | 'good' | 'bad' | 'wait' | 'champion';
  readonly children: ReactNode;
}

/** A word that marks something. */
export function Badge({ tone = 'plain', children }: BadgeProps) {
  return <span className={`${css['badge']} ${css[tone]}`}>{children}</span>;
}
