import { play } from './play.ts';
import { dropOthers, layOut, type Recorded, readRecording, requestsOf, writeRecording } from './recording.ts';
import type { Capability, Sequence } from './sequence.ts';

const connections = 3;

/** Runs `work` over the items, a few at a time, and gives the results in the order of the items. */
export async function aFewAtATime<Item, Result>(items: readonly Item[], work: (item: Item) => Promise<Result>) {
  const results: Result[] = [];
  const waiting = [...items.entries()];
  const worker = async () => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) results[next[0]] = await work(next[1]);
  };
  await Promise.all(Array.from({ length: connections }, worker));
  return results;
}

/** Plays the chosen sequences on MLflow's server and keeps its answers beside those recorded before. */
export async function record(
  all: readonly Capability[],
  chosen: (capability: Capability, sequence: Sequence) => boolean,
  url: string,
  say: (line: string) => void,
): Promise<void> {
  const mlflow = await (await fetch(`${url}/version`)).text();
  for (const capability of all) {
    const sequences = capability.sequences.filter((sequence) => chosen(capability, sequence));
    if (sequences.length === 0) continue;
    const played = await aFewAtATime(sequences, async (sequence): Promise<[string, Recorded]> => {
      const answers = await play(sequence, url).catch((cause: unknown) => {
        throw new Error(`${capability.name}: ${sequence.name}`, { cause });
      });
      return [sequence.name, { requests: requestsOf(sequence), answers }];
    });
    const before = readRecording(capability.name);
    writeRecording(capability, { mlflow, sequences: { ...before.sequences, ...Object.fromEntries(played) } });
    say(`${capability.name}: ${sequences.length} sequences recorded`);
  }
  dropOthers(all);
  layOut();
}
