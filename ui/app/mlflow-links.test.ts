import { expect, it } from 'vitest';
import { pathOfMlflowHash } from './mlflow-links.ts';

it.each([
  ['#/experiments/1/runs/3f2a', '/runs/3f2a'],
  ['#/experiments/1/runs/3f2a/artifacts?x=1', '/runs/3f2a'],
  ['#/experiments/12', '/experiments/12'],
  ['#/experiments/12?searchFilter=', '/experiments/12'],
  ['#/experiments/12/runs/', '/experiments/12'],
  ['#/experiments/12/models/m-1', '/experiments/12'],
  ['#/experiments', '/experiments'],
  ['#/models/wine', undefined],
  ['#content', undefined],
  ['', undefined],
])('MLflow’s %j is %j here', (hash, path) => expect(pathOfMlflowHash(hash)).toBe(path));
