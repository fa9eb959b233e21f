import { Command, InvalidArgumentError } from 'commander';
import { type CellarClient, createClient } from '../../client/cellar-client.ts';
import { connectionFrom } from '../../client/environment.ts';
import { CellarError } from '../../client/errors.ts';
import { isTemporary } from '../../client/retry.ts';
import type { Terminal } from './terminal.ts';
import { printable } from './words.ts';

/** What a command found: a value for programs (`--json`) and the same as text for people. */
export interface Answer {
  readonly value: unknown;
  readonly text: () => string;
  /** What the process ends with; 0 unless given. */
  readonly exitCode?: number;
}

export interface About {
  /** One sentence: what it does. */
  readonly summary: string;
  /** Whole command lines, each with a word on what it shows where that is not plain. */
  readonly examples: readonly (string | readonly [line: string, meaning: string])[];
  /** Paragraphs between the options and the examples. */
  readonly notes?: string;
  /** What wrong usage ends with, where 2 means something else; 2 unless given. */
  readonly usageExitCode?: number;
}

/** A failure that ends with an exit code of its own. */
export class Failure extends Error {
  readonly exitCode: number;
  constructor(message: string, exitCode: number, cause?: unknown) {
    super(message, { cause });
    this.exitCode = exitCode;
  }
}

/** A noun with verbs: `cellar holdout …`. */
export function group(terminal: Terminal, name: string, summary: string): Command {
  return dressed(new Command(name), terminal).description(summary);
}

/** A command that runs without a server. */
export function localCommand(terminal: Terminal, name: string, about: About): Command {
  return dressed(new Command(name), terminal)
    .exitOverride((error) => {
      if (error.exitCode !== 0 && about.usageExitCode !== undefined) terminal.exitCode = about.usageExitCode;
      throw error;
    })
    .description(about.summary)
    .option('--json', 'print JSON, for programs')
    .addHelpText('after', afterHelp(about));
}

/** A command that asks a server: with `--server`, `--as` and `--json`. */
export function remoteCommand(terminal: Terminal, name: string, about: About): Command {
  return localCommand(terminal, name, about)
    .option(
      '--server <URL>',
      'where Cellar answers; default: http://127.0.0.1:5000 [CELLAR_SERVER, else MLFLOW_TRACKING_URI]',
    )
    .option('--as <NAME>', 'who acts, for the records; default: the user who is logged in [CELLAR_ACTOR]');
}

/** The action of a remote command: asks through the client, then prints what it found. */
export function asking<A extends readonly unknown[]>(
  terminal: Terminal,
  act: (client: CellarClient, ...given: A) => Promise<Answer>,
): (...given: unknown[]) => Promise<void> {
  return answering<A>(terminal, (...given) => act(clientOf(given.at(-1) as ServerOptions, terminal), ...given));
}

/** The action of a local command. It is given the arguments, then the options. */
export function answering<A extends readonly unknown[]>(
  terminal: Terminal,
  act: (...given: A) => Promise<Answer>,
): (...given: unknown[]) => Promise<void> {
  return async (...given) => {
    // commander's last two arguments are the options and the command itself.
    const answer = await act(...(given.slice(0, -1) as readonly unknown[] as A));
    const { json } = given.at(-2) as { json?: boolean };
    terminal.write(json === true ? `${JSON.stringify(answer.value, undefined, 2)}\n` : answer.text());
    if (answer.exitCode !== undefined) terminal.exitCode = answer.exitCode;
  };
}

interface ServerOptions {
  readonly server?: string;
  readonly as?: string;
}

/** Somebody waits in front of it, so it gives up sooner than a training script would. */
const retries = { maxRetries: 2, maxDelayMs: 5_000 };

const filled = (text: string | undefined) => (text === '' ? undefined : text);

function clientOf({ server, as }: ServerOptions, { env, user }: Terminal): CellarClient {
  const actor = as ?? filled(env['CELLAR_ACTOR']) ?? filled(user);
  return createClient({ ...connectionFrom(env, server ?? filled(env['CELLAR_SERVER'])), ...retries, actor });
}

function afterHelp({ examples, notes }: About): string {
  const pairs = examples.map((example) => (typeof example === 'string' ? ([example, ''] as const) : example));
  const width = Math.max(...pairs.map(([line]) => line.length));
  const lines = pairs.map(([line, meaning]) => `  ${meaning === '' ? line : `${line.padEnd(width)}   ${meaning}`}`);
  return `${notes === undefined ? '' : `\n${notes}\n`}\nExamples:\n${lines.join('\n')}`;
}

function dressed(command: Command, { write, complain, columns }: Terminal): Command {
  return command
    .exitOverride()
    .showHelpAfterError('Run with --help to see what is possible.')
    .configureOutput({
      writeOut: write,
      writeErr: complain,
      getOutHelpWidth: () => Math.min(columns ?? 100, 100),
      getErrHelpWidth: () => Math.min(columns ?? 100, 100),
    });
}

/** A whole number of at least `least`, as an option's or argument's value. */
export const wholeNumber =
  (least: number) =>
  (text: string): number => {
    const number = /^\d{1,15}$/.test(text) ? Number(text) : Number.NaN;
    if (number >= least) return number;
    throw new InvalidArgumentError(`Expected a whole number of at least ${least}.`);
  };

/** Asks before something is done that others will notice. Throws where nobody can be asked: `otherwise` says what to do. */
export async function confirmed({ ask }: Terminal, question: string, otherwise: string): Promise<boolean> {
  if (ask === undefined) throw new Failure(`Nobody is at the terminal to confirm it: ${otherwise}`, 2);
  return /^\s*y(es)?\s*$/i.test(await ask(`${question} [y/N] `));
}

/** Collects the values of an option that may be given more than once. */
export const repeated = (text: string, before: readonly string[] = []): string[] => [...before, text];

/** What a person is told about a failure. */
export function failure(error: unknown): string {
  const message = printable(error instanceof Error ? error.message : String(error));
  const isNobodyThere = error instanceof CellarError && error.status === undefined && isTemporary(error);
  return isNobodyThere
    ? `${message}\nStart a server with 'cellar server', or say where one is: --server URL, CELLAR_SERVER or MLFLOW_TRACKING_URI.`
    : message;
}
