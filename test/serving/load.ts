import { Agent } from 'node:http';
import { type Answer, askOnce } from './swaps.ts';

export interface LoadOutcome {
  readonly answers: number;
  /** How many answers had each status; `broken` are connections without one. */
  readonly statuses: Readonly<Record<string, number>>;
  readonly maxMs: number;
}

/** Asks on so many connections, one request after another each, for as long as `act` takes. */
export async function during(
  { url, connections, body }: { url: string; connections: number; body: string },
  act: () => Promise<void>,
): Promise<LoadOutcome> {
  const agent = new Agent({ keepAlive: true, maxSockets: connections });
  const statuses: Record<string, number> = {};
  let [answers, maxMs, ended] = [0, 0, false];
  const load = Array.from({ length: connections }, async () => {
    while (!ended) {
      const start = performance.now();
      const answer = await askOnce(url, agent, body).catch((): Pick<Answer, 'status'> => ({ status: 0 }));
      const status = answer.status === 0 ? 'broken' : String(answer.status);
      statuses[status] = (statuses[status] ?? 0) + 1;
      maxMs = Math.max(maxMs, performance.now() - start);
      answers++;
    }
  });
  try {
    await act();
  } finally {
    ended = true;
    await Promise.all(load);
    agent.destroy();
  }
  return { answers, statuses, maxMs };
}
