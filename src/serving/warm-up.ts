import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { AppError } from '../errors.ts';
import { type Answer, answersOf, compareAnswers, isEqual, recordedAnswers } from './compare.ts';
import { type Executor, ExecutorEnded, type Outcome, type Work } from './executor.ts';
import { ModelFault, ModelTooSlow } from './faults.ts';
import type { ModelReader } from './model-reader.ts';
import type { StoredRows } from './python-executor.ts';
import { rowsOfLists } from './rows.ts';

/** How many rows of the holdout a new champion predicts before it is let at callers. */
export const checkedRows = 64;

/** Predictions of an outcome, whichever form it has. Throws ModelFault in the model's own words. */
export function predictionsOf(outcome: Outcome, work: Work): unknown {
  if (outcome instanceof AppError) throw new ModelFault(outcome.message);
  const value: unknown = JSON.parse(outcome);
  return work.kind === 'table' ? value : (value as { predictions?: unknown }).predictions;
}

/**
 * Has one request answered within a time. Throws ModelTooSlow for an executor that takes longer, which is ended: at once,
 * for a thread may be in code that does not let it end.
 */
export async function answerOnce(executor: Executor, work: Work, limitMs: number, doing: string): Promise<Outcome> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      reject(new ModelTooSlow(`The model did not answer within ${limitMs} ms while it ${doing}.`));
      executor.kill();
    }, limitMs);
  });
  try {
    const [outcome] = await Promise.race([executor.run([work]), late]);
    if (outcome === undefined) throw new ModelFault('The model gives no answer.');
    return outcome;
  } finally {
    clearTimeout(timer);
  }
}

/** Has one request predicted within a time, as `answerOnce`. Throws ModelFault. */
export async function predictOnce(executor: Executor, work: Work, limitMs: number): Promise<unknown> {
  try {
    return predictionsOf(await answerOnce(executor, work, limitMs, 'warmed up'), work);
  } catch (error) {
    if (error instanceof ModelFault || error instanceof ExecutorEnded) throw error;
    throw new ModelFault((error as Error).message);
  }
}

/** Predicts the example that the model was logged with; nothing where it has none. Throws ModelFault. */
export async function warmWithExample(
  executor: Executor,
  reader: ModelReader,
  { folder, exampleFile, limitMs }: { folder: string; exampleFile: string | undefined; limitMs: number },
): Promise<void> {
  if (exampleFile === undefined) return;
  const body = await readFile(path.join(folder, path.basename(exampleFile))).catch(() => undefined);
  if (body === undefined) return;
  let work: Work;
  try {
    work = reader.readBody(body, 'application/json');
  } catch (error) {
    throw new ModelFault(`The model's own input example does not fit its signature: ${(error as Error).message}`);
  }
  refuseNothing(answersOf(await predictOnce(executor, work, limitMs)), 'its input example');
}

/** What was recorded of the model, or what its original has answered. */
export interface Recorded {
  readonly columns: readonly string[];
  readonly data: readonly (readonly unknown[])[];
  readonly answers: readonly Answer[] | StoredRows;
}

/** Predicts rows of the holdout and compares with what was recorded. Throws ModelFault. Answers with what was compared. */
export async function checkAgainst(
  executor: Executor,
  reader: ModelReader,
  recorded: Recorded,
  limitMs: number,
): Promise<string> {
  const work = reader.readRows(rowsOfLists(recorded.data, recorded.columns), undefined);
  const found = answersOf(await predictOnce(executor, work, limitMs));
  if (found === undefined) return 'its answers have a form that evaluations do not record';
  refuseNothing(found, 'rows of its holdout');
  const expected = 'total' in recorded.answers ? recordedAnswers(found, recorded.answers) : recorded.answers;
  if (expected === undefined) return 'its answers have a form that the evaluation did not record';
  const difference = compareAnswers(found, expected);
  if (!isEqual(difference))
    throw new ModelFault(
      `The model predicts ${difference.differing} of ${difference.rows} rows of its holdout otherwise than when it was evaluated (${difference.first}).`,
    );
  return `${difference.rows} rows of its holdout predicted as recorded`;
}

function refuseNothing(answers: readonly Answer[] | undefined, what: string): void {
  const isNothing = (answer: Answer) => answer === null || (Array.isArray(answer) && answer.includes(null));
  const nothing = answers?.filter(isNothing).length ?? 0;
  if (nothing > 0)
    throw new ModelFault(`The model answers ${nothing} of ${answers!.length} of ${what} with NaN or nothing.`);
}
