import { type ReactNode, useEffect, useId, useRef, useState } from 'react';
import { Button } from './button.tsx';
import { ChevronIcon } from './icons.tsx';
import css from './popup.module.css';

interface PopupProps {
  /** What the button says. */
  readonly label: ReactNode;
  /** Names the panel. */
  readonly title: string;
  /** Which edge of the button the panel hangs from. */
  readonly align?: 'start' | 'end';
  readonly quiet?: boolean;
  /** Drawn while it is open; `close` shuts it. */
  readonly children: (close: () => void) => ReactNode;
}

/** A button with a panel below it, shut by Escape, a click elsewhere, or when the keyboard leaves it. */
export function Popup({ label, title, align = 'start', quiet = false, children }: PopupProps) {
  const id = useId();
  const [open, setOpen] = useState(false);
  const whole = useRef<HTMLDivElement>(null);
  const close = () => {
    setOpen(false);
    whole.current?.querySelector('button')?.focus();
  };
  useEffect(() => {
    if (!open) return;
    const isInside = (target: EventTarget | null) => target instanceof Node && whole.current?.contains(target) === true;
    const onLeave = (event: Event) => {
      if (!isInside(event.target)) setOpen(false);
    };
    const onKey = (event: KeyboardEvent) => {
      if (event.key !== 'Escape') return;
      setOpen(false);
      whole.current?.querySelector('button')?.focus();
    };
    document.addEventListener('pointerdown', onLeave);
    document.addEventListener('focusin', onLeave);
    document.addEventListener('keydown', onKey);
    return () => {
      document.removeEventListener('pointerdown', onLeave);
      document.removeEventListener('focusin', onLeave);
      document.removeEventListener('keydown', onKey);
    };
  }, [open]);
  return (
    <div ref={whole} className={css['popup']}>
      <Button
        look={quiet ? 'quiet' : 'plain'}
        aria-expanded={open}
        aria-controls={open ? id : undefined}
        onClick={() => setOpen(!open)}
      >
        {label}
        <ChevronIcon />
      </Button>
      {open && (
        <section id={id} aria-label={title} className={`${css['panel']} ${css[align]}`}>
          {children(close)}
        </section>
      )}
    </div>
  );
}

interface MenuItemProps {
  readonly onPick: () => void;
  readonly danger?: boolean;
  readonly disabled?: boolean;
  readonly children: ReactNode;
}

/** One action of a popup that is a list of actions. */
export function MenuItem({ onPick, danger = false, disabled = false, children }: MenuItemProps) {
  return (
    <button
      type="button"
      className={`${css['item']} ${danger ? css['danger'] : ''}`}
      disabled={disabled}
      onClick={onPick}
    >
      {children}
    </button>
  );
}
