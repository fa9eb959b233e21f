import { useNavigate } from 'react-router';
import { client, type Experiment } from '../app/api.ts';
import { paths } from '../app/paths.ts';
import { Confirm } from '../kit/confirm.tsx';
import { EditText } from '../kit/edit-text.tsx';

export const noteTag = 'mlflow.note.content';

/** What can be done with an experiment from its head. */
export function EditExperiment({
  experiment: { experimentId, name, tags, lifecycleStage },
}: {
  readonly experiment: Experiment;
}) {
  const navigate = useNavigate();
  if (lifecycleStage === 'deleted')
    return (
      <Confirm
        action="Restore"
        what={name}
        says="It returns with the runs that were deleted with it."
        renews="experiments"
        onConfirm={() => client.restoreExperiment(experimentId)}
      />
    );
  return (
    <>
      <EditText
        action="Describe"
        label="Description"
        value={tags.get(noteTag) ?? ''}
        long
        renews="experiments"
        onSave={(text) => client.setExperimentTag(experimentId, noteTag, text)}
      />
      <EditText
        action="Rename"
        label="Name"
        value={name}
        renews="experiments"
        onSave={(text) => client.renameExperiment(experimentId, text)}
      />
      <Confirm
        action="Delete"
        what={name}
        danger
        says="Its runs go with it. Both can be restored from the deleted experiments."
        renews="experiments"
        onConfirm={() => client.deleteExperiment(experimentId)}
        onDone={() => navigate(paths.experiments())}
      />
    </>
  );
}
