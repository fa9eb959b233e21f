import { run } from '../../src/cli/program.ts';

export interface Ended {
  readonly out: string;
  readonly err: string;
  readonly exitCode: number;
}

export interface Circumstances {
  readonly env?: Readonly<Record<string, string>>;
  readonly columns?: number;
  readonly colours?: boolean;
  readonly now?: number;
  /** What the person in front of it answers to every question; nobody is there unless given. */
  readonly answer?: string;
}

/** Runs a command line in this process and gives what it wrote. */
export async function cellar(words: readonly string[], given: Circumstances = {}): Promise<Ended> {
  const out: string[] = [];
  const err: string[] = [];
  const terminal = {
    write: (text: string) => void out.push(text),
    complain: (text: string) => void err.push(text),
    columns: given.columns,
    colours: given.colours ?? false,
    env: given.env ?? {},
    user: 'ana',
    now: () => given.now ?? 0,
    ask:
      given.answer === undefined
        ? undefined
        : async (question: string) => {
            err.push(question);
            return given.answer ?? '';
          },
    exitCode: 0,
  };
  await run(words, terminal);
  return { out: out.join(''), err: err.join(''), exitCode: terminal.exitCode };
}
