import { type ReactNode, useEffect, useId, useRef } from 'react';
import { Button } from './button.tsx';
import css from './dialog.module.css';
import { CrossIcon } from './icons.tsx';

interface DialogProps {
  readonly title: string;
  readonly onClose: () => void;
  readonly children: ReactNode;
}

/** A window above the page: it keeps the keyboard inside and closes by Escape, its cross, or a click beside it. */
export function Dialog({ title, onClose, children }: DialogProps) {
  const id = useId();
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    const { current } = dialog;
    if (current?.open === false) current.showModal();
    // A click on the dialog itself, not on what is inside, is one beside it.
    const onPress = (event: MouseEvent) => event.target === current && current?.close();
    current?.addEventListener('click', onPress);
    return () => current?.removeEventListener('click', onPress);
  }, []);
  return (
    <dialog ref={dialog} className={css['dialog']} aria-labelledby={id} onClose={onClose}>
      <div className={css['inside']}>
        <div className={css['head']}>
          <h2 id={id}>{title}</h2>
          <Button look="quiet" aria-label="Close" onClick={onClose}>
            <CrossIcon />
          </Button>
        </div>
        {children}
      </div>
    </dialog>
  );
}
