import type { AppliedConfiguration, ConfigurationPlan } from '../client/configuration.ts';
import { outcomeTone } from './decision-text.ts';
import { type Cell, table } from './kit/table.ts';
import type { Terminal } from './kit/terminal.ts';
import { count, difference } from './kit/words.ts';
import { codedText, slotText } from './slots.ts';

type Changes = ConfigurationPlan['changes'];
type Conflicts = ConfigurationPlan['aliasConflicts'];
type PlannedSlot = ConfigurationPlan['slots'][number];

/** The settings that change. */
export const changesText = (changes: Changes, terminal: Terminal): string =>
  table(
    ['setting', 'before', 'after'],
    changes.map(({ path, kind, before, after }): Cell[] => [
      path,
      before === null ? null : { text: before, tone: kind === 'removed' ? 'bad' : 'faint' },
      after === null ? null : { text: after, tone: 'good' },
    ]),
    terminal,
  );

/** `3 settings change`. */
export const howManyChange = ({ length }: Changes): string =>
  length === 1 ? '1 setting changes' : `${count(length, 'setting')} change`;

/** For people in front of a terminal. */
export function planText({ changed, changes, slots, aliasConflicts }: ConfigurationPlan, terminal: Terminal): string {
  const settings = changed
    ? `${howManyChange(changes)}:\n\n${changesText(changes, terminal)}`
    : 'No setting changes.\n';
  const models =
    slots.length === 0
      ? ''
      : `\nWhat would then be served:\n\n${table(
          ['service', 'environment', 'serves', 'would serve', 'margin', 'why'],
          slots.map((slot) => [
            slot.service,
            slot.environment.toUpperCase(),
            nowText(slot),
            { text: thenText(slot), tone: moves(slot) ? outcomeTone(slot.outcome) : 'faint' },
            marginText(slot),
            whyText(slot),
          ]),
          terminal,
        )}`;
  return settings + models + conflictsText(aliasConflicts);
}

/** For a comment on a pull request: GitHub's and GitLab's Markdown. */
export function planMarkdown({ changed, changes, slots, aliasConflicts }: ConfigurationPlan): string {
  const rows = (...lines: readonly (readonly string[])[]) =>
    lines.map((cells) => `| ${cells.join(' | ')} |\n`).join('');
  const settings = changed
    ? `**${howManyChange(changes)}.**\n\n${rows(
        ['setting', 'before', 'after'],
        ['---', '---', '---'],
        ...changes.map(({ path, before, after }) => [code(path), code(before), code(after)]),
      )}`
    : 'No setting changes.\n';
  const moving = slots.filter(moves).length;
  const models =
    slots.length === 0
      ? ''
      : `\n**${moving === 0 ? 'No environment would serve another model' : `${count(moving, 'environment')} would serve another model`}.**\n\n${rows(
          ['service', 'environment', 'serves', 'would serve', 'margin', 'why'],
          ['---', '---', '---', '---', '---', '---'],
          ...slots.map((slot) => [
            plain(slot.service),
            plain(slot.environment.toUpperCase()),
            plain(nowText(slot)),
            moves(slot) ? `**${plain(thenText(slot))}**` : plain(thenText(slot)),
            plain(marginText(slot) ?? ''),
            plain(whyText(slot)),
          ]),
        )}`;
  return `<!-- cellar plan -->\n### cellar plan\n\n${settings}${models}${plain(conflictsText(aliasConflicts), '\n')}`;
}

export function appliedText(applied: AppliedConfiguration, terminal: Terminal): string {
  const { changed, no, changes, adopted } = applied;
  if (!changed) return `Nothing changes: configuration ${no} says the same already.\n`;
  const settings = changes.length === 0 ? '' : `\n${changesText(changes, terminal)}`;
  const aliases = adopted.map(
    ({ registeredModel, version, environment }) => `${registeredModel}@${environment} (version ${version})`,
  );
  const taken = aliases.length === 0 ? '' : `\nTaken over from users: ${aliases.join(', ')}.\n`;
  return `Configuration ${no} holds now; ${count(changes.length, 'setting')} changed.\n${settings}${taken}`;
}

const moves = ({ outcome }: PlannedSlot) => outcome === 'first' || outcome === 'replaced';
const nowText = ({ champion }: PlannedSlot) => (champion === null ? 'nothing' : codedText(champion));

function thenText(slot: PlannedSlot): string {
  const { challenger, outcome } = slot;
  if (challenger !== null && moves(slot)) return codedText(challenger);
  const stays = slot.champion === null ? 'nothing' : 'the same';
  return challenger !== null && outcome === 'awaiting_approval'
    ? `${stays}, until ${codedText(challenger)} is approved`
    : stays;
}

const marginText = ({ margin }: PlannedSlot) => (margin === null ? null : difference(margin));

const whyText = ({ detail, notEvaluated }: PlannedSlot) =>
  notEvaluated === 0
    ? detail
    : `${detail} ${count(notEvaluated, 'candidate has', 'candidates have')} no score yet and would be evaluated first.`;

const conflictsText = (conflicts: Conflicts): string =>
  conflicts
    .map(
      ({ registeredModel, environment, version, service }) =>
        `\nA user has set the alias ${environment} on ${registeredModel} version ${version}: --adopt-aliases hands it to ${slotText({ service, environment })}.\n`,
    )
    .join('');

/** A value as a code span in a table's cell. */
const code = (text: string | null) =>
  text === null
    ? ''
    : `\`${text
        .replace(/[\s\p{Cc}]+/gu, ' ')
        .replaceAll('`', "'")
        .replaceAll('|', '\\|')}\``;

/** Text that means nothing to Markdown. */
const plain = (text: string, newline = ' ') =>
  text
    .replace(/[\\`*_{}[\]<>|#~]/g, '\\$&')
    .replace(/[\s\p{Cc}]+/gu, (space) => (space.includes('\n') ? newline : ' '));
