import { type Command, CommanderError } from 'commander';
import { version } from '../version.ts';
import { deploymentsCommand } from './deployments.ts';
import { holdoutCommand } from './holdouts.ts';
import { jobsCommand } from './jobs.ts';
import { failure, group } from './kit/command.ts';
import type { Terminal } from './kit/terminal.ts';
import { predictCommand } from './predict.ts';
import { serverCommand } from './server.ts';
import { validateCommand } from './validate.ts';

/** Every command: `cellar <verb>` or `cellar <noun> <verb>`. */
export function program(terminal: Terminal): Command {
  return group(terminal, 'cellar', 'An MLflow-compatible tracking server, artifact store and model registry.')
    .version(version)
    .addCommand(serverCommand(terminal))
    .addCommand(validateCommand(terminal))
    .addCommand(holdoutCommand(terminal))
    .addCommand(jobsCommand(terminal))
    .addCommand(deploymentsCommand(terminal))
    .addCommand(predictCommand(terminal));
}

/** Runs one command line to its end: exit code 1 for a failure, 2 for wrong usage, else what the command says. */
export async function run(words: readonly string[], terminal: Terminal): Promise<void> {
  try {
    await program(terminal).parseAsync(words, { from: 'user' });
  } catch (error) {
    if (error instanceof CommanderError) {
      if (error.exitCode !== 0) terminal.exitCode = 2;
      return;
    }
    terminal.complain(`cellar: ${failure(error)}\n`);
    terminal.exitCode = 1;
  }
}
