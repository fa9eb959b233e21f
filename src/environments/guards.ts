import { scoreOf } from './eligibility.ts';
import type { Goal, Guard, SlotPolicy } from './policy.ts';
import type { Candidate, Comparison, GuardResult, SelectionInput } from './selection-input.ts';

/** What the guards of one selection compare with, and what was found out for them beforehand. */
export interface GuardContext {
  readonly policy: SlotPolicy;
  /** Null where there is none to compare with: then only limits hold. */
  readonly champion: Candidate | null;
  readonly waiveSignature: string | null;
  readonly comparisons: ReadonlyMap<string, Comparison>;
  /** Holm's adjusted p-values of the challengers that reach the significance guard. */
  readonly adjusted: ReadonlyMap<string, number>;
}

/** How much better `a` is than `b`; positive is better whatever the goal. */
export const improvement = (a: number, b: number, goal: Goal) => (goal === 'maximize' ? a - b : b - a);

/** Decimal fractions are not exact in binary: 0.932 is meant to be 0.002 better than 0.93. */
const slack = 1e-12;

/** The results of the guards in the order written, up to and with the first that fails. */
export function runGuards(candidate: Candidate, guards: readonly Guard[], context: GuardContext): GuardResult[] {
  const results: GuardResult[] = [];
  for (const guard of guards) {
    if (context.champion === null && !isLimit(guard)) continue;
    const result = runGuard(candidate, guard, context);
    results.push(result);
    if (!result.passed) break;
  }
  return results;
}

const isLimit = (guard: Guard) => guard.kind === 'maxLatencyMs' || guard.kind === 'maxSizeMiB';

function runGuard(candidate: Candidate, guard: Guard, context: GuardContext): GuardResult {
  const say = (passed: boolean, detail: string): GuardResult => ({ guard: guard.kind, passed, detail });
  switch (guard.kind) {
    case 'minImprovement': {
      const champion = scoreOf(context.champion!, context.policy)!;
      const margin = improvement(scoreOf(candidate, context.policy)!, champion, context.policy.metric.goal);
      const [wanted, written] =
        'percent' in guard
          ? [(Math.abs(champion) * guard.percent) / 100, `${guard.percent}%`]
          : [guard.absolute, String(guard.absolute)];
      return say(margin > 0 && margin >= wanted - slack, `${signed(margin)}, at least ${written} wanted`);
    }
    case 'significance':
      return significance(candidate, guard.alpha, context, say);
    case 'noWorse': {
      const worse = guard.metrics.map((metric) => noWorse(candidate, context.champion!, metric));
      const failed = worse.find((one) => !one.passed);
      return say(failed === undefined, (failed === undefined ? worse : [failed]).map((one) => one.detail).join('; '));
    }
    case 'sameSignature': {
      const difference = candidate.signatureDifference;
      if (difference === null) return say(true, 'takes what the champion takes');
      return context.waiveSignature === null
        ? say(false, difference)
        : say(true, `${difference}; waived: ${context.waiveSignature}`);
    }
    case 'maxLatencyMs':
      return limit(measured(candidate)?.latencyMs, guard.limit, 'ms', say);
    case 'maxSizeMiB':
      return limit(measured(candidate)?.sizeMiB, guard.limit, 'MiB', say);
  }
}

type Say = (passed: boolean, detail: string) => GuardResult;

const measured = ({ evaluation }: Candidate) => (evaluation?.status === 'succeeded' ? evaluation : undefined);

function limit(value: number | null | undefined, most: number, unit: string, say: Say): GuardResult {
  if (value === null || value === undefined) return say(false, `not measured, at most ${most} ${unit} wanted`);
  return say(value <= most, `${shortly(value)} ${unit}, at most ${most} wanted`);
}

function significance(candidate: Candidate, alpha: number, context: GuardContext, say: Say): GuardResult {
  const comparison = context.comparisons.get(candidate.id);
  if (comparison === undefined) return say(false, 'not compared with the champion');
  if (comparison.pValue === null) return say(true, 'only scalars exist, so the margin alone counts');
  const adjusted = context.adjusted.get(candidate.id) ?? comparison.pValue;
  const interval =
    comparison.low === null || comparison.high === null
      ? ''
      : `, 95% ${signed(comparison.low)} to ${signed(comparison.high)}`;
  const corrected = adjusted === comparison.pValue ? '' : ` (${shortly(comparison.pValue)} alone)`;
  return say(adjusted <= alpha, `p ${shortly(adjusted)}${corrected}, at most ${alpha} wanted${interval}`);
}

function noWorse(candidate: Candidate, champion: Candidate, { name, goal, tolerance }: NoWorseMetric) {
  const [its, champions] = [candidate, champion].map((one) => measured(one)?.metrics[name]);
  if (typeof its !== 'number' || typeof champions !== 'number')
    return { passed: false, detail: `${name} is ${its ?? 'missing'}, the champion's ${champions ?? 'missing'}` };
  const change = improvement(its, champions, goal);
  return {
    passed: change >= -tolerance - slack,
    detail: `${name} ${signed(change)}, at worst ${signed(-tolerance)} wanted`,
  };
}

type NoWorseMetric = Extract<Guard, { kind: 'noWorse' }>['metrics'][number];

/**
 * Holm's correction over the challengers that are tried, which are all that reach the significance guard: adjusted
 * p-values, each to be held against alpha itself. S. Holm (1979), "A simple sequentially rejective multiple test
 * procedure".
 */
export function holm(pValues: ReadonlyMap<string, number>): Map<string, number> {
  const rising = [...pValues].sort(([a, p], [b, q]) => p - q || (a < b ? -1 : 1));
  const adjusted = new Map<string, number>();
  let largest = 0;
  for (const [i, [id, p]] of rising.entries()) {
    largest = Math.max(largest, Math.min(1, (rising.length - i) * p));
    adjusted.set(id, largest);
  }
  return adjusted;
}

export const comparisonsById = ({ comparisons }: SelectionInput) =>
  new Map(comparisons.map((comparison) => [comparison.challenger, comparison]));

/** At most four significant digits behind what is there: enough to tell, short enough to read. */
export const shortly = (value: number) => String(Number(value.toPrecision(4)));
export const signed = (value: number) => (value > 0 ? `+${shortly(value)}` : shortly(value));
