import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { Button } from './button.tsx';
import { Dialog } from './dialog.tsx';
import { Form, LongTextField, TextField } from './form.tsx';
import { EditIcon } from './icons.tsx';

interface EditTextProps {
  /** What the button and its window say: "Describe". */
  readonly action: string;
  readonly label: string;
  readonly value: string;
  readonly long?: boolean;
  /** What is asked anew afterwards: "models". */
  readonly renews: string;
  readonly onSave: (text: string) => Promise<unknown>;
}

/** A button that changes one text of something. */
export function EditText({ action, label, value, long = false, renews, onSave }: EditTextProps) {
  const [isOpen, setOpen] = useState(false);
  const cache = useQueryClient();
  const save = useMutation({
    mutationFn: onSave,
    onSuccess: async () => {
      setOpen(false);
      await cache.invalidateQueries({ queryKey: [renews] });
    },
  });
  return (
    <>
      <Button onClick={() => setOpen(true)}>
        <EditIcon />
        {action}
      </Button>
      {isOpen && (
        <Dialog title={action} onClose={() => setOpen(false)}>
          <Form
            action="Save"
            busy={save.isPending}
            error={save.error}
            onCancel={() => setOpen(false)}
            onSubmit={(values) => save.mutate(values.text('text'))}
          >
            {long ? (
              <LongTextField name="text" label={label} defaultValue={value} />
            ) : (
              <TextField name="text" label={label} defaultValue={value} required />
            )}
          </Form>
        </Dialog>
      )}
    </>
  );
}
