import { judge } from './goals.ts';
import { type Figure, type Figures, median, type Result, shown, timesBetter } from './results.ts';

/** A table as its head and its rows, for the terminal and for Markdown alike. */
export interface Table {
  readonly title: string;
  readonly head: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

const titles = { sqlite: 'On SQLite', postgres: 'On PostgreSQL' } as const;

/** Figures of Cellar beside those of MLflow, a table for each store that was measured. */
export function comparisons(result: Result): Table[] {
  return (['sqlite', 'postgres'] as const).flatMap((store): Table[] => {
    const figuresOf = (product: string) => result.servers.find(({ name }) => name === `${product}-${store}`)?.figures;
    const [ours, theirs = {}, fastest] = ['cellar', 'mlflow', 'fasttrackml'].map(figuresOf);
    if (ours === undefined) return [];
    const head = ['figure', 'unit', 'MLflow', 'Cellar', 'least to most', 'times better', 'load', "others' cores"];
    const rows = namesOf(theirs, ours).map((name) => comparison(name, ours[name], theirs[name]));
    if (fastest === undefined) return [{ title: titles[store], head, rows }];
    const withFastest = rows.map((row) => row.toSpliced(3, 0, middle(fastest[row[0]!])));
    return [{ title: titles[store], head: head.toSpliced(3, 0, 'FastTrackML'), rows: withFastest }];
  });
}

/** Every name once, work item by work item. */
function namesOf(...all: readonly Figures[]): string[] {
  const names = [...new Set(all.flatMap((figures) => Object.keys(figures)))];
  const item = (name: string) => Number(/^W(\d+)/.exec(name)?.[1] ?? 0);
  return names.sort((a, b) => item(a) - item(b));
}

function comparison(name: string, ours: Figure | undefined, theirs: Figure | undefined): string[] {
  const better = timesBetter(ours, theirs);
  return [
    name,
    (ours ?? theirs)!.unit,
    middle(theirs),
    middle(ours),
    spread(ours),
    better === undefined ? '' : shown(better),
    ofBoth(average(theirs?.load), average(ours?.load)),
    ofBoth(average(theirs?.othersCores), average(ours?.othersCores)),
  ];
}

const ofBoth = (theirs: string, ours: string) => (theirs === '' ? ours : `${theirs} / ${ours}`);

export function limitsTable(result: Result): Table {
  return {
    title: 'Limits of the machine',
    head: ['what', 'unit', 'median', 'least to most', 'load'],
    rows: Object.entries(result.limits).map(([name, figure]) => [
      name,
      figure.unit,
      middle(figure),
      spread(figure),
      average(figure.load),
    ]),
  };
}

/** The server that answers at once: the bound of what the Python client can do. */
export function boundTable(result: Result): Table {
  const figures = result.servers.find(({ name }) => name === 'canned')?.figures ?? {};
  return {
    title: 'A server that answers at once',
    head: ['figure', 'unit', 'median', 'least to most', 'load'],
    rows: Object.entries(figures).map(([name, figure]) => [
      name,
      figure.unit,
      middle(figure),
      spread(figure),
      average(figure.load),
    ]),
  };
}

export function goalsTable(result: Result): Table {
  return {
    title: 'Goals',
    head: ['goal', 'wanted', 'reached', ''],
    rows: judge(result).map(({ what, wanted, reached, verdict }) => [what, wanted, reached, verdict]),
  };
}

const middle = (figure: Figure | undefined) => (figure === undefined ? '' : shown(median(figure.values)));

const spread = (figure: Figure | undefined) =>
  figure === undefined || figure.values.length < 2
    ? ''
    : `${shown(Math.min(...figure.values))} to ${shown(Math.max(...figure.values))}`;

const average = (values: readonly number[] | undefined) =>
  values === undefined || values.length === 0 ? '' : median(values).toFixed(1);
