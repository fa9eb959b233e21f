import { Agent, request } from 'node:http';
import type { Champion } from '../../src/serving/champions.ts';
import { championOf, type SampleModels, wineColumns, wineRows } from './models.ts';
import type { ServingServer } from './server.ts';

export interface SwapOutcome {
  readonly swaps: number;
  readonly answers: number;
  /** Requests that were not answered with 200, with what was said instead. */
  readonly failed: readonly string[];
  /** Answers that are not what the version in their header predicts. */
  readonly misattributed: readonly string[];
  readonly versionsSeen: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly maxMs: number;
}

/** Rows between and beyond those of the wine data, on which a forest of one tree and one of a hundred disagree. */
const rows = Array.from({ length: 24 }, (_, i) => {
  const [from, to] = [wineRows[i % 3]!, wineRows[(i + 1) % 3]!];
  return from.map((cell, column) => cell + ((to[column]! - cell) * ((i * 7 + column * 3) % 11)) / 10);
});
const body = JSON.stringify({ dataframe_split: { columns: wineColumns, data: rows } });

export interface Answer {
  readonly status: number;
  readonly version: string;
  readonly model: string;
  readonly text: string;
}

export function askOnce(url: string, agent: Agent, text = body): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const asking = request(
      `${url}/serve/prod/wine/invocations`,
      {
        method: 'POST',
        agent,
        headers: { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) },
      },
      (answer) => {
        const chunks: Buffer[] = [];
        answer.on('data', (chunk: Buffer) => chunks.push(chunk));
        answer.on('error', reject);
        answer.on('end', () =>
          resolve({
            status: answer.statusCode ?? 0,
            version: String(answer.headers['x-cellar-model-version']),
            model: String(answer.headers['x-cellar-registered-model']),
            text: Buffer.concat(chunks).toString('utf8'),
          }),
        );
      },
    );
    asking.on('error', reject);
    asking.end(text);
  });
}

/** Swaps two forests back and forth under a constant load, and checks every answer against the version it names. */
export async function swapUnderLoad(
  server: ServingServer,
  models: SampleModels,
  { runtime, swaps, connections }: { runtime: Champion['serve']['runtime']; swaps: number; connections: number },
): Promise<SwapOutcome> {
  const names = ['wine-1', 'wine-100'] as const;
  const agent = new Agent({ keepAlive: true, maxSockets: connections });
  const expected = new Map<string, string>();
  const decide = async (name: string) => {
    const champion = await championOf(models, name, { serve: { replicas: 1, runtime } });
    server.champions.decide(champion);
    await server.serving.settled();
    return champion;
  };
  for (const name of names) {
    await decide(name);
    expected.set(name, JSON.stringify(JSON.parse((await askOnce(server.url, agent)).text).predictions));
  }
  if (expected.get(names[0]) === expected.get(names[1])) throw new Error('The two models predict the same.');

  const failed: string[] = [];
  const misattributed: string[] = [];
  const modelOfVersion = new Map<string, string>();
  const versions = new Set<string>();
  const latencies: number[] = [];
  let ended = false;
  const load = Array.from({ length: connections }, async () => {
    while (!ended) {
      const startMs = performance.now();
      try {
        const { status, version, model, text } = await askOnce(server.url, agent);
        latencies.push(performance.now() - startMs);
        versions.add(version);
        const known = modelOfVersion.get(version) ?? model;
        modelOfVersion.set(version, known);
        if (status !== 200) failed.push(`${status} ${text}`);
        else if (known !== model || JSON.stringify(JSON.parse(text).predictions) !== expected.get(model))
          misattributed.push(`${model} version ${version}: ${text}`);
      } catch (error) {
        failed.push((error as Error).message);
      }
    }
  });
  for (let i = 0; i < swaps; i++) await decide(names[i % 2]!);
  ended = true;
  await Promise.all(load);
  agent.destroy();
  latencies.sort((a, b) => a - b);
  const at = (part: number) => latencies[Math.min(latencies.length - 1, Math.floor(latencies.length * part))] ?? 0;
  return {
    swaps,
    answers: latencies.length,
    failed,
    misattributed,
    versionsSeen: versions.size,
    p50Ms: at(0.5),
    p99Ms: at(0.99),
    maxMs: latencies.at(-1) ?? 0,
  };
}
