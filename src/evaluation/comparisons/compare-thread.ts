import { parentPort } from 'node:worker_threads';
import type { BuiltInMetric } from '../evaluations/evaluation.ts';
import { type Bootstrapped, pairedBootstrap } from './bootstrap.ts';
import type { ComparedMetric } from './comparison.ts';
import { scoreOf } from './metrics.ts';
import { type PredictionsFile, readPair } from './pair.ts';

export interface Question {
  readonly challenger: PredictionsFile;
  readonly champion: PredictionsFile;
  readonly metric: ComparedMetric & { readonly name: BuiltInMetric };
  readonly seed: number;
}

export type Answer = (Bootstrapped & { readonly rows: number }) | { readonly reason: string };

async function answer({ challenger, champion, metric, seed }: Question): Promise<Answer> {
  const pair = await readPair(challenger, champion);
  const [one, other] = [scoreOf(metric.name, pair.challenger), scoreOf(metric.name, pair.champion)];
  if (one === undefined || other === undefined)
    return { reason: `${metric.name} needs probabilities, and one of the two gives none.` };
  return { rows: pair.rows, ...pairedBootstrap(pair.rows, one, other, metric.goal, seed) };
}

parentPort?.on('message', (question: Question) => {
  answer(question)
    .catch((error: Error): Answer => ({ reason: error.message }))
    .then((given) => parentPort!.postMessage(given));
});
