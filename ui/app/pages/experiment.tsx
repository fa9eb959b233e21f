import { useParams } from 'react-router';
import { ExperimentPage } from '../../experiments/experiment-page.tsx';
import { RunsView } from '../../runs/runs-view.tsx';

export function Component() {
  const id = useParams()['id'] ?? '';
  return <ExperimentPage key={id} id={id} runs={(experiment) => <RunsView experiment={experiment} />} />;
}
