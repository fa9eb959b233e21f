import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { Button } from '../kit/button.tsx';
import { Dialog } from '../kit/dialog.tsx';
import { Form, TextField } from '../kit/form.tsx';
import { CrossIcon, PlusIcon } from '../kit/icons.tsx';
import { Section } from '../kit/page.tsx';
import { Failure } from '../kit/states.tsx';
import css from './models.module.css';

interface LabelsProps {
  readonly title: string;
  /** One of them: "tag". */
  readonly what: string;
  readonly labels: readonly (readonly [key: string, value: string])[];
  /** Whether a label has a value besides its name. */
  readonly valued: boolean;
  readonly hint?: string;
  readonly onSet: (key: string, value: string) => Promise<void>;
  readonly onRemove: (key: string) => Promise<void>;
}

/** Tags or aliases, each of which can be set and taken away. */
export function Labels({ title, what, labels, valued, hint, onSet, onRemove }: LabelsProps) {
  const [isOpen, setOpen] = useState(false);
  const cache = useQueryClient();
  const refresh = () => cache.invalidateQueries({ queryKey: ['models'] });
  const set = useMutation({
    mutationFn: ({ key, value }: { key: string; value: string }) => onSet(key, value),
    onSuccess: async () => {
      setOpen(false);
      await refresh();
    },
  });
  const remove = useMutation({ mutationFn: onRemove, onSuccess: refresh });
  return (
    <Section
      title={title}
      note={
        <Button look="quiet" onClick={() => setOpen(true)}>
          <PlusIcon />
          Set {what}
        </Button>
      }
    >
      {labels.length === 0 ? (
        <p className={css['none']}>None.</p>
      ) : (
        <ul className={css['tags']} aria-label={title}>
          {labels.map(([key, value]) => (
            <li key={key}>
              {valued ? <b>{key}</b> : `@${key}`}
              {valued && <span>{value}</span>}
              <Button look="quiet" aria-label={`Remove the ${what} ${key}`} onClick={() => remove.mutate(key)}>
                <CrossIcon />
              </Button>
            </li>
          ))}
        </ul>
      )}
      {remove.error !== null && <Failure error={remove.error} />}
      {isOpen && (
        <Dialog title={`Set ${what}`} onClose={() => setOpen(false)}>
          <Form
            action="Set"
            busy={set.isPending}
            error={set.error}
            onCancel={() => setOpen(false)}
            onSubmit={(values) => set.mutate({ key: values.text('key'), value: values.text('value') })}
          >
            <TextField name="key" label="Name" required {...(hint !== undefined && { hint })} />
            {valued && <TextField name="value" label="Value" />}
          </Form>
        </Dialog>
      )}
    </Section>
  );
}
