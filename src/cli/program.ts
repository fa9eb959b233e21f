import { type Command, CommanderError } from 'commander';
import { version } from '../version.ts';
import { byHandCommands } from './by-hand.ts';
import { applyCommand, diffCommand, exportCommand, planCommand } from './configuration.ts';
import { decisionsCommand, whyCommand } from './decisions.ts';
import { deploymentsCommand } from './deployments.ts';
import { evaluationsCommand } from './evaluations.ts';
import { holdoutCommand } from './holdouts.ts';
import { jobsCommand } from './jobs.ts';
import { Failure, failure, group } from './kit/command.ts';
import type { Terminal } from './kit/terminal.ts';
import { predictCommand } from './predict.ts';
import { promoteCommand } from './promote.ts';
import { candidatesCommand, selectCommand } from './selections.ts';
import { serverCommand } from './server.ts';
import { statusCommand } from './status.ts';
import { validateCommand } from './validate.ts';

/** Every command: `cellar <verb>` or `cellar <noun> <verb>`. */
export function program(terminal: Terminal): Command {
  const cellar = group(terminal, 'cellar', 'An MLflow-compatible tracking server, artifact store and model registry.')
    .version(version)
    .addCommand(serverCommand(terminal))
    .addCommand(validateCommand(terminal))
    .addCommand(planCommand(terminal))
    .addCommand(applyCommand(terminal))
    .addCommand(diffCommand(terminal))
    .addCommand(exportCommand(terminal))
    .addCommand(statusCommand(terminal))
    .addCommand(selectCommand(terminal))
    .addCommand(candidatesCommand(terminal))
    .addCommand(decisionsCommand(terminal))
    .addCommand(whyCommand(terminal))
    .addCommand(promoteCommand(terminal));
  for (const command of byHandCommands(terminal)) cellar.addCommand(command);
  return cellar
    .addCommand(holdoutCommand(terminal))
    .addCommand(evaluationsCommand(terminal))
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
      if (error.exitCode !== 0 && terminal.exitCode === 0) terminal.exitCode = 2;
      return;
    }
    terminal.complain(`cellar: ${failure(error)}\n`);
    terminal.exitCode = error instanceof Failure ? error.exitCode : 1;
  }
}
