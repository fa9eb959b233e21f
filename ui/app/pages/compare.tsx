import { ComparePage } from '../../compare/compare-page.tsx';
import { ExperimentLink } from '../../experiments/experiment-name.tsx';

export function Component() {
  return <ComparePage experiment={(id) => <ExperimentLink id={id} />} />;
}
