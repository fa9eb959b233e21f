import type { Command } from 'commander';
import { parseConfiguration } from '../environments/configuration/service.ts';
import { contents, mistakesText, sourceAt, usualFile } from './configuration-file.ts';
import { answering, localCommand } from './kit/command.ts';
import type { Terminal } from './kit/terminal.ts';

/** `cellar validate`: what is wrong with a file, without asking a server. */
export function validateCommand(terminal: Terminal): Command {
  return localCommand(terminal, 'validate', {
    summary: 'Check a cellar.yaml: every mistake with its line, its column and what was expected. Asks no server.',
    examples: ['cellar validate', ['cellar validate deploy/cellar.yaml --json', 'mistakes for an editor or a CI job']],
  })
    .argument('[FILE]', 'the file to check', usualFile)
    .action(
      answering<[string, { json?: boolean }]>(terminal, async (file, { json }) => {
        const read = parseConfiguration(await sourceAt(file));
        if ('configuration' in read)
          return {
            value: { file, valid: true, mistakes: [] },
            text: () => `${file} is valid: ${contents(read.configuration)}.\n`,
          };
        if (json !== true) throw new Error(mistakesText(file, read.mistakes));
        return { value: { file, valid: false, mistakes: read.mistakes }, text: () => '', exitCode: 1 };
      }),
    );
}
