import { createBrowserRouter, Navigate, useLocation, useParams } from 'react-router';
import { ExperimentLink } from '../experiments/experiment-name.tsx';
import { ExperimentPage } from '../experiments/experiment-page.tsx';
import { ExperimentsPage } from '../experiments/experiments-page.tsx';
import { LatestRuns } from '../runs/latest-runs.tsx';
import { RunPage } from '../runs/run-page.tsx';
import { RunsView } from '../runs/runs-view.tsx';
import { Broken, NotFound } from './lost.tsx';
import { pathOfMlflowHash } from './mlflow-links.ts';
import { Shell } from './shell.tsx';

/** Where the rooms meet: none of them knows another. */
export const createRouter = () =>
  createBrowserRouter([
    {
      element: <Shell />,
      errorElement: <Broken />,
      children: [
        { path: '/', element: <Home /> },
        { path: '/experiments', element: <ExperimentsPage title="Experiments" /> },
        { path: '/experiments/:id', element: <Experiment /> },
        { path: '/runs/:id', element: <Run /> },
        { path: '*', element: <NotFound /> },
      ],
    },
  ]);

function Home() {
  const meant = pathOfMlflowHash(useLocation().hash);
  if (meant !== undefined) return <Navigate to={meant} replace />;
  return (
    <ExperimentsPage title="Overview" latest={(runs, nameOf) => <LatestRuns runs={runs} experimentName={nameOf} />} />
  );
}

function Experiment() {
  const id = useParams()['id'] ?? '';
  return <ExperimentPage key={id} id={id} runs={(experiment) => <RunsView experiment={experiment} />} />;
}

function Run() {
  const id = useParams()['id'] ?? '';
  return <RunPage key={id} id={id} experiment={(experimentId) => <ExperimentLink id={experimentId} />} />;
}
