import type { ButtonHTMLAttributes } from 'react';
import css from './button.module.css';

interface ButtonProps extends ButtonHTMLAttributes<HTMLButtonElement> {
  /** `main` is the one action that a form is about; `quiet` has no frame until it is pointed at. */
  readonly look?: 'plain' | 'main' | 'quiet';
}

export function Button({ look = 'plain', type = 'button', className, ...rest }: ButtonProps) {
  return <button type={type} className={`${css['button']} ${css[look]} ${className ?? ''}`} {...rest} />;
}
