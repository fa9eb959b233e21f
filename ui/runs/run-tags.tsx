import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { client, type Run } from '../app/api.ts';
import { Button } from '../kit/button.tsx';
import { Dialog } from '../kit/dialog.tsx';
import { Form, LongTextField, TextField } from '../kit/form.tsx';
import { EditIcon, PlusIcon } from '../kit/icons.tsx';
import { Section } from '../kit/page.tsx';
import { longestTag, runQuery } from './queries.ts';
import { ownTags } from './run-columns.tsx';
import css from './run-tags.module.css';

type Edited = readonly [key: string, value: string];

/** A run's tags, each of which can be changed or taken away. */
export function RunTags({ run }: { readonly run: Run }) {
  const [edited, setEdited] = useState<Edited>();
  const tags = ownTags(run).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return (
    <Section
      title="Tags"
      note={
        <Button look="quiet" onClick={() => setEdited(['', ''])}>
          <PlusIcon />
          Add a tag
        </Button>
      }
    >
      {tags.length === 0 ? (
        <p className={css['none']}>This run has no tags.</p>
      ) : (
        <ul className={css['tags']} aria-label="Tags">
          {tags.map(([key, value]) => (
            <li key={key}>
              <b>{key}</b>
              <span>{value}</span>
              <Button look="quiet" aria-label={`Edit ${key}`} onClick={() => setEdited([key, value])}>
                <EditIcon />
              </Button>
            </li>
          ))}
        </ul>
      )}
      {edited !== undefined && (
        <EditTag
          runId={run.runId}
          tag={edited}
          // A save that ends late does not close what was opened meanwhile.
          onClose={() => setEdited((now) => (now === edited ? undefined : now))}
        />
      )}
    </Section>
  );
}

interface EditTagProps {
  readonly runId: string;
  /** The tag as it is; a new one has no key. */
  readonly tag: Edited;
  readonly onClose: () => void;
}

function EditTag({ runId, tag: [key, value], onClose }: EditTagProps) {
  const cache = useQueryClient();
  const onSuccess = async () => {
    await cache.invalidateQueries(runQuery(runId));
    onClose();
  };
  const set = useMutation({
    mutationFn: (tag: { key: string; value: string }) => client.setTag(runId, tag.key, tag.value),
    onSuccess,
  });
  const remove = useMutation({ mutationFn: () => client.deleteTag(runId, key), onSuccess });
  const isNew = key === '';
  return (
    <Dialog title={isNew ? 'Add a tag' : `Tag ${key}`} onClose={onClose}>
      <Form
        action="Save"
        busy={set.isPending || remove.isPending}
        error={set.error ?? remove.error}
        onCancel={onClose}
        onSubmit={(values) => set.mutate({ key: isNew ? values.text('key') : key, value: values.text('value') })}
      >
        {isNew && <TextField label="Name" name="key" required autoFocus />}
        <LongTextField label="Value" name="value" defaultValue={value} most={longestTag} />
      </Form>
      {!isNew && (
        <Button look="quiet" onClick={() => remove.mutate()}>
          Delete this tag
        </Button>
      )}
    </Dialog>
  );
}
