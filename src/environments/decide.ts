import { eligibility, isPromoted, isUnscored, type Refused, scoreOf } from './eligibility.ts';
import { comparisonsById, type GuardContext, holm, improvement, runGuards, signed } from './guards.ts';
import { byId, rankedBy } from './ranking.ts';
import type { Candidate, GuardResult, Outcome, SelectionInput, SelectionResult, Verdict } from './selection-input.ts';

/**
 * Chooses the champion of a slot: eligibility → ranking → guards → brakes → approval. Pure: the same input gives the
 * same result to the byte, whatever the order of the candidates and of the comparisons.
 */
export function decide(input: SelectionInput): SelectionResult {
  const field = survey(input);
  const { champion } = field;
  const winner = field.tried.find((one) => one.failed === null) ?? null;
  const flags = field.championRefused ? ['champion_ineligible'] : [];

  if (champion !== null && input.pin !== null)
    return kept('pinned', `Pinned by decision ${input.pin.decision}; cellar release lets selection go on.`, 'pinned');
  if (field.championUnscored) {
    flags.push('alert');
    return kept(
      'champion_not_evaluated',
      `The champion has no score to compare with: ${field.refused.get(champion!)!.detail}`,
      'champion_not_evaluated',
    );
  }
  if (winner === null) {
    if (champion === null) return done('none', 'no_eligible_candidate', noneDetail(field), null);
    const reason = field.championRefused
      ? 'champion_ineligible'
      : field.tried.length === 0
        ? 'no_better_candidate'
        : 'no_challenger_passed';
    return kept(reason, keptDetail(field));
  }
  if (field.compared.includes(winner.candidate.id) && comparisonsById(input).get(winner.candidate.id)?.pValue === null)
    flags.push('margin_only');
  const brake = champion === null || field.championRefused || input.act !== null ? null : brakeOf(input);
  if (brake !== null) return kept(brake.reason, brake.detail, brake.reason);
  const what = nameOf(winner.candidate);
  if (waitsForApproval(input, winner.candidate))
    return done('awaiting_approval', `approval_${input.policy.approval}`, `${what} waits for an approval.`, winner);
  if (champion === null) return done('first', 'first_champion', `${what} is the first champion.`, winner);
  return field.championRefused
    ? done(
        'replaced',
        'champion_ineligible',
        `${nameOf(champion)} may not stay (${field.refused.get(champion)!.reason}); ${what} is the best that may.`,
        winner,
      )
    : done(
        'replaced',
        'better',
        `${what} is better than ${nameOf(champion)} by ${signed(field.marginOf(winner.candidate)!)} ${input.policy.metric.name}.`,
        winner,
      );

  function kept(reason: string, detail: string, heldBackBy: string | null = null): SelectionResult {
    return done('kept', reason, detail, null, heldBackBy);
  }
  function done(
    outcome: Outcome,
    reason: string,
    detail: string,
    chosen: Tried | null,
    heldBackBy: string | null = null,
  ): SelectionResult {
    const challenger = chosen?.candidate ?? null;
    return {
      outcome,
      reason,
      detail,
      challenger: challenger?.id ?? null,
      margin: challenger === null ? null : field.marginOf(challenger),
      flags,
      verdicts: verdictsOf(input, field, winner, outcome, heldBackBy),
    };
  }
}

/** The challengers whose comparison with the champion is missing; find out, record, and `decide`. */
export function missingComparisons(input: SelectionInput): string[] {
  const known = comparisonsById(input);
  return survey(input).compared.filter((id) => !known.has(id));
}

/** What is left to say of a slot once eligibility, ranking and guards are done. */
interface Field {
  readonly champion: Candidate | null;
  /** The champion may not stay for a reason of its own: whoever is eligible replaces it, without comparison. */
  readonly championRefused: boolean;
  /** The champion could not be scored, so nothing can be compared with it. */
  readonly championUnscored: boolean;
  /** The eligible, best first, the champion among them where it is eligible. */
  readonly ranked: readonly Candidate[];
  readonly refused: ReadonlyMap<Candidate, Refused>;
  /** The challengers that are better than the champion, best first, with their guards. */
  readonly tried: readonly Tried[];
  /** Those that reach the significance guard. */
  readonly compared: readonly string[];
  /** The score less the champion's, positive for better; null without a champion that has a score. */
  marginOf(candidate: Candidate): number | null;
}

