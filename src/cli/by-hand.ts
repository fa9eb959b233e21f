import { type Command, Option } from 'commander';
import type { Decision } from '../client/decisions.ts';
import type { Slot } from '../client/environments.ts';
import { decisionText } from './decision-text.ts';
import { asking, remoteCommand } from './kit/command.ts';
import type { Terminal } from './kit/terminal.ts';
import { exactTime } from './kit/words.ts';
import {
  atSlot,
  type Env,
  lengthOfTime,
  modelText,
  moment,
  type Reason,
  slotOf,
  slotText,
  versionName,
  withReason,
} from './slots.ts';

/** What a person does to a slot: approve, reject, roll back, release, pause, resume. */
export const byHandCommands = (terminal: Terminal): Command[] => [
  approveCommand(terminal),
  rejectCommand(terminal),
  rollbackCommand(terminal),
  releaseCommand(terminal),
  pauseCommand(terminal),
  resumeCommand(terminal),
];

const approveCommand = (terminal: Terminal): Command =>
  withReason(
    remoteCommand(terminal, 'approve', {
      summary:
        'Approve a challenger that waits: it becomes the champion, if nothing has changed since it was asked for.',
      examples: ['cellar approve a-5c1e6b4b7f9a3d2c5e8f7a6b1c0f9d8a --reason "seen with the team"'],
      notes: 'cellar status shows what waits; cellar decisions show shows the decision that asked.',
    }),
  )
    .argument('<APPROVAL>', 'id of the request for approval')
    .action(
      asking<[string, Reason]>(terminal, async (client, id, { reason }) => {
        const decision = await client.approve(id, reason);
        return { value: decision, text: () => decisionText(decision, terminal) };
      }),
    );

const rejectCommand = (terminal: Terminal): Command =>
  withReason(
    remoteCommand(terminal, 'reject', {
      summary: 'Reject a challenger that waits for approval: the champion stays.',
      examples: ['cellar reject a-5c1e6b4b7f9a3d2c5e8f7a6b1c0f9d8a --reason "trained on a broken export"'],
    }),
  )
    .argument('<APPROVAL>', 'id of the request for approval')
    .action(
      asking<[string, Reason]>(terminal, async (client, id, { reason }) => {
        await client.reject(id, reason);
        return { value: { id, status: 'rejected' }, text: () => `${id} is rejected. The champion stays.\n` };
      }),
    );

const rollbackCommand = (terminal: Terminal): Command =>
  withReason(
    atSlot(
      remoteCommand(terminal, 'rollback', {
        summary: 'Go back to an earlier champion at once. It is pinned; what it replaces is on hold.',
        notes: 'cellar release lifts pin and hold.',
        examples: [
          'cellar rollback wine --env prod --reason "wrong labels since noon"',
          [
            'cellar rollback wine --env prod --to d-7be2c1f04a9d4c3e8b6f5a1d2c3e4f50 --reason "as in May"',
            'to the champion that this decision made',
          ],
        ],
      }),
    ),
  )
    .option('--to <DECISION>', 'id of a decision; the champion before this one unless given')
    .action(
      asking<[string, Env & Reason & { to?: string }]>(terminal, async (client, service, { reason, to, ...env }) => {
        const slot = slotOf(service, env);
        const decision = await client.rollback(slot, reason, { to });
        return { value: decision, text: () => `${decisionText(decision, terminal)}\n${heldText(decision, slot)}` };
      }),
    );

function heldText({ decision: { before } }: Decision, { service, environment }: Slot): string {
  const held = before === null ? '' : `, and ${modelText(before)} on hold,`;
  return `It is pinned${held} until: cellar release ${service} --env ${environment} --reason …\n`;
}

const releaseCommand = (terminal: Terminal): Command =>
  withReason(
    atSlot(
      remoteCommand(terminal, 'release', {
        summary: 'Lift the pin, the holds and the quarantines, so that selection decides again.',
        examples: [
          'cellar release wine --env prod --reason "fixed"',
          ['cellar release wine --env prod --only AImodel/3 --reason "it loads now"', 'only what bars this version'],
        ],
      }),
    ),
  )
    .option('--only <NAME/VERSION>', 'lift only the hold and the quarantine of this version', versionName)
    .action(
      asking<[string, Env & Reason & { only?: { registeredModel: string; version: number } }]>(
        terminal,
        async (client, service, { reason, only, ...env }) => {
          const decision = await client.release(slotOf(service, env), reason, { only });
          return { value: decision, text: () => `${decisionText(decision, terminal)}\nA selection follows.\n` };
        },
      ),
    );

const pauseCommand = (terminal: Terminal): Command =>
  withReason(
    atSlot(
      remoteCommand(terminal, 'pause', {
        summary: 'Stop replacements until resumed, or for a time. Approvals, promotions and rollbacks go on.',
        examples: [
          'cellar pause wine --env prod --reason "audit"',
          'cellar pause wine --env prod --for 7d --reason "holiday season"',
        ],
      }),
    ),
  )
    .addOption(new Option('--for <DURATION>', 'how long, as in 24h').argParser(lengthOfTime).conflicts('until'))
    .option('--until <TIME>', 'until when: a date, or a date and time (UTC)', moment(terminal.now))
    .action(
      asking<[string, Env & Reason & { for?: number; until?: number }]>(
        terminal,
        async (client, service, { reason, for: ms, until: given, ...env }) => {
          const slot = slotOf(service, env);
          const until = ms === undefined ? given : terminal.now() + ms;
          await client.pause(slot, reason, { until });
          return {
            value: { ...slot, paused: true, until: until ?? null },
            text: () => pausedText(slot, until),
          };
        },
      ),
    );

const pausedText = (slot: Slot, until: number | undefined) =>
  `${slotText(slot)} is paused${until === undefined ? ', until it is resumed' : ` until ${exactTime(until)}`}.\n`;

const resumeCommand = (terminal: Terminal): Command =>
  atSlot(
    remoteCommand(terminal, 'resume', {
      summary: 'End a pause. A selection follows.',
      examples: ['cellar resume wine --env prod'],
    }),
  ).action(
    asking<[string, Env]>(terminal, async (client, service, env) => {
      const slot = slotOf(service, env);
      await client.resume(slot);
      return { value: { ...slot, paused: false }, text: () => `${slotText(slot)} goes on: a selection follows.\n` };
    }),
  );
