import { ExperimentsPage } from '../../experiments/experiments-page.tsx';

export function Component() {
  return <ExperimentsPage title="Experiments" />;
}
