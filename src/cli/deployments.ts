import type { Command } from 'commander';
import type { Deployment, ServedSlot, ServedSlotHistory } from '../client/deployments.ts';
import { asking, group, remoteCommand, wholeNumber } from './kit/command.ts';
import { type Cell, facts, table } from './kit/table.ts';
import type { Terminal } from './kit/terminal.ts';
import { bytes, exactTime, relativeTime } from './kit/words.ts';

const tones: Readonly<Record<Deployment['status'], 'good' | 'bad' | 'warn' | 'faint' | 'strong'>> = {
  starting: 'strong',
  warming: 'strong',
  live: 'good',
  draining: 'faint',
  stopped: 'faint',
  failed: 'bad',
};

interface Where {
  readonly env: string;
}

const place = (command: Command): Command =>
  command
    .argument('<SERVICE>', 'name of the service')
    .requiredOption('--env <ENVIRONMENT>', 'environment it is served on');

/** `cellar deployments`: what is served. */
export function deploymentsCommand(terminal: Terminal): Command {
  const nouns = group(terminal, 'deployments', 'What is served: the champion of each service in each environment.');
  nouns
    .addCommand(
      remoteCommand(terminal, 'list', {
        summary: 'List what is served now.',
        examples: ['cellar deployments list'],
      }).action(
        asking<[object]>(terminal, async (client) => {
          const slots = await client.listDeployments();
          return { value: slots, text: () => listed(slots, terminal) };
        }),
      ),
    )
    .addCommand(
      place(
        remoteCommand(terminal, 'show', {
          summary: 'Show what is served, why it runs as it does, and what was served before.',
          examples: ['cellar deployments show wine --env prod'],
        }),
      )
        .option('--limit <NUMBER>', 'at most so many past deployments', wholeNumber(1))
        .action(
          asking<[string, Where & { limit?: number }]>(terminal, async (client, service, { env, limit }) => {
            const slot = await client.getDeployment(env, service, { limit });
            return { value: slot, text: () => shown(slot, terminal) };
          }),
        ),
    )
    .addCommand(
      place(
        remoteCommand(terminal, 'logs', {
          summary: 'Print the last lines that the workers of a service wrote.',
          examples: ['cellar deployments logs wine --env prod --lines 20'],
        }),
      )
        .option('--lines <NUMBER>', 'at most so many', wholeNumber(1))
        .action(
          asking<[string, Where & { lines?: number }]>(terminal, async (client, service, { env, lines }) => {
            const found = await client.getDeploymentLogs(env, service, { lines });
            return { value: found, text: () => found.map((line) => `${line}\n`).join('') };
          }),
        ),
    )
    .addCommand(
      place(
        remoteCommand(terminal, 'restart', {
          summary: 'Replace the workers of a service by fresh ones, one after the other, without losing a request.',
          examples: ['cellar deployments restart wine --env prod'],
        }),
      ).action(
        asking<[string, Where]>(terminal, async (client, service, { env }) => {
          const slot = await client.restartDeployment(env, service);
          return { value: slot, text: () => listed([slot], terminal) };
        }),
      ),
    );
  return nouns;
}

const modelOf = ({ registeredModel, version, codeVersion }: NonNullable<ServedSlot['starting']>): string =>
  `${registeredModel} version ${version}${codeVersion === null ? '' : ` (code ${codeVersion})`}`;

function statusOf({ live, starting, problem }: ServedSlot): Cell {
  if (problem !== null) return { text: live === null ? 'not live' : 'live, but not the champion', tone: 'bad' };
  if (live === null) return { text: starting === null ? 'not live' : 'starting', tone: 'warn' };
  return { text: starting === null ? 'live' : 'live, replacing', tone: 'good' };
}

function listed(slots: readonly ServedSlot[], terminal: Terminal): string {
  if (slots.length === 0) return 'Nothing is served.\n';
  return table(
    ['service', 'environment', 'status', 'model', 'runtime', 'workers', 'memory', 'since'],
    slots.map((slot) => [
      slot.service,
      slot.environment,
      statusOf(slot),
      slot.live === null ? slot.starting && modelOf(slot.starting) : modelOf(slot.live),
      slot.live?.runtime,
      slot.live && `${slot.live.workers} of ${slot.live.replicas}`,
      slot.live && slot.live.memoryBytes > 0 ? bytes(slot.live.memoryBytes) : null,
      slot.live && relativeTime(slot.live.sinceTime, terminal.now()),
    ]),
    terminal,
  );
}

function shown(slot: ServedSlotHistory, terminal: Terminal): string {
  const { live, starting } = slot;
  const now = terminal.now();
  const about = facts(
    [
      ['service', `${slot.service} on ${slot.environment}`],
      ['status', statusOf(slot)],
      ['problem', slot.problem],
      ['asked at', `${slot.path}/invocations`],
      ['model', live && modelOf(live)],
      ['decision', live?.decisionId],
      ['live since', live && exactTime(live.sinceTime)],
      ['runtime', live && `${live.runtime}: ${live.runtimeReason}`],
      ['checked', live?.checked],
      ['workers', live && `${live.workers} of ${live.replicas}, ${live.restarts} restarts`],
      ['memory', live && live.memoryBytes > 0 ? bytes(live.memoryBytes) : null],
      ['being started', starting && modelOf(starting)],
    ],
    terminal,
  );
  const past = table(
    ['deployment', 'model', 'status', 'runtime', 'started', 'why it ended'],
    slot.history.map((each) => [
      each.deploymentNo,
      modelOf(each),
      { text: each.status, tone: tones[each.status] },
      each.runtime,
      relativeTime(each.creationTime, now),
      each.reason,
    ]),
    terminal,
  );
  return `${about}\n${past}`;
}
