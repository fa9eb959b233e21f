import type { Command } from 'commander';
import type { Served, SlotStatus, Status } from '../client/environments.ts';
import { asking, remoteCommand } from './kit/command.ts';
import { type Cell, table } from './kit/table.ts';
import type { Terminal } from './kit/terminal.ts';
import { exactTime, figure, relativeTime } from './kit/words.ts';
import { allowanceText, modelText, moment } from './slots.ts';

/** `cellar status`: what serves where, now or at a moment of the past. */
export function statusCommand(terminal: Terminal): Command {
  return remoteCommand(terminal, 'status', {
    summary: 'Show what every environment serves, since when, and what holds it there; or what served at a time.',
    examples: [
      'cellar status',
      'cellar status wine',
      ["cellar status --at '2026-05-03 14:00'", 'what served then, UTC'],
      ['cellar status --at 24h', 'what served a day ago'],
    ],
  })
    .argument('[SERVICE]', 'only this service')
    .option('--at <TIME>', "a date, a date and time (UTC), or how long ago as '24h'", moment(terminal.now))
    .action(
      asking<[string | undefined, { at?: number }]>(terminal, async (client, service, { at }) => {
        if (at === undefined) {
          const status = await client.getStatus({ service });
          return { value: status, text: () => statusText(status, terminal) };
        }
        const served = await client.getStatusAt(at);
        const slots = served.slots.filter((slot) => service === undefined || slot.service === service);
        return { value: { ...served, slots }, text: () => servedText({ ...served, slots }, terminal) };
      }),
    );
}

/** A line for every service in every environment. */
export function statusText({ slots, time }: Status, terminal: Terminal): string {
  if (slots.length === 0) return 'No service is configured. Write a cellar.yaml, then: cellar apply\n';
  return table(
    ['service', 'environment', 'champion', 'code', 'score', 'since', 'allowed', 'state'],
    slots.map(({ service, environment, champion, metric, allow, ...rest }) => [
      service,
      environment.toUpperCase(),
      champion === null ? { text: 'none', tone: 'warn' } : modelText(champion),
      champion?.codeVersion,
      champion === null || champion.score === null ? null : `${figure(champion.score)} ${metric.name}`,
      champion && relativeTime(champion.since, time),
      allowanceText(allow),
      stateCell(rest, time),
    ]),
    terminal,
  );
}

/** What keeps it from changing by itself, and what somebody should do. */
function stateCell(
  {
    pin,
    pause,
    holds,
    quarantines,
    openApproval,
    selecting,
  }: Pick<SlotStatus, 'pin' | 'pause' | 'holds' | 'quarantines' | 'openApproval' | 'selecting'>,
  now: number,
): Cell {
  const isPaused = pause !== null && (pause.until === null || pause.until > now);
  const until = pause?.until ? ` until ${exactTime(pause.until)}` : '';
  const states = [
    openApproval !== null && `${openApproval.id} waits: cellar approve, or reject`,
    pin !== null && `pinned by ${pin}`,
    isPaused && `paused${until} by ${pause.by}: ${pause.reason}`,
    ...holds.map((hold) => `${modelText(hold)} on hold`),
    ...quarantines.map((quarantine) => `${modelText(quarantine)} in quarantine: ${quarantine.reason}`),
    selecting !== null && 'selecting',
  ].filter((state) => state !== false);
  return states.length === 0 ? { text: 'free', tone: 'faint' } : { text: states.join('\n'), tone: 'warn' };
}

function servedText({ slots, time }: Served, terminal: Terminal): string {
  const head = `At ${exactTime(time)}:\n\n`;
  if (slots.length === 0) return `${head}Nothing served.\n`;
  const rows = table(
    ['service', 'environment', 'champion', 'code', 'since', 'decision'],
    slots.map(({ service, environment, champion, since, decision }) => [
      service,
      environment.toUpperCase(),
      champion === null ? { text: 'none', tone: 'warn' } : modelText(champion),
      champion?.codeVersion,
      since === null ? null : exactTime(since),
      decision,
    ]),
    terminal,
  );
  return head + rows;
}
