import { fileURLToPath } from 'node:url';
import { expect } from 'vitest';
import { play, pythonFor } from '../../clients/programs.ts';

/** Ids of what runs.py logs. */
export interface LoggedRuns {
  /** The experiment of the three wine forests. */
  readonly experiment: string;
  readonly wines: readonly string[];
  /** A run with a metric of a million points and a file of every kind. */
  readonly long: string;
  /** A run with 500 runs nested in it. */
  readonly sweep: string;
  readonly training: string;
}

const file = (path: string) => fileURLToPath(new URL(path, import.meta.url));

/** Logs with MLflow's own client to the server at `url`. */
export async function logRuns(url: string): Promise<LoggedRuns> {
  const python = await pythonFor(file('../../clients/requirements-3.17.txt'));
  const { code, stdout, output } = await play(python, [file('runs.py')], url);
  expect(code, output.slice(-4000)).toBe(0);
  return JSON.parse(stdout.trim().split('\n').at(-1) ?? '');
}
