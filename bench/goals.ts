import { findFigure, median, type Result, shown, timesBetter } from './results.ts';

/** What the benchmark must show, on SQLite. */
interface Goal {
  readonly what: string;
  /** Undefined when it was not measured in this run. */
  readonly reached: (result: Result) => number | undefined;
  readonly wanted: number;
  readonly unit: string;
  readonly atMost?: true;
}

const ours = 'cellar-sqlite';
const theirs = 'mlflow-sqlite';
const fastest = 'fasttrackml-sqlite';

/** Times better than MLflow in the same run. */
const ratio = (what: string, figure: string, wanted: number): Goal => ({
  what,
  reached: (result) => timesBetter(findFigure(result, ours, figure), findFigure(result, theirs, figure)),
  wanted,
  unit: 'times MLflow',
});

function medianOf(result: Result, server: string, figure: string): number | undefined {
  const found = findFigure(result, server, figure);
  return found && median(found.values);
}

const atMost = (what: string, figure: string, wanted: number, unit: string): Goal => ({
  what,
  reached: (result) => medianOf(result, ours, figure),
  wanted,
  unit,
  atMost: true,
});

/** Times better than FastTrackML, the fastest peer, in the same run. */
const peer = (what: string, figure: string, wanted: number): Goal => ({
  what,
  reached: (result) => timesBetter(findFigure(result, ours, figure), findFigure(result, fastest, figure)),
  wanted,
  unit: 'times FastTrackML',
});

const largeFile = 1024;

export const goals: readonly Goal[] = [
  ratio('log-metric, 16 connections', 'W1 log-metric c16 rate', 120),
  ratio('log-batch of 1,000 metrics, 8 connections', 'W2 log-batch 1000m c8 rate', 25),
  ratio('create, log-batch, finish, 8 connections', 'W3 run lifecycle c8 rate', 80),
  ratio('first page of a search', 'W4 a first page c1 p50', 60),
  ratio('metric and param filter by metric', 'W4 b filter+order c1 p50', 400),
  ratio('whole history of a long metric', 'W5 read history', 20),
  ratio('sampled interval of it', 'W5 interval of 320 c1 p50', 50),
  ratio('latest versions, 16 connections', 'W8 latest versions c16 rate', 60),
  ratio('1 GiB up', `W7 upload ${largeFile} MiB rate`, 2),
  ratio('1 GiB down', `W7 download ${largeFile} MiB rate`, 2),
  peer('log-metric, 16 connections', 'W1 log-metric c16 rate', 8),
  peer('log-batch of 1,000 metrics, 8 connections', 'W2 log-batch 1000m c8 rate', 8),
  peer('create, log-batch, finish, 8 connections', 'W3 run lifecycle c8 rate', 8),
  peer('first page of a search', 'W4 a first page c1 p50', 15),
  peer('metric and param filter by metric', 'W4 b filter+order c1 p50', 15),
  peer('whole history of a long metric', 'W5 read history', 15),
  atMost('server CPU of a log-metric, 16 connections', 'W1 log-metric c16 server CPU', 0.08, 'ms'),
  atMost('event-loop delay at p99 during mixed load', 'W10 event-loop delay p99', 50, 'ms'),
  {
    what: "the Python client's loop, of what it does against a server that answers at once",
    reached: (result) => {
      const figure = 'W9 Python client rate';
      const [here, there] = [medianOf(result, ours, figure), medianOf(result, 'canned', figure)];
      return here && there && (100 * here) / there;
    },
    wanted: 80,
    unit: '%',
  },
];

export interface GoalRow {
  readonly what: string;
  readonly wanted: string;
  readonly reached: string;
  readonly verdict: 'met' | 'not met' | 'not measured';
}

export function judge(result: Result): GoalRow[] {
  return goals.map(({ what, reached, wanted, unit, atMost }) => {
    const value = reached(result);
    const met = value !== undefined && (atMost ? value <= wanted : value >= wanted);
    return {
      what,
      wanted: `${atMost ? '≤' : '≥'} ${wanted} ${unit}`,
      reached: value === undefined ? '' : shown(value),
      verdict: value === undefined ? 'not measured' : met ? 'met' : 'not met',
    };
  });
}
