import { Command, CommanderError } from 'commander';
import { version } from '../version.ts';
import { serverCommand } from './server.ts';

/** `cellar <noun> <verb>`: exit code 1 for a failure, 2 for wrong usage. */
const program = new Command('cellar')
  .description('An MLflow-compatible tracking server, artifact store and model registry.')
  .version(version)
  .showHelpAfterError('Run with --help to see what is possible.')
  .exitOverride()
  .addCommand(serverCommand());

try {
  await program.parseAsync();
} catch (error) {
  if (error instanceof CommanderError) process.exitCode = error.exitCode === 0 ? 0 : 2;
  else {
    console.error(`cellar: ${error instanceof Error ? error.message : String(error)}`);
    process.exitCode = 1;
  }
}
