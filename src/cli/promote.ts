import { type Command, InvalidArgumentError } from 'commander';
import type { Evidence, Promote, Promotion } from '../client/environments.ts';
import { hasCode } from '../client/errors.ts';
import { decisionText, previewText } from './decision-text.ts';
import { type Answer, asking, confirmed, Failure, failure, remoteCommand, wholeNumber } from './kit/command.ts';
import { facts } from './kit/table.ts';
import type { Terminal } from './kit/terminal.ts';
import { count, duration, exactTime, figure } from './kit/words.ts';
import { changesText, howManyChange } from './plan-text.ts';
import { allowance, codedText, environmentName, slotText } from './slots.ts';

interface Options {
  readonly from: string;
  readonly to: string;
  readonly allow: Record<string, string>;
  readonly reason: string;
  readonly pin?: number;
  readonly waiveSignature?: string;
  readonly yes?: boolean;
  readonly dryRun?: boolean;
  readonly json?: boolean;
}

/** What a promotion that did not come about ends with. */
const refused = 3;

/** `cellar promote`: code that one environment proved, for the next one. */
export function promoteCommand(terminal: Terminal): Command {
  return remoteCommand(terminal, 'promote', {
    summary: 'Sign off the code that one environment has proved, let the next one admit it, and select there.',
    notes:
      'First shows what was proved and what will change, and asks. All of it happens or nothing: where the promoted code\ndoes not win, nothing changes, and it ends with 3 naming the guard or the better model.',
    examples: [
      `cellar promote wine --from int --to prod --allow 'AImodel=<=2.0' --reason "a week on INT without an error"`,
      [`cellar promote wine --from int --to prod --allow 'AImodel=<=2.0' --reason "release 2.0" --yes`, 'in a program'],
      [
        `cellar promote wine --from int --to prod --allow 'AImodel=2.0' --reason "we know" --pin 7`,
        'version 7, whatever selection says',
      ],
    ],
  })
    .argument('<SERVICE>', 'name of the service')
    .requiredOption('--from <ENVIRONMENT>', 'whose champion’s code is promoted', environmentName)
    .requiredOption('--to <ENVIRONMENT>', 'that is to admit it', environmentName)
    .requiredOption('--allow <MODEL=RANGE>', 'the range of code versions it will admit; may be repeated', allowance)
    .requiredOption('--reason <TEXT>', 'the sign-off, for the records')
    .option('--pin <VERSION>', 'make this version the champion, and pin it', wholeNumber(1))
    .option('--waive-signature <REASON>', 'accept that it takes or gives other columns, and why', filled)
    .option('--dry-run', 'only show what was proved and what would change')
    .option('--yes', 'do not ask')
    .action(
      asking<[string, Options]>(terminal, async (client, service, options) => {
        const { from, to, allow, reason, pin, waiveSignature, yes = false, dryRun = false, json = false } = options;
        const slot = { service, environment: to };
        const promotion: Promote = { from, allow, reason, pin, waiveSignature };
        if (json && !yes && !dryRun) throw new Failure('With --json nobody is asked: pass --yes, or --dry-run.', 2);
        if (dryRun || !yes) {
          const preview = await client.previewPromotion(slot, promotion);
          const text = () => proofText(preview, promotion, terminal);
          if (dryRun) return { value: preview, text };
          const question = `Promote ${coded(preview.evidence)} to ${to.toUpperCase()}?`;
          if (terminal.ask !== undefined) terminal.write(`${text()}\n`);
          if (!(await confirmed(terminal, question, 'pass --yes, or --dry-run to see what would change.')))
            return { value: preview, text: () => 'Nothing changed.\n', exitCode: 1 };
        }
        try {
          return made(await client.promote(slot, promotion), { terminal, isSeen: !yes });
        } catch (error) {
          if (hasCode(error, 'RESOURCE_CONFLICT')) throw new Failure(failure(error), refused, error);
          throw error;
        }
      }),
    );
}

function made(promotion: Promotion, { terminal, isSeen }: { terminal: Terminal; isSeen: boolean }): Answer {
  const { decision } = promotion;
  const proof = isSeen ? '' : `${evidenceText(promotion.evidence, terminal)}\n`;
  const changes = isSeen ? '' : `${settingsText(promotion, terminal)}\n`;
  const text = () => `${proof}${changes}${decision === null ? '' : decisionText(decision, terminal)}`;
  return { value: promotion, text };
}

function proofText(promotion: Promotion, { pin }: Promote, terminal: Terminal): string {
  const { preview, evidence } = promotion;
  const next =
    pin === undefined
      ? previewText(preview, terminal)
      : `${slotText(preview)} would serve ${evidence.registeredModel} version ${pin}, pinned, whatever selection says.\n`;
  return [evidenceText(evidence, terminal), settingsText(promotion, terminal), next].join('\n');
}

const coded = ({ registeredModel, codeVersion }: Evidence) => `${registeredModel} ${codeVersion}`;

/** What the environment before has proved. */
function evidenceText(evidence: Evidence, terminal: Terminal): string {
  const { environment, championSince, liveMs, decisionsSurvived, evaluations, evaluationsFailed, quarantines } =
    evidence;
  const errors = evaluationsFailed + quarantines;
  const head = `What ${environment.toUpperCase()} has proved of ${coded(evidence)}:\n`;
  return (
    head +
    facts(
      [
        ['champion', codedText({ ...evidence, modelId: null })],
        ['since', `${exactTime(championSince)}, live for ${duration(liveMs)}`],
        ['survived', count(decisionsSurvived, 'decision')],
        ['score', evidence.score === null ? null : figure(evidence.score)],
        ['evaluations', `${evaluations} made, ${evaluationsFailed} failed`],
        [
          'errors',
          errors === 0
            ? { text: 'none', tone: 'good' }
            : {
                text: `${count(evaluationsFailed, 'failed evaluation')}, ${count(quarantines, 'model')} that could not be served`,
                tone: 'bad',
              },
        ],
      ],
      terminal,
    )
  );
}

function settingsText({ changes }: Promotion, terminal: Terminal): string {
  return changes.length === 0
    ? 'No setting changes.\n'
    : `${howManyChange(changes)}:\n${changesText(changes, terminal)}`;
}

function filled(text: string): string {
  if (text.trim() === '') throw new InvalidArgumentError('Expected a reason.');
  return text;
}
