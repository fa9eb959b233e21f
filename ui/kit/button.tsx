import type { ButtonHTMLAttributes } from 'react';
import css from './button.module.css';

interface ButtonProps extends ButtonHTMLAttributes<HTMLButtonElement> {
  /** `main` is the one action that a form is about, `danger` one that takes away; `quiet` has no frame. */
  readonly look?: 'plain' | 'main' | 'danger' | 'quiet';
}

export function Button({ look = 'plain', type = 'button', className, ...rest }: ButtonProps) {
  const classes = [css['button'], css[look], className].filter((name) => name !== undefined);
  return <button type={type} className={classes.join(' ')} {...rest} />;
}
