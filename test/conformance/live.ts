import { differences, expected } from './compare.ts';
import { play } from './play.ts';
import { aFewAtATime } from './record.ts';
import type { Capability, Sequence, Step } from './sequence.ts';

/** Plays the chosen sequences on MLflow's server and on Cellar at the same time. Gives the number that disagree. */
export async function live(
  all: readonly Capability[],
  chosen: (capability: Capability, sequence: Sequence) => boolean,
  urls: { reference: string; cellar: string },
  say: (line: string) => void,
): Promise<number> {
  let wrong = 0;
  let played = 0;
  for (const capability of all) {
    const sequences = capability.sequences.filter((sequence) => chosen(capability, sequence));
    const found = await aFewAtATime(sequences, (sequence) => sideBySide(sequence, urls));
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

async function sideBySide(sequence: Sequence, urls: { reference: string; cellar: string }): Promise<string[]> {
  try {
    const [reference, cellar] = await Promise.all([play(sequence, urls.reference), play(sequence, urls.cellar)]);
    const steps = sequence.steps.filter((step) => !step.given);
    return steps.flatMap((step, index) => {
      const want = reference[index];
      const got = cellar[index];
      if (want === undefined || got === undefined) return [];
      return differences(expected(step, want), got).map((line) => `${titleOf(step, index)}\n    ${line}`);
    });
  } catch (error) {
    return [error instanceof Error ? error.message : String(error)];
  }
}

/** A step as a person would say it, with its body cut short. */
export function titleOf(step: Step, index: number): string {
  const query = step.query === undefined ? '' : ` ${JSON.stringify(step.query)}`;
  const body =
    typeof step.body === 'function' ? ' (made body)' : step.body === undefined ? '' : ` ${JSON.stringify(step.body)}`;
  const raw = step.raw === undefined ? '' : ` ${typeof step.raw === 'string' ? step.raw : '(bytes)'}`;
  return `compared step ${index + 1}: ${step.method} ${step.path}${`${query}${body}${raw}`.slice(0, 300)}`;
}
