import type { Candidate, Decision } from '../app/api.ts';

/** What the server's words mean to a reader. A word that is not known here is shown as it is, with spaces. */

type Tone = 'plain' | 'good' | 'bad' | 'wait' | 'champion';

export interface Said {
  readonly words: string;
  readonly tone: Tone;
}

const plain = (word: string): string => word.replaceAll('_', ' ');
const lookedUp = (words: Readonly<Record<string, Said>>, word: string): Said =>
  words[word] ?? { words: plain(word), tone: 'plain' };

const outcomes: Readonly<Record<string, Said>> = {
  first: { words: 'first champion', tone: 'good' },
  replaced: { words: 'replaced', tone: 'good' },
  kept: { words: 'kept', tone: 'plain' },
  none: { words: 'no champion', tone: 'wait' },
  awaiting_approval: { words: 'waits for approval', tone: 'wait' },
};
export const outcomeSaid = (outcome: string): Said => lookedUp(outcomes, outcome);

const verdicts: Readonly<Record<string, Said>> = {
  chosen: { words: 'chosen', tone: 'good' },
  champion: { words: 'champion', tone: 'champion' },
  replaced: { words: 'replaced', tone: 'plain' },
  awaiting_approval: { words: 'waits for approval', tone: 'wait' },
  not_better: { words: 'not better', tone: 'plain' },
  guard_failed: { words: 'guard failed', tone: 'bad' },
  outranked: { words: 'outranked', tone: 'plain' },
  held_back: { words: 'held back', tone: 'wait' },
  refused: { words: 'not eligible', tone: 'plain' },
};
export const verdictSaid = ({ verdict }: Pick<Candidate, 'verdict'>): Said => lookedUp(verdicts, verdict);

const reasons: Readonly<Record<string, string>> = {
  no_registered_model: 'belongs to no registered model',
  no_code_version: 'has no code version',
  outside_allowance: 'outside the allowance',
  no_source_run: 'has no source run',
  where_not_matched: 'its run does not match the filter',
  not_ready: 'not ready',
  archived_by_user: 'archived',
  quarantined: 'in quarantine',
  on_hold: 'on hold',
  artifact_changed: 'its files have changed',
  missing_tag: 'a tag is missing',
  not_tested: 'not tested on the environment before',
  not_evaluated: 'not evaluated',
  not_evaluated_outside_window: 'too old to be evaluated',
  evaluation_failed: 'its evaluation failed',
  metric_not_a_number: 'its metric is no number',
  min_dwell: 'minimum dwell',
  max_swaps_per_day: 'most replacements a day',
};

/** Why a candidate stands where it does, in a few words; '' where its verdict says all. */
export const reasonSaid = ({ reason }: Pick<Candidate, 'reason'>): string =>
  reason === null ? '' : (reasons[reason] ?? guards[reason] ?? plain(reason));

const guards: Readonly<Record<string, string>> = {
  minImprovement: 'minimum improvement',
  significance: 'significance',
  noWorse: 'no worse',
  sameSignature: 'same signature',
  maxLatencyMs: 'latency',
  maxSizeMiB: 'size',
};
export const guardName = (guard: string): string => guards[guard] ?? plain(guard);

export const goalSaid = (goal: string): string => (goal === 'minimize' ? 'lower is better' : 'higher is better');

const bounds: readonly (readonly [RegExp, string])[] = [
  [/^<=(.+)$/, 'up to and including'],
  [/^<(.+)$/, 'below'],
  [/^>=(.+)$/, 'from'],
  [/^>(.+)$/, 'above'],
  [/^=(.+)$/, 'exactly'],
  [/^~(.+)$/, 'patches of'],
  [/^\^(.+)$/, 'compatible with'],
  [/^(.+\.x)$/, 'any'],
];

/** A range of code versions in words: `>=1.0 <=2.0` is "from 1.0 up to and including 2.0". */
export function allowanceSaid(range: string): string {
  if (range.trim() === '*') return 'any code version';
  return range
    .split('||')
    .map((alternative) =>
      alternative
        .trim()
        .split(/\s+/)
        .map((bound) => {
          for (const [pattern, words] of bounds) {
            const version = pattern.exec(bound)?.[1];
            if (version !== undefined) return `${words} ${version}`;
          }
          return bound;
        })
        .join(' '),
    )
    .join(', or ');
}

/** The record of a decision that a selection made. */
export type SelectionRecord = Extract<Decision['record'], { readonly input: { readonly policy: object } }>;
type Policy = SelectionRecord['input']['policy'];
type Guard = Policy['guards'][number];

/** What a guard asks of a challenger. */
export function guardSaid(guard: Guard): string {
  switch (guard.kind) {
    case 'minImprovement':
      return 'percent' in guard
        ? `at least ${guard.percent}% better than the champion`
        : `at least ${guard.absolute} better than the champion`;
    case 'significance':
      return `better with p at most ${guard.alpha}`;
    case 'noWorse':
      return guard.metrics.map(({ name, tolerance }) => `${name} at most ${tolerance} worse`).join(', ');
    case 'sameSignature':
      return 'takes and gives what the champion does';
    case 'maxLatencyMs':
      return `95 of 100 rows within ${guard.limit} ms`;
    case 'maxSizeMiB':
      return `at most ${guard.limit} MiB`;
  }
}
