import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { Link } from 'react-router';
import { client, type Run } from '../app/api.ts';
import { paths } from '../app/paths.ts';
import { Button } from '../kit/button.tsx';
import { Dialog } from '../kit/dialog.tsx';
import { Form, LongTextField, TextField } from '../kit/form.tsx';
import { EditIcon } from '../kit/icons.tsx';
import { longestTag, runQuery } from './queries.ts';
import css from './run-page.module.css';

const descriptionTag = 'mlflow.note.content';

/** What can be done with a run from its head: compare it, give it another name and description. */
export function EditRun({ run }: { readonly run: Run }) {
  const [isOpen, setOpen] = useState(false);
  return (
    <>
      <Link className={css['action']} to={paths.compare([run.runId])}>
        Compare
      </Link>
      <Button onClick={() => setOpen(true)}>
        <EditIcon />
        Edit
      </Button>
      {isOpen && <EditDialog run={run} onClose={() => setOpen(false)} />}
    </>
  );
}

function EditDialog({ run, onClose }: { readonly run: Run; readonly onClose: () => void }) {
  const cache = useQueryClient();
  const description = run.tags.get(descriptionTag) ?? '';
  const save = useMutation({
    mutationFn: async (next: { name: string; description: string }) => {
      if (next.name !== run.runName) await client.updateRun(run.runId, { runName: next.name });
      if (next.description !== description) await client.setTag(run.runId, descriptionTag, next.description);
    },
    onSuccess: async () => {
      await cache.invalidateQueries(runQuery(run.runId));
      onClose();
    },
  });
  return (
    <Dialog title="Edit the run" onClose={onClose}>
      <Form
        action="Save"
        busy={save.isPending}
        error={save.error}
        onCancel={onClose}
        onSubmit={(values) => save.mutate({ name: values.text('name'), description: values.text('description') })}
      >
        <TextField label="Name" name="name" defaultValue={run.runName} required />
        <LongTextField label="Description" name="description" defaultValue={description} most={longestTag} />
      </Form>
    </Dialog>
  );
}
