import { setTimeout as delay } from 'node:timers/promises';
import type { Executor } from './executor.ts';
import type { RequestQueue } from './queue.ts';

export interface PoolOptions {
  readonly queue: RequestQueue;
  /** Starts an executor that is ready to predict. */
  readonly start: () => Promise<Executor>;
  readonly size: number;
  /** An executor that holds more is replaced before it is ended; undefined is no limit. */
  readonly maxMemoryBytes: number | undefined;
  readonly onRestart: (reason: string) => void;
  readonly onFailedStart: (error: Error) => void;
}

export interface Pool {
  readonly executors: ReadonlySet<Executor>;
  readonly restarts: number;
  /** Adds executors up to the size; resolves when all are there. The first one may be given. */
  fill(first?: Executor): Promise<void>;
  /** Replaces one executor after the other; none is missing meanwhile. */
  renew(): Promise<void>;
  /** Ends all of them. */
  close(): Promise<void>;
}

const firstBackoffMs = 100;
const lastBackoffMs = 30_000;
/** One that lived this long is started again without waiting. */
const healthyMs = 60_000;
const watchMs = 1000;

/** Keeps a number of executors running: one that ends is started again, ever later while it keeps ending. */
export function createPool({ queue, start, size, maxMemoryBytes, onRestart, onFailedStart }: PoolOptions): Pool {
  const executors = new Set<Executor>();
  const closing = new AbortController();
  let restarts = 0;
  let backoffMs = 0;
  let replacing = false;
  let renewing: Promise<void> = Promise.resolve();

  function take(executor: Executor): void {
    const startedMs = performance.now();
    executors.add(executor);
    queue.add(executor);
    executor.ended.then((reason) => {
      // One that was replaced is no longer among them.
      if (!executors.delete(executor) || closing.signal.aborted) return;
      restarts++;
      onRestart(reason);
      const healthy = performance.now() - startedMs > healthyMs;
      backoffMs = healthy || backoffMs === 0 ? firstBackoffMs : Math.min(backoffMs * 2, lastBackoffMs);
      void revive();
    });
  }

  async function revive(): Promise<void> {
    try {
      await delay(backoffMs, undefined, { signal: closing.signal });
    } catch {
      return;
    }
    try {
      const executor = await start();
      if (closing.signal.aborted) executor.kill();
      else take(executor);
    } catch (error) {
      if (closing.signal.aborted) return;
      onFailedStart(error as Error);
      backoffMs = Math.min(backoffMs * 2, lastBackoffMs);
      void revive();
    }
  }

  async function replace(old: Executor): Promise<void> {
    const fresh = await start();
    if (closing.signal.aborted || !executors.has(old)) return fresh.kill();
    executors.delete(old);
    take(fresh);
    await queue.release(old);
    old.kill();
  }

  const watch = setInterval(() => {
    if (maxMemoryBytes === undefined || replacing) return;
    const large = [...executors].find((executor) => (executor.memoryBytes() ?? 0) > maxMemoryBytes);
    if (large === undefined) return;
    replacing = true;
    renewing = replace(large)
      .catch(onFailedStart)
      .finally(() => {
        replacing = false;
      });
  }, watchMs).unref();

  return {
    executors,
    get restarts() {
      return restarts;
    },
    async fill(first) {
      if (first !== undefined) take(first);
      const others = await Promise.allSettled(Array.from({ length: size - executors.size }, start));
      for (const other of others) if (other.status === 'fulfilled') take(other.value);
      const failed = others.find((other) => other.status === 'rejected');
      if (failed !== undefined) throw failed.reason;
    },
    async renew() {
      await renewing;
      for (const executor of [...executors]) await replace(executor);
    },
    async close() {
      closing.abort();
      clearInterval(watch);
      const ends = [...executors].map((executor) => executor.ended);
      for (const executor of executors) executor.kill();
      await Promise.all(ends);
      await renewing;
    },
  };
}
