/** How much a run of the benchmark does. */
export interface Sizes {
  /** Length of one timed measure. */
  readonly seconds: number;
  readonly repetitions: number;
  /** Runs to search in, registered models, and points of the long history. */
  readonly runs: number;
  readonly models: number;
  readonly points: number;
  /** Bound on what is written through MLflow's API before the rest goes straight into its database. */
  readonly seedSeconds: number;
  readonly filesMiB: readonly number[];
  readonly smallFiles: number;
  /** Turns of the Python client's loop, and the length of each: many short ones, since what it measures is a few percent. */
  readonly clientTurns: number;
  readonly clientSeconds: number;
  readonly mixedSeconds: number;
  readonly mixedRuns: number;
  readonly mixedPoints: number;
  /** From the start of MLflow's server to the figures at rest: it goes on starting processes after it answers. */
  readonly settleSeconds: number;
  /** Waiting, in all, for other work on the machine to pause. */
  readonly patienceSeconds: number;
}

export const full: Sizes = {
  seconds: 3,
  repetitions: 5,
  runs: 20_000,
  models: 5000,
  points: 1_000_000,
  seedSeconds: 12,
  filesMiB: [256, 1024],
  smallFiles: 1000,
  clientTurns: 9,
  clientSeconds: 6,
  mixedSeconds: 10,
  mixedRuns: 5000,
  mixedPoints: 100_000,
  settleSeconds: 60,
  patienceSeconds: 120,
};

/** To see that everything works; its figures mean nothing. */
export const quick: Sizes = {
  seconds: 0.3,
  repetitions: 1,
  runs: 300,
  models: 60,
  points: 20_000,
  seedSeconds: 1,
  filesMiB: [16],
  smallFiles: 50,
  clientTurns: 1,
  clientSeconds: 1,
  mixedSeconds: 1,
  mixedRuns: 200,
  mixedPoints: 10_000,
  settleSeconds: 1,
  patienceSeconds: 0,
};
