import { type Command, Option } from 'commander';
import type { ChainReport, DecisionPage, DecisionReplay, Standing, Subject } from '../client/decisions.ts';
import { decisionText, outcomeTone, verdictCell, whyText } from './decision-text.ts';
import { asking, group, remoteCommand, wholeNumber } from './kit/command.ts';
import { table, toned } from './kit/table.ts';
import type { Terminal } from './kit/terminal.ts';
import { count, difference, figure, relativeTime } from './kit/words.ts';
import { environmentName, modelText, slotText, subject } from './slots.ts';

interface Filter {
  readonly env?: string;
}

const filtered = (command: Command): Command =>
  command
    .argument('[SERVICE]', 'only about this service')
    .option('--env <ENVIRONMENT>', 'only in this environment', environmentName);

const outcomes = ['first', 'replaced', 'kept', 'none', 'awaiting_approval'];

/** `cellar decisions`: what was decided, and the proof of it. */
export function decisionsCommand(terminal: Terminal): Command {
  return group(terminal, 'decisions', 'Every decision on which model serves, with its reasons, for ever.')
    .addCommand(listCommand(terminal))
    .addCommand(showCommand(terminal))
    .addCommand(verifyCommand(terminal))
    .addCommand(replayCommand(terminal));
}

const listCommand = (terminal: Terminal): Command =>
  filtered(
    remoteCommand(terminal, 'list', {
      summary: 'List decisions, the newest first.',
      examples: [
        'cellar decisions list',
        'cellar decisions list wine --env prod --outcome replaced',
        ['cellar decisions list --about AImodel/3', 'those that considered this version'],
      ],
    }),
  )
    .addOption(new Option('--outcome <OUTCOME>', 'only with this outcome').choices(outcomes))
    .option(
      '--about <RUN_OR_VERSION>',
      'only those that considered it: a run, a logged model, or NAME/VERSION',
      subject,
    )
    .option('--limit <NUMBER>', 'at most so many; 50 unless given', wholeNumber(1))
    .action(
      asking<[string | undefined, Filter & { outcome?: string; about?: Subject; limit?: number }]>(
        terminal,
        async (client, service, { env, outcome, about, limit = 50 }) => {
          const page = await client.listDecisions({ service, environment: env, outcome, about, limit });
          return { value: page, text: () => listed(page, terminal) };
        },
      ),
    );

const showCommand = (terminal: Terminal): Command =>
  remoteCommand(terminal, 'show', {
    summary: 'Show a decision: every candidate with its rank, its score, and why it was or was not chosen.',
    examples: [
      'cellar decisions show d-7be2c1f04a9d4c3e8b6f5a1d2c3e4f50',
      ['cellar decisions show d-7be2c1f04a9d4c3e8b6f5a1d2c3e4f50 --json', 'the record whole'],
    ],
  })
    .argument('<DECISION>', 'id of the decision')
    .option('--all', 'show every candidate, however many')
    .action(
      asking<[string, { all?: boolean }]>(terminal, async (client, id, extent) => {
        const decision = await client.getDecision(id);
        return { value: decision, text: () => decisionText(decision, terminal, extent) };
      }),
    );

const verifyCommand = (terminal: Terminal): Command =>
  filtered(
    remoteCommand(terminal, 'verify', {
      summary: 'Read the chains of decisions, and tell what was changed, is missing, or stands at another place.',
      notes:
        'Ends with 1 when something was found. A chain that was cut or written anew is found only with --head: a digest\nthat was kept elsewhere, such as in a log.',
      examples: ['cellar decisions verify', 'cellar decisions verify wine --env prod --head "$(cat head.txt)"'],
    }),
  )
    .option('--head <DIGEST>', 'digest of a record that must be there; needs SERVICE and --env')
    .action(
      asking<[string | undefined, Filter & { head?: string }]>(terminal, async (client, service, { env, head }) => {
        const report = await client.verifyDecisions({ service, environment: env, head });
        return { value: report, text: () => verified(report, terminal), exitCode: report.intact ? 0 : 1 };
      }),
    );

const replayCommand = (terminal: Terminal): Command =>
  remoteCommand(terminal, 'replay', {
    summary: 'Decide again from what was recorded, and compare the results byte by byte.',
    notes: 'Ends with 1 when they differ.',
    examples: ['cellar decisions replay d-7be2c1f04a9d4c3e8b6f5a1d2c3e4f50'],
  })
    .argument('<DECISION>', 'id of the decision')
    .action(
      asking<[string, object]>(terminal, async (client, id) => {
        const replayed = await client.replayDecision(id);
        return { value: replayed, text: () => replayText(replayed, terminal), exitCode: replayed.identical ? 0 : 1 };
      }),
    );

