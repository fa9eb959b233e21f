import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';

export interface Wine {
  readonly features: readonly string[];
  readonly rows: number[][];
  readonly labels: number[];
  /** Of the file, as MLflow knows a data set. */
  readonly digest: string;
}

/** The 178 wines of wine.csv: 13 measurements each, and the class 0, 1 or 2 in the last column. */
export function readWine(): Wine {
  const text = readFileSync(new URL('./wine.csv', import.meta.url), 'utf8');
  const [header = '', ...lines] = text.trim().split('\n');
  const table = lines.map((line) => line.split(',').map(Number));
  return {
    features: header.split(',').slice(0, -1),
    rows: table.map((values) => values.slice(0, -1)),
    labels: table.map((values) => values.at(-1) ?? 0),
    digest: createHash('sha256').update(text).digest('hex').slice(0, 8),
  };
}

export interface Part {
  readonly rows: number[][];
  readonly labels: number[];
}

/** A quarter of each class for testing, chosen by `seed`; the same seed gives the same split everywhere. */
export function split({ rows, labels }: Wine, seed: number): { training: Part; testing: Part } {
  const random = generator(seed);
  const training: number[] = [];
  const testing: number[] = [];
  for (const label of new Set(labels)) {
    const members = shuffled(
      [...labels.keys()].filter((row) => labels[row] === label),
      random,
    );
    const count = Math.round(members.length / 4);
    testing.push(...members.slice(0, count));
    training.push(...members.slice(count));
  }
  const part = (of: number[]) => ({
    rows: of.map((row) => rows[row] ?? []),
    labels: of.map((row) => labels[row] ?? 0),
  });
  return { training: part(training), testing: part(testing) };
}

function shuffled(items: number[], random: () => number): number[] {
  return items
    .map((item) => ({ item, at: random() }))
    .sort((a, b) => a.at - b.at)
    .map(({ item }) => item);
}

/** The "minimal standard" generator of Park and Miller. */
function generator(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 48271) % 2147483647;
    return state / 2147483647;
  };
}
