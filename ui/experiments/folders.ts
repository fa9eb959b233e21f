import type { ExperimentActivity } from '../app/api.ts';

export type ExperimentOrder = 'name' | 'runs' | 'last-run';

interface Counts {
  readonly runs: number;
  readonly experiments: number;
  readonly lastRunTime: number | null;
}

/** A line of the list: an experiment, or a folder of names that begin alike. */
export type ExperimentLine =
  | {
      readonly kind: 'experiment';
      readonly depth: number;
      readonly label: string;
      readonly experiment: ExperimentActivity;
    }
  | {
      readonly kind: 'folder';
      readonly depth: number;
      readonly label: string;
      /** Up to and with its last slash; names the folder in the address. */
      readonly path: string;
      readonly isOpen: boolean;
      readonly counts: Counts;
    };

interface Folder {
  readonly path: string;
  readonly folders: Map<string, Folder>;
  readonly experiments: ExperimentActivity[];
}

interface Question {
  readonly order: ExperimentOrder;
  readonly descending: boolean;
  readonly isOpen: (path: string) => boolean;
}

/**
 * Experiments as lines that fold by `/`. A folder that would hold one thing only is joined to it, so `/Users/me/` is one
 * fold and a single experiment stands under its whole name.
 */
export function experimentLines(experiments: readonly ExperimentActivity[], question: Question): ExperimentLine[] {
  const root: Folder = { path: '', folders: new Map(), experiments: [] };
  for (const experiment of experiments) folderOf(root, experiment.name).experiments.push(experiment);
  return linesOf(root, 0, question);
}

function folderOf(root: Folder, name: string): Folder {
  let folder = root;
  for (const { 0: part, index } of name.matchAll(/\/*[^/]+\/(?=.)/g)) {
    const next: Folder = folder.folders.get(part) ?? {
      path: name.slice(0, index + part.length),
      folders: new Map(),
      experiments: [],
    };
    folder.folders.set(part, next);
    folder = next;
  }
  return folder;
}

interface Entry extends Counts {
  readonly name: string;
  readonly lines: () => ExperimentLine[];
}

function linesOf(folder: Folder, depth: number, question: Question): ExperimentLine[] {
  const entries = [
    ...folder.experiments.map((experiment): Entry => experimentEntry(experiment, folder.path, depth)),
    ...[...folder.folders.values()].map((inner) => folderEntry(inner, folder.path, depth, question)),
  ];
  const sign = question.descending ? -1 : 1;
  return entries
    .toSorted((a, b) => sign * compare(a, b, question.order) || (a.name < b.name ? -1 : 1))
    .flatMap((entry) => entry.lines());
}

function experimentEntry(experiment: ExperimentActivity, within: string, depth: number): Entry {
  const { name, runs, lastRunTime } = experiment;
  const label = name.slice(within.length);
  return {
    name: label,
    runs,
    lastRunTime,
    experiments: 1,
    lines: () => [{ kind: 'experiment', depth, label, experiment }],
  };
}

function folderEntry(given: Folder, within: string, depth: number, question: Question): Entry {
  const folder = withoutChain(given);
  const [only] = folder.experiments;
  if (only !== undefined && folder.experiments.length === 1 && folder.folders.size === 0)
    return experimentEntry(only, within, depth);
  const counts = countsOf(folder);
  const label = folder.path.slice(within.length);
  const isOpen = question.isOpen(folder.path);
  return {
    ...counts,
    name: label,
    lines: () => [
      { kind: 'folder', depth, label, path: folder.path, isOpen, counts },
      ...(isOpen ? linesOf(folder, depth + 1, question) : []),
    ],
  };
}

/** The first folder inside that holds more than one folder. */
function withoutChain(folder: Folder): Folder {
  const [inner] = folder.folders.values();
  return inner !== undefined && folder.folders.size === 1 && folder.experiments.length === 0
    ? withoutChain(inner)
    : folder;
}

function countsOf(folder: Folder): Counts {
  return [...folder.folders.values()].map(countsOf).reduce(
    (sum, counts) => ({
      runs: sum.runs + counts.runs,
      experiments: sum.experiments + counts.experiments,
      lastRunTime: later(sum.lastRunTime, counts.lastRunTime),
    }),
    {
      runs: folder.experiments.reduce((sum, { runs }) => sum + runs, 0),
      experiments: folder.experiments.length,
      lastRunTime: folder.experiments.reduce<number | null>((last, run) => later(last, run.lastRunTime), null),
    },
  );
}

const later = (a: number | null, b: number | null) => (a === null ? b : b === null ? a : Math.max(a, b));

function compare(a: Entry, b: Entry, order: ExperimentOrder): number {
  if (order === 'name') return a.name < b.name ? -1 : a.name > b.name ? 1 : 0;
  if (order === 'runs') return a.runs - b.runs;
  return (a.lastRunTime ?? -1) - (b.lastRunTime ?? -1);
}