interface Tried {
  readonly candidate: Candidate;
  readonly guards: readonly GuardResult[];
  readonly failed: GuardResult | null;
}

function survey(input: SelectionInput): Field {
  const { policy } = input;
  const refusalOf = eligibility(policy);
  const refused = new Map<Candidate, Refused>();
  const eligible: Candidate[] = [];
  for (const candidate of input.candidates) {
    const refusal = refusalOf(candidate);
    if (refusal === null) eligible.push(candidate);
    else refused.set(candidate, refusal);
  }
  const ranked = rankedBy(eligible, policy);
  const champion = input.candidates.find((candidate) => candidate.id === input.champion?.id) ?? null;
  const championReason = champion === null ? undefined : refused.get(champion)?.reason;
  const championUnscored = championReason !== undefined && isUnscored(championReason);
  const championRefused = championReason !== undefined && !championUnscored;
  const rival = championRefused || championUnscored ? null : champion;
  const championScore = champion === null ? null : scoreOf(champion, policy);
  const marginOf = (candidate: Candidate) =>
    championScore === null ? null : improvement(scoreOf(candidate, policy)!, championScore, policy.metric.goal);
  const challengers = championUnscored
    ? []
    : ranked.filter((candidate) => candidate !== champion && (rival === null || marginOf(candidate)! > 0));
  const { tried, compared } = tryGuards(input, challengers, rival);
  return { champion, championRefused, championUnscored, ranked, refused, tried, compared, marginOf };
}

/** Significance is corrected for all that are tried: those that pass every guard written before it. */
function tryGuards(input: SelectionInput, challengers: readonly Candidate[], champion: Candidate | null) {
  const { guards } = input.policy;
  const act = input.act?.kind === 'promotion' ? input.act : null;
  const context = (adjusted: ReadonlyMap<string, number>, candidate: Candidate): GuardContext => ({
    policy: input.policy,
    champion,
    waiveSignature: act !== null && isPromoted(act, candidate) ? act.waiveSignature : null,
    comparisons,
    adjusted,
  });
  const comparisons = comparisonsById(input);
  const at = champion === null ? -1 : guards.findIndex((guard) => guard.kind === 'significance');
  const [before, after] = at === -1 ? [guards, []] : [guards.slice(0, at), guards.slice(at)];
  const begun = challengers.map((candidate) => ({
    candidate,
    results: runGuards(candidate, before, context(new Map(), candidate)),
  }));
  const reaching =
    at === -1
      ? []
      : begun.filter(({ results }) => results.every(({ passed }) => passed)).map(({ candidate }) => candidate);
  const pValues = reaching.flatMap(({ id }): [string, number][] => {
    const p = comparisons.get(id)?.pValue;
    return typeof p === 'number' ? [[id, p]] : [];
  });
  const adjusted = holm(new Map(pValues));
  const tried = begun.map(({ candidate, results }): Tried => {
    const failed = results.find(({ passed }) => !passed);
    if (failed !== undefined) return { candidate, guards: results, failed };
    const all = [...results, ...runGuards(candidate, after, context(adjusted, candidate))];
    return { candidate, guards: all, failed: all.find(({ passed }) => !passed) ?? null };
  });
  return { tried, compared: reaching.map(({ id }) => id) };
}

const dayMs = 86_400_000;

