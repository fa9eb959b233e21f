import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { client, type ModelVersion, type Stage } from '../app/api.ts';
import { Button } from '../kit/button.tsx';
import { Dialog } from '../kit/dialog.tsx';
import { ChoiceField, Form, Tick } from '../kit/form.tsx';

const stages: readonly Stage[] = ['None', 'Staging', 'Production', 'Archived'];

/** Moves a version to another stage, with the server's refusal in place. */
export function ChangeStage({ version: { name, version, currentStage } }: { readonly version: ModelVersion }) {
  const [isOpen, setOpen] = useState(false);
  const cache = useQueryClient();
  const move = useMutation({
    mutationFn: ({ stage, archive }: { stage: Stage; archive: boolean }) =>
      client.transitionModelVersionStage(name, version, stage, { archiveExistingVersions: archive }),
    onSuccess: async () => {
      setOpen(false);
      await cache.invalidateQueries({ queryKey: ['models'] });
    },
  });
  return (
    <>
      <Button look="main" onClick={() => setOpen(true)}>
        Change stage
      </Button>
      {isOpen && (
        <Dialog title={`Stage of ${name} version ${version}`} onClose={() => setOpen(false)}>
          <Form
            action="Change stage"
            busy={move.isPending}
            error={move.error}
            onCancel={() => setOpen(false)}
            onSubmit={(values) => {
              const stage = stages.find((known) => known === values.text('stage')) ?? 'None';
              // Only these two stages are left by the versions that are in them.
              const archive = (stage === 'Staging' || stage === 'Production') && values.checked('archive');
              move.mutate({ stage, archive });
            }}
          >
            <ChoiceField name="stage" label="Stage" defaultValue={currentStage}>
              {stages.map((stage) => (
                <option key={stage}>{stage}</option>
              ))}
            </ChoiceField>
            <Tick name="archive" label="Archive the versions that are in that stage now" defaultChecked />
          </Form>
        </Dialog>
      )}
    </>
  );
}
