import type { Command } from 'commander';
import type { AllowancePreview, Candidate, Slot } from '../client/environments.ts';
import { decisionText, type Extent, most, previewText, restText, verdictCell, whyText } from './decision-text.ts';
import { asking, remoteCommand } from './kit/command.ts';
import { table } from './kit/table.ts';
import type { Terminal } from './kit/terminal.ts';
import { count, figure } from './kit/words.ts';
import { allowance, allowanceText, atSlot, type Env, modelText, slotOf, slotText } from './slots.ts';

const allOption = ['--all', 'show every candidate, however many'] as const;

/** `cellar select`: decides now. */
export function selectCommand(terminal: Terminal): Command {
  return atSlot(
    remoteCommand(terminal, 'select', {
      summary: 'Select now which model an environment serves: evaluate what has no score yet, wait for it, decide.',
      examples: [
        'cellar select wine --env prod',
        ['cellar select wine --env prod --dry-run', 'what would be decided now, by the scores that are there'],
      ],
    }),
  )
    .option('--dry-run', 'change nothing and evaluate nothing')
    .option(...allOption)
    .action(
      asking<[string, Env & { dryRun?: boolean; all?: boolean }]>(terminal, async (client, service, given) => {
        const slot = slotOf(service, given);
        if (given.dryRun === true) {
          const preview = await client.previewSelection(slot);
          return { value: preview, text: () => previewText(preview, terminal, given) };
        }
        const decision = await client.select(slot);
        return { value: decision, text: () => decisionText(decision, terminal, given) };
      }),
    );
}

/** `cellar candidates`: who could serve, also under other ranges. */
export function candidatesCommand(terminal: Terminal): Command {
  return atSlot(
    remoteCommand(terminal, 'candidates', {
      summary: 'List the candidates of a service: those that are admitted, and those that are refused and why.',
      examples: [
        'cellar candidates wine --env prod',
        ["cellar candidates wine --env prod --allow 'AImodel=<=2.0'", 'before the allowance is changed'],
      ],
    }),
  )
    .option('--allow <MODEL=RANGE>', 'as if the allowance had this range; may be repeated', allowance)
    .option(...allOption)
    .action(
      asking<[string, Env & { allow?: Record<string, string>; all?: boolean }]>(
        terminal,
        async (client, service, given) => {
          const slot = slotOf(service, given);
          if (given.allow === undefined) {
            const preview = await client.previewSelection(slot);
            return { value: preview, text: () => previewText(preview, terminal, given) };
          }
          const preview = await client.previewAllowance(slot, given.allow);
          return { value: preview, text: () => allowanceTable(slot, preview, terminal, given) };
        },
      ),
    );
}

function allowanceTable(
  slot: Slot,
  { allow, admitted, refused }: AllowancePreview,
  terminal: Terminal,
  { all = false }: Extent,
): string {
  const row = (candidate: Candidate, isAdmitted: boolean) => [
    isAdmitted ? ({ text: 'admitted', tone: 'good' } as const) : ({ text: 'not admitted', tone: 'bad' } as const),
    modelText(candidate),
    candidate.codeVersion,
    candidate.score === null ? null : figure(candidate.score),
    verdictCell(candidate),
    whyText(candidate),
  ];
  const head = `With ${allowanceText(allow)}, ${slotText(slot)} admits ${count(admitted.length, 'candidate')} and refuses ${refused.length} by the code version.`;
  if (admitted.length + refused.length === 0) return `${head}\n`;
  const both = [...admitted, ...refused];
  const shown = all ? both : both.slice(0, most);
  const rows = table(
    ['allowance', 'candidate', 'code', 'score', 'verdict', 'why'],
    shown.map((each, at) => row(each, at < admitted.length)),
    terminal,
  );
  return `${head}\n\n${rows}${restText(both.slice(shown.length))}`;
}
