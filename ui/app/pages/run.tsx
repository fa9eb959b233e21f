import { useParams } from 'react-router';
import { ExperimentLink } from '../../experiments/experiment-name.tsx';
import { RunPage } from '../../runs/run-page.tsx';

export function Component() {
  const id = useParams()['id'] ?? '';
  return <RunPage key={id} id={id} experiment={(experimentId) => <ExperimentLink id={experimentId} />} />;
}
