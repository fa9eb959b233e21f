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
  /** A run with runs nested in it: `trial 0` and so on. */
  readonly sweep: string;
  readonly training: string;
}

const file = (path: string) => fileURLToPath(new URL(path, import.meta.url));

interface Amounts {
  /** Of the longest metric: a multiple of 1000. */
  readonly points: number;
  readonly nested: number;
}

/** Logs with MLflow's own client to the server at `url`. */
export async function logRuns(url: string, { points, nested }: Amounts): Promise<LoggedRuns> {
  const python = await pythonFor(file('../../clients/requirements-3.17.txt'));
  const { code, stdout, output } = await play(python, [file('runs.py'), String(points), String(nested)], url);
  expect(code, output.slice(-4000)).toBe(0);
  return JSON.parse(stdout.trim().split('\n').at(-1) ?? '');
}
