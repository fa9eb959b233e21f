import { compareVersions, parseVersion } from './code-version.ts';
import { scoreOf } from './eligibility.ts';
import type { SlotPolicy } from './policy.ts';
import type { Candidate } from './selection-input.ts';

/**
 * Eligible candidates, best first: by the metric, then, within one registered model, newer code, then earlier creation,
 * then the internal id. Newer code counts inside a model only, so equals are put in order model by model and then
 * merged by their heads: a pairwise comparison over all would run in circles.
 */
export function rankedBy(eligible: readonly Candidate[], policy: SlotPolicy): Candidate[] {
  const direction = policy.metric.goal === 'maximize' ? -1 : 1;
  const byScore = new Map<number, Candidate[]>();
  for (const candidate of eligible) {
    const score = scoreOf(candidate, policy)! + 0;
    const equals = byScore.get(score);
    if (equals === undefined) byScore.set(score, [candidate]);
    else equals.push(candidate);
  }
  const scores = [...byScore.keys()].sort((a, b) => direction * (a - b));
  return scores.flatMap((score) => merged(byScore.get(score)!));
}

function merged(equals: readonly Candidate[]): Candidate[] {
  if (equals.length === 1) return [...equals];
  const byModel = new Map<string, Candidate[]>();
  for (const candidate of equals) {
    const queue = byModel.get(candidate.registeredModel!);
    if (queue === undefined) byModel.set(candidate.registeredModel!, [candidate]);
    else queue.push(candidate);
  }
  const queues = [...byModel.values()];
  for (const queue of queues)
    queue.sort(
      (a, b) => compareVersions(parseVersion(b.codeVersion!)!, parseVersion(a.codeVersion!)!) || byCreation(a, b),
    );
  const result: Candidate[] = [];
  const heads = queues.map(() => 0);
  while (result.length < equals.length) {
    let best = -1;
    for (const [i, queue] of queues.entries()) {
      const head = queue[heads[i]!];
      if (head !== undefined && (best === -1 || byCreation(head, queues[best]![heads[best]!]!) < 0)) best = i;
    }
    result.push(queues[best]![heads[best]!]!);
    heads[best] = heads[best]! + 1;
  }
  return result;
}

const byCreation = (a: Candidate, b: Candidate) => a.createdTime - b.createdTime || compareIds(a.id, b.id);

/** In the order of `compareIds`, whose numbers are read once. */
export const byId = <T extends { readonly id: string }>(items: readonly T[]): T[] =>
  items
    .map((item) => ({ item, number: numberOf(item.id) }))
    .sort((a, b) => a.number - b.number || (a.item.id < b.item.id ? -1 : 1))
    .map(({ item }) => item);

/** Versions by their number and before logged models, which have none. */
export function compareIds(a: string, b: string): number {
  const [left, right] = [numberOf(a), numberOf(b)];
  if (left !== right) return left - right;
  return a === b ? 0 : a < b ? -1 : 1;
}

const numberOf = (id: string) => (/^v\d+$/.test(id) ? Number(id.slice(1)) : Number.MAX_SAFE_INTEGER);