/** `cellar why`: the standing of a run or a version. */
export function whyCommand(terminal: Terminal): Command {
  return remoteCommand(terminal, 'why', {
    summary: 'Say why a run, a logged model or a version serves or does not: its standing in every decision about it.',
    examples: [
      'cellar why AImodel/3',
      ['cellar why 0f9d8a4c1e6b4b7f9a3d2c5e8f7a6b1c', 'the models of a run'],
      'cellar why m-5c1e6b4b7f9a3d2c5e8f7a6b1c0f9d8a',
    ],
  })
    .argument('<RUN_OR_VERSION>', 'id of a run, id of a logged model, or NAME/VERSION', subject)
    .action(
      asking<[Subject, object]>(terminal, async (client, about) => {
        const standing = await client.why(about);
        return { value: standing, text: () => standingText(about, standing, terminal) };
      }),
    );
}

function listed({ decisions, next }: DecisionPage, terminal: Terminal): string {
  if (decisions.length === 0) return 'No decisions.\n';
  const now = terminal.now();
  const rows = table(
    ['decision', 'made', 'about', 'kind', 'outcome', 'why', 'by'],
    decisions.map((decision) => [
      decision.id,
      relativeTime(decision.time, now),
      slotText(decision),
      decision.kind,
      {
        text: decision.repeats === 0 ? decision.outcome : `${decision.outcome}, ${count(decision.repeats + 1, 'time')}`,
        tone: outcomeTone(decision.outcome),
      },
      decision.detail,
      decision.actor,
    ]),
    terminal,
  );
  return next === null ? rows : `${rows}There are more: --limit ${decisions.length * 2} shows them.\n`;
}

function verified({ intact, slots }: ChainReport, terminal: Terminal): string {
  if (slots.length === 0) return 'No decisions.\n';
  const chains = table(
    ['service', 'environment', 'records', 'head', 'chain'],
    slots.map(({ service, environment, records, head, faults }) => [
      service,
      environment.toUpperCase(),
      records,
      head,
      faults.length === 0 ? { text: 'intact', tone: 'good' } : { text: count(faults.length, 'fault'), tone: 'bad' },
    ]),
    terminal,
  );
  if (intact) return chains;
  const faults = table(
    ['service', 'environment', 'number', 'decision', 'fault'],
    slots.flatMap(({ service, environment, faults: found }) =>
      found.map(({ sequence, id, fault }) => [service, environment.toUpperCase(), sequence, id, fault]),
    ),
    terminal,
  );
  return `${chains}\n${faults}`;
}

function replayText({ id, identical, recorded, recomputed }: DecisionReplay, terminal: Terminal): string {
  if (identical)
    return `${toned('identical', 'good', terminal)}: ${id} comes to the same ${count(new TextEncoder().encode(recorded).length, 'byte')} again.\n`;
  return `${toned('different', 'bad', terminal)}: ${id} comes to another result now.\nrecorded    ${recorded}\nrecomputed  ${recomputed}\n`;
}

function standingText(about: Subject, { championOf, considered }: Standing, terminal: Terminal): string {
  const name = 'runId' in about ? `run ${about.runId}` : 'modelId' in about ? about.modelId : modelText(about);
  const serves = championOf.map((slot) => toned(`${name} is the champion of ${slotText(slot)}.\n`, 'good', terminal));
  if (considered.length === 0)
    return `${serves.join('')}No decision has considered ${name}: it is no candidate of any service, or none was made since it is there.\n`;
  const now = terminal.now();
  const rows = table(
    ['made', 'about', 'candidate', 'rank', 'score', 'margin', 'verdict', 'why', 'decision'],
    considered.map(({ decision, candidate }) => [
      relativeTime(decision.time, now),
      slotText(decision),
      modelText(candidate),
      candidate.rank,
      candidate.score === null ? null : figure(candidate.score),
      candidate.margin === null ? null : difference(candidate.margin),
      verdictCell(candidate),
      whyText(candidate),
      decision.id,
    ]),
    terminal,
  );
  return `${serves.length === 0 ? `${name} serves nowhere.\n` : serves.join('')}\n${rows}`;
}
