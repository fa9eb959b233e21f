import { groupBy } from '../group-by.ts';
import { fullVersion } from './code-version.ts';
import { eligibility } from './eligibility.ts';
import type { SlotPolicy } from './policy.ts';
import { compareIds } from './ranking.ts';
import type { Candidate } from './selection-input.ts';

/**
 * Who is evaluated. Whoever has a score ranks; of the rest only those among the newest `evaluateNewest` of their
 * registered model and code version are evaluated, the others lie outside the window. `wanting` names those to evaluate,
 * the champion first, then the newest.
 */
export function evaluationWindow(candidates: readonly Candidate[], policy: SlotPolicy, championId: string | null) {
  const refusalOf = eligibility(policy);
  const scored = (candidate: Candidate) => candidate.evaluation !== null;
  const waiting = (candidate: Candidate) =>
    candidate.evaluation === null && refusalOf(candidate)?.reason === 'not_evaluated';
  const groups = groupBy(
    candidates.filter((candidate) => waiting(candidate) || (scored(candidate) && refusalOf(candidate) === null)),
    ({ registeredModel, codeVersion }) => `${registeredModel} ${fullVersion(codeVersion!)}`,
  );
  const inside = new Set<string>();
  for (const group of groups.values())
    for (const { id } of [...group].sort(newestFirst).slice(0, policy.evaluateNewest)) inside.add(id);
  const wanting = candidates
    .filter(
      (candidate) =>
        candidate.evaluation === null &&
        (candidate.id === championId || (waiting(candidate) && inside.has(candidate.id))),
    )
    .sort((a, b) => Number(b.id === championId) - Number(a.id === championId) || newestFirst(a, b));
  return {
    wanting: wanting.map(({ id }) => id),
    candidates: candidates.map(
      (candidate): Candidate =>
        waiting(candidate) && !inside.has(candidate.id) && candidate.id !== championId
          ? { ...candidate, evaluation: { status: 'outside_window' } }
          : candidate,
    ),
  };
}

const newestFirst = (a: Candidate, b: Candidate) => b.createdTime - a.createdTime || compareIds(b.id, a.id);
