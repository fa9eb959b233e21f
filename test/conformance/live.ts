import { differences, expected } from './compare.ts';
import type { Answer } from './normalise.ts';
import { play } from './play.ts';
import { aFewAtATime } from './record.ts';
import { readRecording } from './recording.ts';
import type { Capability, Sequence, Step } from './sequence.ts';

/** Where MLflow's answers to a sequence come from. */
export type Reference = (capability: Capability, sequence: Sequence) => Promise<readonly Answer[]>;

export const playedOn =
  (url: string): Reference =>
  (_capability, sequence) =>
    play(sequence, url);

/** The recordings, each file read once. */
export function fromRecording(): Reference {
  const read = new Map<string, ReturnType<typeof readRecording>>();
  return async ({ name }, sequence) => {
    const recording = read.get(name) ?? readRecording(name);
    read.set(name, recording);
    return recording.sequences[sequence.name]?.answers ?? [];
  };
}

/** Plays the chosen sequences on Cellar and shows where it does not answer as expected. Gives the number that disagree. */
export async function compare(
  all: readonly Capability[],
  chosen: (capability: Capability, sequence: Sequence) => boolean,
  reference: Reference,
  cellar: string,
  say: (line: string) => void,
): Promise<number> {
  let wrong = 0;
  let played = 0;
  for (const capability of all) {
    const sequences = capability.sequences.filter((sequence) => chosen(capability, sequence));
    const found = await aFewAtATime(sequences, (sequence) =>
      disagreements(sequence, reference(capability, sequence), cellar),
    );
    played += sequences.length;
    for (const [index, lines] of found.entries()) {
      if (lines.length === 0) continue;
      wrong += 1;
      say(`\n${capability.name}: ${sequences[index]?.name}`);
      for (const line of lines) say(`  ${line}`);
    }
  }
  say(`\n${played} sequences played, ${wrong} disagree`);
  return wrong;
}

async function disagreements(sequence: Sequence, reference: Promise<readonly Answer[]>, cellar: string) {
  try {
    const [wanted, got] = await Promise.all([reference, play(sequence, cellar)]);
    return stepByStep(sequence, wanted, got);
  } catch (error) {
    return [error instanceof Error ? error.message : String(error)];
  }
}

/** Where Cellar's answers are not what MLflow's answers, and the decisions about them, ask for. */
export function stepByStep(sequence: Sequence, wanted: readonly Answer[], got: readonly Answer[]): string[] {
  if (wanted.length !== got.length) return [`${wanted.length} answers of MLflow, ${got.length} of Cellar`];
  return comparedSteps(sequence).flatMap((step, index) => {
    const [want, mine] = [wanted[index], got[index]];
    if (want === undefined || mine === undefined) return [];
    return differences(expected(step, want), mine).map((line) => `${titleOf(step, index)}\n      ${line}`);
  });
}

export const comparedSteps = (sequence: Sequence): Step[] => sequence.steps.filter((step) => !step.given);

/** A step as a person would say it, with its body cut short. */
export function titleOf(step: Step, index: number): string {
  const query = step.query === undefined ? '' : ` ${JSON.stringify(step.query)}`;
  const body =
    typeof step.body === 'function' ? ' (made body)' : step.body === undefined ? '' : ` ${JSON.stringify(step.body)}`;
  const raw = step.raw === undefined ? '' : ` ${typeof step.raw === 'string' ? step.raw : '(bytes)'}`;
  return `step ${index + 1}: ${step.method} ${step.path}${`${query}${body}${raw}`.slice(0, 300)}`;
}
