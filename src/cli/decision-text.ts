import type { Decision, DecisionSummary } from '../client/decisions.ts';
import type { Candidate, SelectionPreview } from '../client/environments.ts';
import { type Cell, facts, type Tone, table, toned } from './kit/table.ts';
import type { Terminal } from './kit/terminal.ts';
import { count, difference, exactTime, figure, relativeTime } from './kit/words.ts';
import { allowanceText, codedText, modelText, slotText } from './slots.ts';

/** How many candidates a table shows unless all are asked for; those with a rank come first. */
export const most = 30;

export interface Extent {
  /** Every candidate, however many. */
  readonly all?: boolean | undefined;
}

/** A decision whole: what it came to and why, then every candidate with its score and the reason. */
export function decisionText(found: Decision, terminal: Terminal, extent: Extent = {}): string {
  const { decision, metric, holdout, allow, candidates } = found;
  const now = terminal.now();
  const about = facts(
    [
      ['decision', `${decision.id}, number ${decision.sequence} about ${slotText(decision)}`],
      ['made', `${relativeTime(decision.time, now)} (${exactTime(decision.time)}) by ${decision.actor}`],
      ['kind', kindText(decision)],
      ['why', decision.detail],
      ['measured', measured(metric, holdout)],
      ['allowed', allowanceText(allow)],
      ['flags', decision.flags.length === 0 ? null : { text: decision.flags.join(', '), tone: 'warn' }],
      ['again', repeatsText(decision, now)],
      ['digest', decision.digest],
    ],
    terminal,
  );
  return `${headline(decision, terminal)}\n${about}${candidatesText(candidates, metric?.name, terminal, extent)}`;
}

/** What a selection would say now, in the same shape. */
export function previewText(preview: SelectionPreview, terminal: Terminal, extent: Extent = {}): string {
  const { candidates, champion, challenger, metric, holdout } = preview;
  const named = (id: string | null) => {
    const found = candidates.find((candidate) => candidate.id === id);
    return found === undefined ? null : codedText(found);
  };
  const would = outcomeText({ ...preview, before: named(champion), after: named(challenger), isWish: true });
  const about = facts(
    [
      ['why', preview.detail],
      ['measured', measured(metric, holdout)],
      ['first', unscoredText(candidates)],
      ['flags', preview.flags.length === 0 ? null : { text: preview.flags.join(', '), tone: 'warn' }],
    ],
    terminal,
  );
  const head = toned(`${slotText(preview)} ${would}.`, outcomeTone(preview.outcome), terminal);
  return `${head}\n${about}${candidatesText(candidates, metric.name, terminal, extent)}`;
}

/** `wine on PROD serves AImodel version 3, code 2.0 instead of …`, as one line. */
export function headline(decision: DecisionSummary, terminal: Terminal): string {
  const [before, after] = [decision.before, decision.after].map((ref) => (ref === null ? null : codedText(ref)));
  const text = `${slotText(decision)} ${outcomeText({ ...decision, before: before ?? null, after: after ?? null })}.`;
  return toned(text, outcomeTone(decision.outcome), terminal);
}

interface Outcome {
  readonly outcome: string;
  readonly reason: string;
  readonly before: string | null;
  readonly after: string | null;
  readonly isWish?: boolean;
}

function outcomeText({ outcome, reason, before, after, isWish = false }: Outcome): string {
  const verb = (is: string, would: string) => (isWish ? `would ${would}` : is);
  switch (outcome) {
    case 'first':
      return `${verb('serves', 'serve')} ${after}, its first champion`;
    case 'replaced':
      return `${verb('serves', 'serve')} ${after} instead of ${before}`;
    case 'kept':
      return `${verb('keeps', 'keep')} ${before ?? after} (${reason})`;
    case 'awaiting_approval':
      return `${verb('waits', 'wait')} for an approval; ${before ?? 'nothing'} goes on`;
    default:
      return `${verb('serves', 'serve')} nothing (${reason})`;
  }
}

