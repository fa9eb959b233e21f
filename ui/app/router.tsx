import { createBrowserRouter, Navigate, Outlet, useLocation } from 'react-router';
import { Loading } from '../kit/states.tsx';
import { Broken, NotFound } from './lost.tsx';
import { pathOfMlflowHash } from './mlflow-links.ts';
import { Component as ExperimentPage } from './pages/experiment.tsx';
import { Shell } from './shell.tsx';

/** Every address, and the file that draws it; a page is loaded when it is first opened, the table of runs with the rest. */
export const createRouter = () =>
  createBrowserRouter([
    {
      element: <Shell />,
      errorElement: <Broken />,
      hydrateFallbackElement: <Loading what="the page" />,
      children: [
        {
          path: '/',
          element: <OrMlflowLink />,
          children: [{ index: true, lazy: () => import('./pages/overview.tsx') }],
        },
        { path: '/experiments', lazy: () => import('./pages/experiments.tsx') },
        { path: '/experiments/:id', Component: ExperimentPage },
        { path: '/compare', lazy: () => import('./pages/compare.tsx') },
        { path: '/models', lazy: () => import('./pages/models.tsx') },
        { path: '/models/:name', lazy: () => import('./pages/model.tsx') },
        { path: '/models/:name/versions/:version', lazy: () => import('./pages/model-version.tsx') },
        { path: '/services/:name', lazy: () => import('./pages/service.tsx') },
        { path: '/decisions/:id', lazy: () => import('./pages/decision.tsx') },
        { path: '/runs/:id', lazy: () => import('./pages/run.tsx') },
        { path: '*', element: <NotFound /> },
      ],
    },
  ]);

/** The overview, unless the address is a link to MLflow's own page. */
function OrMlflowLink() {
  const meant = pathOfMlflowHash(useLocation().hash);
  return meant === undefined ? <Outlet /> : <Navigate to={meant} replace />;
}
