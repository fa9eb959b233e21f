import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useId } from 'react';
import { useNavigate } from 'react-router';
import { client, register } from '../app/api.ts';
import { paths } from '../app/paths.ts';
import { Dialog } from '../kit/dialog.tsx';
import { ChoiceField, Form, LongTextField, TextField } from '../kit/form.tsx';

interface RegisterDialogProps {
  readonly models: readonly { readonly uri: string; readonly name: string }[];
  readonly onClose: () => void;
}

/** Registers one of these models as the next version under a name, then opens that version. */
export function RegisterDialog({ models, onClose }: RegisterDialogProps) {
  const id = useId();
  const navigate = useNavigate();
  const cache = useQueryClient();
  const known = useQuery({
    queryKey: ['models', 'names'],
    queryFn: async ({ signal }) =>
      (await client.searchRegisteredModels({ pageSize: 1000, signal }).page()).items.map(({ name }) => name),
  });
  const change = useMutation({
    mutationFn: ({ uri, name, about }: { uri: string; name: string; about: string }) => register(uri, name, about),
    onSuccess: async ({ name, version }) => {
      await cache.invalidateQueries({ queryKey: ['models'] });
      await navigate(paths.modelVersion(name, version));
    },
  });
  const [only] = models;
  return (
    <Dialog title="Register model" onClose={onClose}>
      <Form
        action="Register"
        busy={change.isPending}
        error={change.error}
        onCancel={onClose}
        onSubmit={(values) =>
          change.mutate({
            uri: values.text('model') || (only?.uri ?? ''),
            name: values.text('name'),
            about: values.text('about'),
          })
        }
      >
        {models.length > 1 && (
          <ChoiceField name="model" label="Model">
            {models.map(({ uri, name }) => (
              <option key={uri} value={uri}>
                {name}
              </option>
            ))}
          </ChoiceField>
        )}
        <TextField
          name="name"
          label="Registered model"
          required
          list={id}
          hint="It becomes the next version under this name; a new name starts with version 1."
        />
        <datalist id={id}>
          {known.data?.map((name) => (
            <option key={name} value={name} />
          ))}
        </datalist>
        <LongTextField name="about" label="Description" rows={3} />
      </Form>
    </Dialog>
  );
}
