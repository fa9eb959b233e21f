import { existsSync } from 'node:fs';
import path from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { type Command, Option } from 'commander';
import { pino } from 'pino';
import { type Flags, readConfig, settings } from '../config.ts';
import { startServer } from '../main.ts';
import { group } from './kit/command.ts';
import type { Terminal } from './kit/terminal.ts';

/** Longer than the drain of requests and the closing of the database take together. */
const stopMs = 9_800;

/**
 * V8 lets its heap grow by a factor between 1.1 and 4, the less the slower it was allocated, so that a server that was idle
 * for seconds collected anew for every 16 MiB of an upload. See docs/decisions/0012.
 */
const heapGrowth = '--heap-growing-percent=300';

/** `cellar server`: one process, one folder. */
export function serverCommand(terminal: Terminal): Command {
  const summary = 'Start the server: tracking, artifacts, registry and the web page in one process.';
  const command = group(terminal, 'server', summary)
    .option(
      '--config <FILE>',
      'YAML file with settings, named like the flags without the dashes; server.yaml in the data folder unless given',
    )
    .addHelpText('after', afterHelp);
  for (const { flag, value, env, help, fallback } of settings) {
    const shownDefault =
      fallback === undefined || fallback === '' || value === undefined ? '' : ` Default: ${fallback}.`;
    command.addOption(new Option(value === undefined ? flag : `${flag} <${value}>`, `${help}${shownDefault} [${env}]`));
  }
  return command.action(async () => serve(command.opts()));
}

const afterHelp = `
A flag goes before its environment variable, that before the file, that before the default.

Examples:
  cellar server                                   data in ./data, page and API on http://127.0.0.1:5000
  cellar server --port 8080 --data /srv/cellar
  cellar server --store postgres://cellar@db/cellar --durability full

Then, in Python, with the unmodified client:
  mlflow.set_tracking_uri("http://127.0.0.1:5000")`;

async function serve(options: Record<string, string | boolean | undefined>): Promise<void> {
  setFlagsFromString(heapGrowth);
  const flags: Record<string, string | boolean> = {};
  for (const { key, flag } of settings) {
    const given = options[camelCase(flag.slice(2))];
    if (given !== undefined) flags[key] = given;
  }
  const given = options['config'];
  const { dataDir } = readConfig(flags as Flags, process.env, undefined);
  const own = path.join(dataDir, 'server.yaml');
  const file = typeof given === 'string' ? given : existsSync(own) ? own : undefined;
  const config = readConfig(flags as Flags, process.env, file);
  const logger = pino({ level: config.logLevel, base: null }, pino.destination({ fd: 2, sync: true }));
  const server = await startServer(config, logger);
  process.stdout.write(`Cellar listens on ${server.url}, data in ${config.dataDir}\n`);

  let stopping = false;
  const stop = (signal: string) => {
    if (stopping) return;
    stopping = true;
    logger.info({ signal }, 'draining');
    setTimeout(() => {
      logger.warn('the server did not close in time');
      process.exit(1);
    }, stopMs).unref();
    server.close().then(
      () => process.exit(0),
      (error) => {
        logger.error({ err: error }, 'closing failed');
        process.exit(1);
      },
    );
  };
  process.on('SIGTERM', () => stop('SIGTERM'));
  process.on('SIGINT', () => stop('SIGINT'));
}

const camelCase = (flag: string) => flag.replace(/-([a-z])/g, (_, letter: string) => letter.toUpperCase());
