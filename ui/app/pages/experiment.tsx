import { useParams } from 'react-router';
import { ExperimentPage } from '../../experiments/experiment-page.tsx';
import { RegisterDialog } from '../../models/register-dialog.tsx';
import { RunsView } from '../../runs/runs-view.tsx';
import type { Championship } from '../../runs/table-columns.tsx';

const nowhere: ReadonlyMap<string, readonly Championship[]> = new Map();

export function Component() {
  const id = useParams()['id'] ?? '';
  return (
    <ExperimentPage
      key={id}
      id={id}
      runs={(experiment) => (
        <RunsView
          experiment={experiment}
          champions={nowhere}
          register={(models, onClose) => <RegisterDialog models={models} onClose={onClose} />}
        />
      )}
    />
  );
}
