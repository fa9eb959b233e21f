/** A recorded prediction, or what one is compared with: a label, a number, or a number for each class. */
export type Answer = string | number | boolean | null | readonly (number | null)[];

/** Numbers are equal when they differ by no more than this part of the larger one (or of 1, below it). */
export const tolerance = 1e-5;

export interface Difference {
  readonly rows: number;
  readonly differing: number;
  /** The largest difference of two numbers, as a part of the larger one (or of 1, below it). */
  readonly largest: number;
  /** The first row that differs, in words. */
  readonly first: string | undefined;
}

export const isEqual = ({ differing }: Difference): boolean => differing === 0;

/** Compares predictions row by row: labels must be identical, numbers equal within the tolerance. */
export function compareAnswers(found: readonly Answer[], expected: readonly Answer[]): Difference {
  let differing = 0;
  let largest = 0;
  let first: string | undefined;
  expected.forEach((wanted, row) => {
    const distance = distanceOf(found[row], wanted);
    if (Number.isFinite(distance)) largest = Math.max(largest, distance);
    if (distance <= tolerance) return;
    differing++;
    first ??= `row ${row}: ${JSON.stringify(found[row])} instead of ${JSON.stringify(wanted)}`;
  });
  return { rows: expected.length, differing, largest, first };
}

function distanceOf(found: Answer | undefined, wanted: Answer): number {
  if (Array.isArray(wanted)) {
    if (!Array.isArray(found) || found.length !== wanted.length) return Number.POSITIVE_INFINITY;
    return wanted.reduce((most, each, i) => Math.max(most, distanceOf(found[i], each)), 0);
  }
  if (typeof wanted === 'number' && typeof found === 'number') {
    // Whole numbers may be labels, and no label is nearly another.
    if (Number.isInteger(wanted) && Number.isInteger(found)) return wanted === found ? 0 : Number.POSITIVE_INFINITY;
    return Math.abs(found - wanted) / Math.max(1, Math.abs(wanted), Math.abs(found));
  }
  return found === wanted ? 0 : Number.POSITIVE_INFINITY;
}

/**
 * Predictions of MLflow's protocol as answers; a column alone in its row stands for the row. Undefined where they are
 * nothing that can be compared: text for a language model, nested records.
 */
export function answersOf(predictions: unknown): Answer[] | undefined {
  if (!Array.isArray(predictions)) return undefined;
  const answers: Answer[] = [];
  for (const each of predictions) {
    const answer = answerOf(each);
    if (answer === undefined) return undefined;
    answers.push(answer);
  }
  return answers;
}

function answerOf(value: unknown): Answer | undefined {
  if (value === null || typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean')
    return value;
  const cells = typeof value === 'object' ? Object.values(value as object) : [];
  if (cells.length === 1) return answerOf(cells[0]);
  if (cells.length > 1 && cells.every((cell) => typeof cell === 'number' || cell === null)) return cells;
  return undefined;
}

/** The recorded answers in the form that a model gives: labels, or numbers for each class; undefined if in neither. */
export function recordedAnswers(
  found: readonly Answer[],
  { columns, data }: { readonly columns: readonly string[]; readonly data: readonly (readonly unknown[])[] },
): Answer[] | undefined {
  const [first] = found;
  if (!Array.isArray(first)) {
    const at = columns.indexOf('prediction');
    return at === -1 ? undefined : data.map((row) => (answerOf(row[at]) ?? null) as Answer);
  }
  const places = columns.flatMap((name, i) => (/^p_\d+$/.test(name) ? [i] : []));
  if (places.length !== first.length) return undefined;
  return data.map((row) => places.map((at) => row[at] as number | null));
}
