import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { Button } from './button.tsx';
import { Dialog } from './dialog.tsx';
import { Form } from './form.tsx';

interface ConfirmProps {
  /** What the button says: "Delete". */
  readonly action: string;
  /** What it is done to: "version 3 of AImodel". */
  readonly what: string;
  /** What else happens. */
  readonly says: string;
  readonly danger?: boolean;
  /** What is asked anew afterwards: "models". */
  readonly renews: string;
  readonly onConfirm: () => Promise<void>;
  /** After it is done, before anything is asked anew. */
  readonly onDone?: () => void | Promise<void>;
}

/** A button for what needs a question first. */
export function Confirm({ action, what, says, danger = false, renews, onConfirm, onDone }: ConfirmProps) {
  const [isOpen, setOpen] = useState(false);
  const cache = useQueryClient();
  const change = useMutation({
    mutationFn: onConfirm,
    onSuccess: async () => {
      setOpen(false);
      await onDone?.();
      await cache.invalidateQueries({ queryKey: [renews] });
    },
  });
  return (
    <>
      <Button onClick={() => setOpen(true)}>{action}</Button>
      {isOpen && (
        <Dialog title={`${action} ${what}?`} onClose={() => setOpen(false)}>
          <Form
            action={action}
            danger={danger}
            busy={change.isPending}
            error={change.error}
            onCancel={() => setOpen(false)}
            onSubmit={() => change.mutate()}
          >
            <p>{says}</p>
          </Form>
        </Dialog>
      )}
    </>
  );
}