const outcomes: Readonly<Record<string, Tone>> = {
  first: 'good',
  replaced: 'good',
  kept: 'strong',
  awaiting_approval: 'warn',
};

export const outcomeTone = (outcome: string): Tone => outcomes[outcome] ?? 'bad';

const kindText = ({ kind, trigger }: DecisionSummary) =>
  `${kind}, set off by ${trigger.kind}${trigger.detail === null ? '' : ` (${trigger.detail})`}`;

const repeatsText = ({ repeats, lastTime }: DecisionSummary, now: number) =>
  repeats === 0 ? null : `the same inputs came ${count(repeats, 'time')} more, last ${relativeTime(lastTime, now)}`;

function measured(metric: Decision['metric'], holdout: Decision['holdout']): string | null {
  if (metric === null) return null;
  const where = holdout === null ? 'no holdout is pinned' : `on ${holdout.name}@${holdout.version}`;
  return `${metric.name}, ${metric.goal === 'minimize' ? 'less' : 'more'} is better; ${where}`;
}

/** A preview evaluates nothing, so a selection may come to something else. */
function unscoredText(candidates: readonly Candidate[]): Cell {
  const unscored = candidates.filter(({ reason }) => reason === 'not_evaluated').length;
  if (unscored === 0) return null;
  return { text: `${count(unscored, 'candidate')} without a score would be evaluated first`, tone: 'warn' };
}

function candidatesText(
  candidates: readonly Candidate[],
  metric: string | undefined,
  terminal: Terminal,
  { all = false }: Extent,
): string {
  if (candidates.length === 0) return '';
  const shown = all ? candidates : candidates.slice(0, most);
  const rows = table(
    ['rank', 'candidate', 'code', metric ?? 'score', 'margin', 'verdict', 'why'],
    shown.map((candidate) => [
      candidate.rank,
      modelText(candidate),
      candidate.codeVersion,
      candidate.score === null ? null : figure(candidate.score),
      candidate.margin === null || candidate.verdict === 'champion' ? null : difference(candidate.margin),
      verdictCell(candidate),
      whyText(candidate),
    ]),
    terminal,
  );
  return `\n${rows}${restText(candidates.slice(shown.length))}`;
}

/** How many are not shown, and why they were refused. */
export function restText(rest: readonly Candidate[]): string {
  if (rest.length === 0) return '';
  const reasons = new Map<string, number>();
  for (const { reason, verdict } of rest) {
    const word = reason ?? verdict.replaceAll('_', ' ');
    reasons.set(word, (reasons.get(word) ?? 0) + 1);
  }
  const counts = [...reasons].sort(([, a], [, b]) => b - a).map(([reason, number]) => `${number} ${reason}`);
  return `and ${rest.length} more: ${counts.join(', ')}. --all shows them.\n`;
}

const verdicts: Readonly<Record<string, readonly [text: string, tone: Tone]>> = {
  chosen: ['chosen', 'good'],
  champion: ['champion', 'strong'],
  replaced: ['replaced', 'faint'],
  awaiting_approval: ['awaits approval', 'warn'],
  not_better: ['not better', 'faint'],
  guard_failed: ['fails', 'bad'],
  outranked: ['outranked', 'faint'],
  held_back: ['held back', 'warn'],
  refused: ['refused', 'bad'],
};

/** `fails minImprovement`, `refused: outside_allowance`, `held back: pinned`. */
export function verdictCell({ verdict, reason }: Pick<Candidate, 'verdict' | 'reason'>): Cell {
  const [word, tone] = verdicts[verdict] ?? [verdict, 'faint'];
  if (reason === null) return { text: word, tone };
  return { text: verdict === 'guard_failed' ? `${word} ${reason}` : `${word}: ${reason}`, tone };
}

/** The guards that it came to, one a line; else the values behind the reason. */
export function whyText({ guards, detail }: Pick<Candidate, 'guards' | 'detail'>): string {
  if (guards.length === 0) return detail ?? '';
  return guards.map(({ guard, passed, detail: values }) => `${passed ? '✓' : '✗'} ${guard}: ${values}`).join('\n');
}
