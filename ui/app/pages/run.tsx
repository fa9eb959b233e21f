import { useParams } from 'react-router';
import { Considered } from '../../environments/considered.tsx';
import { ExperimentLink } from '../../experiments/experiment-name.tsx';
import { RegisterDialog } from '../../models/register-dialog.tsx';
import { RunPage } from '../../runs/run-page.tsx';

export function Component() {
  const id = useParams()['id'] ?? '';
  return (
    <RunPage
      key={id}
      id={id}
      experiment={(experimentId) => <ExperimentLink id={experimentId} />}
      decisions={(runId) => <Considered subject={{ runId }} what="this run" />}
      register={(models, onClose) => <RegisterDialog models={models} onClose={onClose} />}
    />
  );
}
