import type { DatasetInput, Run } from '../app/api.ts';
import { bestOf, goalOf } from '../curves/goal.ts';
import { digitsToTell } from '../kit/format.ts';

export type Section = 'Parameters' | 'Metrics' | 'Tags' | 'Data';

/** One thing that was recorded, of every run. */
export interface ComparedRow {
  readonly section: Section;
  readonly key: string;
  /** In the order of the runs; undefined where a run has none. */
  readonly values: readonly (string | number | undefined)[];
  readonly differs: boolean;
  /** The best value of a metric of which there are several. */
  readonly best: number | undefined;
  /** So many significant digits tell the numbers of this row apart. */
  readonly digits: number;
}

type Values = Pick<Run, 'params' | 'metrics' | 'tags' | 'datasets'>;

/** Everything that runs recorded, side by side: by section, then by name. Tags of MLflow's own are left out. */
export function compared(runs: readonly Values[]): ComparedRow[] {
  return [
    ...rowsOf('Parameters', runs, (run) => run.params),
    ...rowsOf('Metrics', runs, ({ metrics }) => new Map([...metrics].map(([key, { value }]) => [key, value]))),
    ...rowsOf('Data', runs, digestsByRole),
    ...rowsOf('Tags', runs, ({ tags }) => new Map([...tags].filter(([key]) => !key.startsWith('mlflow.')))),
  ];
}

function rowsOf(
  section: Section,
  runs: readonly Values[],
  read: (run: Values) => ReadonlyMap<string, string | number>,
): ComparedRow[] {
  const all = runs.map(read);
  const keys = [...new Set(all.flatMap((values) => [...values.keys()]))].toSorted();
  return keys.map((key) => {
    const values = all.map((each) => each.get(key));
    const differs = values.some((value) => !Object.is(value, values[0]));
    const numbers = values.filter((value) => typeof value === 'number');
    return {
      section,
      key,
      values,
      differs,
      best: new Set(numbers).size > 1 ? bestOf(numbers, goalOf(key)) : undefined,
      digits: digitsToTell(numbers),
    };
  });
}

const unnamedRole = 'no role';

/** `name@digest` of the data sets of each role. */
function digestsByRole({ datasets }: Pick<Run, 'datasets'>): Map<string, string> {
  const roleOf = ({ context }: DatasetInput) => context ?? unnamedRole;
  const of = (role: string) =>
    datasets
      .filter((dataset) => roleOf(dataset) === role)
      .map(written)
      .toSorted()
      .join(', ');
  return new Map(datasets.map((dataset) => [roleOf(dataset), of(roleOf(dataset))]));
}

const written = ({ name, digest }: DatasetInput) => `${name}@${digest}`;

/** The roles in which these runs used different data, so that their metrics do not speak of the same thing. */
export function rolesThatDiffer(rows: readonly ComparedRow[]): string[] {
  return rows.filter(({ section, differs }) => section === 'Data' && differs).map(({ key }) => key);
}

/** A name for each run that no other one has: runs that share a name get as much of their id as tells them apart. */
export function namesOf(runs: readonly Pick<Run, 'runId' | 'runName'>[]): string[] {
  return runs.map(({ runId, runName }) => {
    const others = runs.filter((run) => run.runName === runName && run.runId !== runId);
    if (runName === '') return runId;
    if (others.length === 0) return runName;
    let length = 6;
    while (others.some((other) => other.runId.startsWith(runId.slice(0, length)))) length++;
    return `${runName} (${runId.slice(0, length)})`;
  });
}
