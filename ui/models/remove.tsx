import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useNavigate } from 'react-router';
import { Button } from '../kit/button.tsx';
import { Dialog } from '../kit/dialog.tsx';
import { Form } from '../kit/form.tsx';

interface RemoveProps {
  /** What goes: "version 3 of AImodel". */
  readonly what: string;
  /** What goes with it. */
  readonly warning: string;
  readonly onRemove: () => Promise<void>;
  /** The page to go to afterwards. */
  readonly next: string;
}

/** Deletes a model or a version for good, after a question. */
export function Remove({ what, warning, onRemove, next }: RemoveProps) {
  const [isOpen, setOpen] = useState(false);
  const navigate = useNavigate();
  const cache = useQueryClient();
  const remove = useMutation({
    mutationFn: onRemove,
    onSuccess: async () => {
      await navigate(next);
      await cache.invalidateQueries({ queryKey: ['models'] });
    },
  });
  return (
    <>
      <Button onClick={() => setOpen(true)}>Delete</Button>
      {isOpen && (
        <Dialog title={`Delete ${what}?`} onClose={() => setOpen(false)}>
          <Form
            action="Delete"
            danger
            busy={remove.isPending}
            error={remove.error}
            onCancel={() => setOpen(false)}
            onSubmit={() => remove.mutate()}
          >
            <p>{warning}</p>
          </Form>
        </Dialog>
      )}
    </>
  );
}
