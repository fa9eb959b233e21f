import type { Evaluation } from './evaluation.ts';

/** Which of several evaluations of one model on one holdout counts: ours, then what was posted, then what is under way. */
const rank = ({ external, status }: Evaluation) => (status !== 'succeeded' ? 0 : external ? 1 : 2);

/** The evaluation that counts for each digest; of equal ones the newest, which comes last in `evaluations`. */
export function countingByDigest(evaluations: readonly Evaluation[]): Map<string, Evaluation> {
  const counting = new Map<string, Evaluation>();
  for (const evaluation of evaluations) {
    const other = counting.get(evaluation.artifactDigest);
    if (other === undefined || rank(evaluation) >= rank(other)) counting.set(evaluation.artifactDigest, evaluation);
  }
  return counting;
}