function brakeOf({ time, policy, champion, pause, swaps }: SelectionInput): { reason: string; detail: string } | null {
  const { minDwellMs, maxSwapsPerDay } = policy.brakes;
  if (pause !== null && (pause.until === null || pause.until > time))
    return { reason: 'paused', detail: `Paused by ${pause.by}: ${pause.reason}` };
  const dwelt = time - champion!.since;
  if (dwelt < minDwellMs)
    return {
      reason: 'min_dwell',
      detail: `The champion serves since ${minutes(dwelt)}, at least ${minutes(minDwellMs)} wanted.`,
    };
  const recent = swaps.filter((swap) => swap > time - dayMs).length;
  if (maxSwapsPerDay !== null && recent >= maxSwapsPerDay)
    return {
      reason: 'max_swaps_per_day',
      detail: `${recent} replacements within a day, at most ${maxSwapsPerDay} wanted.`,
    };
  return null;
}

const minutes = (ms: number) => `${Math.floor(ms / 60_000)} min`;

function waitsForApproval({ policy, act }: SelectionInput, candidate: Candidate): boolean {
  if (policy.approval === 'none') return false;
  if (act?.kind === 'approval') return act.challenger !== candidate.id;
  if (isPromoted(act, candidate)) return false;
  return policy.approval === 'always' || !candidate.codeApproved;
}

const nameOf = ({ registeredModel, version, codeVersion, modelId }: Candidate) =>
  `${registeredModel} ${codeVersion} (${version === null ? modelId : `version ${version}`})`;

function noneDetail({ tried }: Field): string {
  const best = tried[0];
  return best === undefined
    ? 'No candidate is eligible.'
    : `${nameOf(best.candidate)} fails ${best.failed!.guard}: ${best.failed!.detail}.`;
}

function keptDetail({ champion, championRefused, refused, ranked, tried }: Field): string {
  const best = tried[0];
  const failing = best && `${nameOf(best.candidate)} fails ${best.failed!.guard}: ${best.failed!.detail}`;
  if (championRefused)
    return `${nameOf(champion!)} may not stay (${refused.get(champion!)!.reason}), but ${failing ?? 'nobody else is eligible'}.`;
  if (failing !== undefined) return `${failing}.`;
  return ranked.length === 1 ? 'Nobody else is eligible.' : `None of ${ranked.length - 1} others is better.`;
}

function verdictsOf(
  input: SelectionInput,
  field: Field,
  winner: Tried | null,
  outcome: Outcome,
  heldBackBy: string | null,
): Verdict[] {
  const tried = new Map(field.tried.map((one) => [one.candidate, one]));
  const standing = (candidate: Candidate): Pick<Verdict, 'verdict' | 'reason' | 'detail' | 'guards'> => {
    const one = tried.get(candidate);
    const guards = one?.guards ?? [];
    if (candidate === field.champion) return { verdict: 'champion', reason: null, detail: null, guards };
    if (one === undefined)
      return {
        verdict: field.championUnscored ? 'held_back' : 'not_better',
        reason: field.championUnscored ? heldBackBy : null,
        detail: null,
        guards,
      };
    if (one.failed !== null)
      return { verdict: 'guard_failed', reason: one.failed.guard, detail: one.failed.detail, guards };
    if (one !== winner) return { verdict: 'outranked', reason: null, detail: null, guards };
    if (outcome === 'awaiting_approval') return { verdict: 'awaiting_approval', reason: null, detail: null, guards };
    return outcome === 'kept'
      ? { verdict: 'held_back', reason: heldBackBy, detail: null, guards }
      : { verdict: 'chosen', reason: null, detail: null, guards };
  };
  const ranked = field.ranked.map(
    (candidate, i): Verdict => ({
      id: candidate.id,
      rank: i + 1,
      score: scoreOf(candidate, input.policy),
      margin: field.marginOf(candidate),
      ...standing(candidate),
    }),
  );
  const refused = [...field.refused].map(
    ([candidate, refusal]): Verdict => ({
      id: candidate.id,
      rank: null,
      score: scoreOf(candidate, input.policy),
      margin: null,
      verdict: candidate === field.champion ? 'champion' : 'refused',
      ...refusal,
      guards: [],
    }),
  );
  return [...ranked, ...byId(refused)];
}
