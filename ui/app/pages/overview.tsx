import { ExperimentsPage } from '../../experiments/experiments-page.tsx';
import { LatestRuns } from '../../runs/latest-runs.tsx';

export function Component() {
  return (
    <ExperimentsPage title="Overview" latest={(runs, nameOf) => <LatestRuns runs={runs} experimentName={nameOf} />} />
  );
}
