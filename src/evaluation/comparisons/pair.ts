import { dirname } from 'node:path';
import { quoted, withDuckDb } from '../holdouts/duckdb.ts';
import type { Predictions } from './metrics.ts';

/** More rows are thinned out evenly: what a bootstrap finds on so many, it finds on all. */
const mostRows = 50_000;

export interface PredictionsFile {
  /** Parquet: row, label, prediction, p_0, p_1, … */
  readonly path: string;
  /** Of the probability columns, in their order; null for a regression. */
  readonly classes: readonly (string | number | boolean)[] | null;
}

export interface Pair {
  readonly rows: number;
  readonly challenger: Predictions;
  readonly champion: Predictions;
}

type Column = readonly unknown[];

/** Reads what two models said of the same rows. Throws when the files are not of the same rows. */
export async function readPair(challenger: PredictionsFile, champion: PredictionsFile): Promise<Pair> {
  const [one, other] = [await readColumns(challenger.path), await readColumns(champion.path)];
  const labels = one.get('label')!;
  if (labels.length !== other.get('label')!.length) throw new Error('The two have predictions for different rows.');
  const classes = challenger.classes === null ? undefined : new Map<string, number>();
  const numbered = (columns: ReadonlyMap<string, Column>, file: PredictionsFile): Predictions => {
    const code = (value: unknown) => {
      if (classes === undefined) return value === null ? Number.NaN : Number(value);
      const key = String(value);
      const known = classes.get(key);
      if (known !== undefined) return known;
      classes.set(key, classes.size);
      return classes.size - 1;
    };
    const own = columns.get('label')!.map(code);
    const said = columns.get('prediction')!.map(code);
    const order = (file.classes ?? []).map(code);
    const probabilities: ArrayLike<number>[] = [];
    for (const [at, place] of order.entries())
      if (columns.has(`p_${at}`)) probabilities[place] = Float64Array.from(columns.get(`p_${at}`)! as number[]);
    const isWhole = probabilities.length > 0 && Object.keys(probabilities).length === probabilities.length;
    return { labels: own, predictions: said, classes: 0, probabilities: isWhole ? probabilities : null };
  };
  // In the order of the classes, so that the second class of both is the same one.
  for (const each of challenger.classes ?? []) classes?.set(String(each), classes.size);
  const [first, second] = [numbered(one, challenger), numbered(other, champion)];
  for (let row = 0; row < labels.length; row++)
    if (first.labels[row] !== second.labels[row]) throw new Error(`The two have different labels for row ${row}.`);
  const count = classes?.size ?? 0;
  return { rows: labels.length, challenger: { ...first, classes: count }, champion: { ...second, classes: count } };
}

async function readColumns(file: string): Promise<Map<string, Column>> {
  return withDuckDb({ folder: dirname(file) }, async (sandbox) => {
    const from = `read_parquet(${quoted(file)})`;
    const [{ rows } = { rows: 0 }] = await sandbox.rows<{ rows: bigint | number }>(
      `select count(*) as rows from ${from}`,
    );
    const step = Math.max(1, Math.ceil(Number(rows) / mostRows));
    const columns = new Map<string, unknown[]>();
    const found = await sandbox.rows<Record<string, unknown>>(
      `select * from ${from} where row % ${step} = 0 order by row`,
    );
    for (const row of found)
      for (const [name, value] of Object.entries(row)) {
        const column = columns.get(name);
        if (column === undefined) columns.set(name, [value]);
        else column.push(value);
      }
    return columns;
  });
}
