import { CellarError } from './errors.ts';
import type { KeyValue } from './logging.ts';
import type { Metric } from './metrics.ts';
import { isTemporary } from './retry.ts';

export type Entry =
  | { readonly kind: 'metric'; readonly metric: Metric }
  | ({ readonly kind: 'param' } & KeyValue)
  | ({ readonly kind: 'tag' } & KeyValue);

export interface Batch {
  readonly metrics: readonly Metric[];
  readonly params: readonly KeyValue[];
  readonly tags: readonly KeyValue[];
}

/** What MLflow takes in one call. */
const limits = { metric: 1000, param: 100, tag: 100, total: 1000 } as const;
/** After so many refused values of one batch the rest of it is not tried one by one. */
const maxSearched = 10;

/** How many entries, from the first on, one call may carry. A param stands in a call only once. */
export function batchLength(entries: readonly Entry[]): number {
  const counts = { metric: 0, param: 0, tag: 0 };
  const params = new Set<string>();
  let length = 0;
  for (const entry of entries) {
    if (length === limits.total || counts[entry.kind] === limits[entry.kind]) break;
    if (entry.kind === 'param') {
      if (params.has(entry.key)) break;
      params.add(entry.key);
    }
    counts[entry.kind] += 1;
    length += 1;
  }
  return length;
}

function toBatch(entries: readonly Entry[]): Batch {
  const metrics: Metric[] = [];
  const params: KeyValue[] = [];
  const tags: KeyValue[] = [];
  for (const entry of entries)
    if (entry.kind === 'metric') metrics.push(entry.metric);
    else (entry.kind === 'param' ? params : tags).push({ key: entry.key, value: entry.value });
  return { metrics, params, tags };
}

interface Refusal {
  readonly entry: Entry;
  readonly error: unknown;
}

/** Whether a part of the batch may be the reason, so that the other part would be kept. */
const mayBeOneEntry = (error: unknown) =>
  error instanceof CellarError && error.status !== undefined && [400, 413, 500].includes(error.status);

export interface BackgroundBatch {
  /** Takes an entry at once; it is sent in the background. */
  add(entry: Entry): void;
  /**
   * Sends what is waiting and resolves when the server has kept it. Rejects with the server's reason for every value
   * refused since the last flush, and when the server gives no answer: what is unsent then stays for the next attempt.
   */
  flush(): Promise<void>;
  /** Entries that the server has not answered for. */
  size(): number;
}

export interface BackgroundBatchOptions {
  readonly send: (batch: Batch) => Promise<void>;
  /** Calls back after a short idle time; gives a function that cancels it. */
  readonly whenIdle?: (callback: () => void) => () => void;
}

/**
 * Gathers entries and sends them in their order, one call at a time: when a call is full, after a short idle, and on
 * flush. The server keeps a call as a whole or not at all, so a call that it refuses is halved until only the value at
 * fault is left out.
 */
export function backgroundBatch({ send, whenIdle = unrefTimer }: BackgroundBatchOptions): BackgroundBatch {
  const queue: Entry[] = [];
  let refusals: Refusal[] = [];
  let stalled: unknown;
  let sending: Promise<void> | undefined;
  let cancelIdle: (() => void) | undefined;

  function startWhenIdle(): void {
    cancelIdle ??= whenIdle(() => {
      cancelIdle = undefined;
      void start();
    });
  }

  function start(): Promise<void> {
    cancelIdle?.();
    cancelIdle = undefined;
    sending ??= sendAll().finally(() => {
      sending = undefined;
      if (queue.length > 0) startWhenIdle();
    });
    return sending;
  }

  async function sendAll(): Promise<void> {
    stalled = undefined;
    while (queue.length > 0) {
      const entries = queue.slice(0, batchLength(queue));
      try {
        refusals.push(...(await refusedOf(entries)));
      } catch (error) {
        stalled = error;
        return;
      }
      queue.splice(0, entries.length);
    }
  }

  /** Sends the entries and gives those that the server will never take. Throws when it may take them later. */
  async function refusedOf(entries: readonly Entry[]): Promise<Refusal[]> {
    const refused: Refusal[] = [];
    const attempt = async (part: readonly Entry[]): Promise<void> => {
      try {
        await send(toBatch(part));
      } catch (error) {
        if (isTemporary(error)) throw error;
        if (part.length === 1 || !mayBeOneEntry(error) || refused.length >= maxSearched) {
          for (const entry of part) refused.push({ entry, error });
          return;
        }
        const middle = Math.ceil(part.length / 2);
        await attempt(part.slice(0, middle));
        await attempt(part.slice(middle));
      }
    };
    await attempt(entries);
    return refused;
  }

  return {
    add(entry) {
      queue.push(entry);
      if (sending !== undefined) return;
      if (queue.length >= limits.total && stalled === undefined) void start();
      else startWhenIdle();
    },
    async flush() {
      // Values that come while it sends belong to it as well.
      do await start();
      while (queue.length > 0 && stalled === undefined);
      if (stalled !== undefined) throw stalled;
      if (refusals.length === 0) return;
      const reported = refusals;
      refusals = [];
      throw refusalError(reported);
    },
    size: () => queue.length,
  };
}

const nameOf = (entry: Entry) => `${entry.kind} '${entry.kind === 'metric' ? entry.metric.key : entry.key}'`;

function refusalError(refusals: readonly Refusal[]): unknown {
  const [first] = refusals;
  if (refusals.length === 1 || !(first?.error instanceof CellarError)) return first?.error;
  const names = [...new Set(refusals.map(({ entry }) => nameOf(entry)))];
  const shown = names.slice(0, 5).join(', ') + (names.length > 5 ? ` and ${names.length - 5} more` : '');
  const { code, message, status, requestId } = first.error;
  return new CellarError(code, `${refusals.length} values were not logged (${shown}). The first because: ${message}`, {
    status,
    requestId,
    cause: new AggregateError(refusals.map(({ error }) => error)),
  });
}

const idleMs = 250;

/** Does not keep the process alive: at its end the fluent layer flushes. */
function unrefTimer(callback: () => void): () => void {
  const timer = setTimeout(callback, idleMs);
  timer.unref();
  return () => clearTimeout(timer);
}
