import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from 'react-router';
import { client } from '../app/api.ts';
import { paths } from '../app/paths.ts';
import { Dialog } from '../kit/dialog.tsx';
import { Form, TextField } from '../kit/form.tsx';

/** Creates an experiment, then opens it. */
export function NewExperiment({ onClose }: { readonly onClose: () => void }) {
  const navigate = useNavigate();
  const cache = useQueryClient();
  const make = useMutation({
    mutationFn: (name: string) => client.createExperiment(name),
    onSuccess: async (id) => {
      await navigate(paths.experiment(id));
      await cache.invalidateQueries({ queryKey: ['experiments'] });
    },
  });
  return (
    <Dialog title="New experiment" onClose={onClose}>
      <Form
        action="Create"
        busy={make.isPending}
        error={make.error}
        onCancel={onClose}
        onSubmit={(values) => make.mutate(values.text('name'))}
      >
        <TextField name="name" label="Name" required hint="A slash makes a folder: /team/wine stands in /team." />
      </Form>
    </Dialog>
  );
}
