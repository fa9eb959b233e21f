import { createInterface } from 'node:readline/promises';
import { originOf } from '../../client/environment.ts';

/** Where a command writes, and what it knows of the person in front of it. */
export interface Terminal {
  /** Results, for people or programs. */
  readonly write: (text: string) => void;
  /** Errors and progress. */
  readonly complain: (text: string) => void;
  /** The width that tables must fit; undefined when nobody reads them as they are printed. */
  readonly columns: number | undefined;
  readonly colours: boolean;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Who is logged in; empty where the system has no name for them. */
  readonly user: string;
  readonly now: () => number;
  /** Asks the person in front of it a question; undefined where nobody is. */
  readonly ask: ((question: string) => Promise<string>) | undefined;
  /** What the process ends with. */
  exitCode: number;
}

/** Colours only where a person sees them, unless NO_COLOR or FORCE_COLOR says otherwise. */
export function wantsColours(isTerminal: boolean, env: Terminal['env']): boolean {
  const { NO_COLOR: none, FORCE_COLOR: forced, TERM: kind } = env;
  if (none !== undefined && none !== '') return false;
  if (forced !== undefined && forced !== '') return forced !== '0';
  return isTerminal && kind !== 'dumb';
}

export const terminalOf = (process: NodeJS.Process): Terminal => ({
  write: (text) => void process.stdout.write(text),
  complain: (text) => void process.stderr.write(text),
  columns: process.stdout.isTTY ? process.stdout.columns : undefined,
  colours: wantsColours(process.stdout.isTTY, process.env),
  env: process.env,
  user: originOf(process, process.env).user,
  now: Date.now,
  ask: process.stdin.isTTY && process.stderr.isTTY ? (question) => askOn(process, question) : undefined,
  get exitCode() {
    return Number(process.exitCode ?? 0);
  },
  set exitCode(code) {
    process.exitCode = code;
  },
});

async function askOn({ stdin, stderr }: NodeJS.Process, question: string): Promise<string> {
  const lines = createInterface({ input: stdin, output: stderr });
  // Control-D is no answer.
  const ended = new Promise<string>((resolve) => lines.once('close', () => resolve('')));
  try {
    return await Promise.race([lines.question(question), ended]);
  } finally {
    lines.close();
  }
}
