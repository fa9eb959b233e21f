import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Command } from 'commander';
import type { CellarClient } from '../client/cellar-client.ts';
import type { HeldConfiguration } from '../client/configuration.ts';
import type { Status } from '../client/environments.ts';
import { diffConfigurations, namedFiles, readConfiguration } from '../environments/configuration/service.ts';
import { contents, usualFile, validSourceAt } from './configuration-file.ts';
import { type About, asking, Failure, remoteCommand } from './kit/command.ts';
import type { Terminal } from './kit/terminal.ts';
import { appliedText, changesText, howManyChange, planMarkdown, planText } from './plan-text.ts';
import { slotText } from './slots.ts';
import { statusText } from './status.ts';

const codes = 'Ends with 0 when nothing changes, 2 when something does, 1 for a mistake or a failure.';
const fileArgument = ['[FILE]', 'the configuration', usualFile] as const;

/** Commands whose 2 means that something changes. */
const comparing = (about: About): About => ({ ...about, notes: codes, usageExitCode: 1 });

/** `cellar plan`: what an apply would change. */
export function planCommand(terminal: Terminal): Command {
  return remoteCommand(
    terminal,
    'plan',
    comparing({
      summary: 'Show which settings a cellar.yaml would change, and which model each environment would then serve.',
      examples: [
        'cellar plan',
        ['cellar plan deploy/cellar.yaml --markdown', 'for a comment on a pull request'],
        'cellar plan --json',
      ],
    }),
  )
    .argument(...fileArgument)
    .option('--markdown', 'print Markdown')
    .action(
      asking<[string, { markdown?: boolean }]>(terminal, async (client, file, { markdown = false }) => {
        const plan = await client.planConfiguration(await validSourceAt(file));
        return {
          value: plan,
          text: () => (markdown ? planMarkdown(plan) : planText(plan, terminal)),
          exitCode: plan.changed ? 2 : 0,
        };
      }),
    );
}

/** `cellar apply`: makes it hold. */
export function applyCommand(terminal: Terminal): Command {
  return remoteCommand(terminal, 'apply', {
    summary: 'Make a cellar.yaml hold, all of it or nothing; the same again changes nothing. Selections follow.',
    examples: [
      'cellar apply',
      ['cellar apply deploy/cellar.yaml --wait', 'and show what is served once every selection is made'],
    ],
  })
    .argument(...fileArgument)
    .option('--adopt-aliases', 'take over aliases, named like environments, that users have set')
    .option('--wait', 'wait until the selections that follow are made, then show the status')
    .action(
      asking<[string, { adoptAliases?: boolean; wait?: boolean }]>(
        terminal,
        async (client, file, { adoptAliases = false, wait = false }) => {
          const source = await validSourceAt(file);
          const applied = await client.applyConfiguration(source, { managed: 'file', adoptAliases });
          if (!wait) return { value: applied, text: () => appliedText(applied, terminal) };
          const status = await settled(client);
          return {
            value: { ...applied, status },
            text: () => `${appliedText(applied, terminal)}\n${statusText(status, terminal)}`,
          };
        },
      ),
    );
}

/** `cellar diff`: which settings differ; asks for no model. */
export function diffCommand(terminal: Terminal): Command {
  return remoteCommand(
    terminal,
    'diff',
    comparing({
      summary: 'Show which settings differ between the configuration that holds and a cellar.yaml.',
      examples: ['cellar diff', 'cellar diff deploy/cellar.yaml --json'],
    }),
  )
    .argument(...fileArgument)
    .action(
      asking<[string]>(terminal, async (client, file) => {
        const wanted = readConfiguration(await validSourceAt(file));
        const changes = diffConfigurations((await client.getConfiguration()).configuration, wanted);
        const text = () =>
          changes.length === 0
            ? 'Nothing differs.\n'
            : `${howManyChange(changes)}:\n\n${changesText(changes, terminal)}`;
        return { value: { changes }, text, exitCode: changes.length === 0 ? 0 : 2 };
      }),
    );
}

/** `cellar export`: the configuration that holds, as a file. */
export function exportCommand(terminal: Terminal): Command {
  return remoteCommand(terminal, 'export', {
    summary: 'Write the configuration that holds as a cellar.yaml, which would change nothing when it is applied.',
    examples: [
      ['cellar export', 'to bring under Git what was made by hand'],
      ['cellar export --output deploy/cellar.yaml', 'with the Python files that it names'],
    ],
  })
    .option('--output <FILE>', 'write to this file, and the Python files that it names beside it')
    .action(
      asking<[{ output?: string }]>(terminal, async (client, { output }) => {
        const held = await client.getConfiguration();
        if (output === undefined) return { value: held, text: () => held.yaml };
        await writeFile(output, held.yaml);
        for (const [name, text] of codeIn(held)) await writeBeside(output, name, text);
        const what = `configuration ${held.no}: ${contents(held.configuration)}`;
        return { value: held, text: () => `${output} is written, ${what}.\n` };
      }),
    );
}

/** The Python files of metrics. Their names are taken from the file, whose rules keep them below its folder. */
function codeIn({ yaml, configuration }: HeldConfiguration): [name: string, text: string][] {
  const functions = Object.values(configuration.services).map(({ metric }) => metric.function);
  return namedFiles(yaml).flatMap((name): [string, string][] => {
    const found = functions.find((one) => one?.file === name);
    return found ? [[name, found.code]] : [];
  });
}

async function writeBeside(file: string, name: string, text: string): Promise<void> {
  const target = path.join(path.dirname(file), name);
  await mkdir(path.dirname(target), { recursive: true });
  await writeFile(target, text);
}

const pollMs = 250;
const longestMs = 15 * 60_000;

/** The status once no selection is asked for. */
async function settled(client: CellarClient): Promise<Status> {
  for (let waitedMs = 0; ; waitedMs += pollMs) {
    const status = await client.getStatus();
    const selecting = status.slots.filter((slot) => slot.selecting !== null);
    if (selecting.length === 0) return status;
    if (waitedMs >= longestMs)
      throw new Failure(
        `The configuration holds, but is still being selected for: ${selecting.map(slotText).join(', ')}.`,
        1,
      );
    await delay(pollMs);
  }
}
