import { fileURLToPath } from 'node:url';
import { expect } from 'vitest';
import { play, pythonFor } from '../../clients/programs.ts';

/** Ids of what runs.py logs. */
export interface LoggedRuns {
  /** The experiment of the three wine forests. */
  readonly experiment: string;
  readonly wines: readonly string[];
  /** A run with a long metric and a file of every kind. */
  readonly long: string;
  /** A run with 500 runs nested in it. */
  readonly sweep: string;
  readonly training: string;
}

const file = (path: string) => fileURLToPath(new URL(path, import.meta.url));

/** Logs with MLflow's own client to the server at `url`; its longest metric gets so many points, a multiple of 1000. */
export async function logRuns(url: string, points: number): Promise<LoggedRuns> {
  const python = await pythonFor(file('../../clients/requirements-3.17.txt'));
  const { code, stdout, output } = await play(python, [file('runs.py'), String(points)], url);
  expect(code, output.slice(-4000)).toBe(0);
  return JSON.parse(stdout.trim().split('\n').at(-1) ?? '');
}
