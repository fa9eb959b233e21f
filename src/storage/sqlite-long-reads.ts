import { Worker } from 'node:worker_threads';
import type { SqliteLog } from './sqlite-log.ts';
import type { Step, Tx } from './storage.ts';

interface Answer {
  readonly value?: unknown;
  readonly error?: { readonly message: string; readonly code?: string };
}

interface Asked {
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: Error) => void;
}

/**
 * Reads that may take long, on a thread and a connection of their own, one body at a time; in WAL mode they neither
 * wait for the writer nor hold it up. The thread starts with the first such read.
 */
export class LongReads {
  readonly #file: string;
  readonly #log: SqliteLog;
  #worker: Worker | undefined;
  /** What the thread has been asked and has not answered yet, in order. */
  #asked: Asked[] = [];
  #busy = false;
  /** Bodies that wait for their turn, in order. */
  readonly #waiting: (() => void)[] = [];

  constructor(file: string, log: SqliteLog) {
    this.#file = file;
    this.#log = log;
  }

  /**
   * The thread has its first statement when this returns, if it has nothing else to do: what the caller does next is
   * done meanwhile.
   */
  async read<T>(body: () => Tx<T>): Promise<T> {
    if (this.#busy) await this.#turn();
    this.#busy = true;
    try {
      return await this.#drive(body);
    } finally {
      void this.#passOn(this.#ask({ kind: 'end' }));
    }
  }

  /** Waits for all that is being read. */
  async close(): Promise<void> {
    if (this.#busy) await this.#turn();
    await this.#worker?.terminate();
  }

  #turn(): Promise<void> {
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  /**
   * The log starts anew only when nobody reads from it. Reads that follow one another would keep it growing for as long
   * as they do, so an overgrown one is emptied between two of them.
   */
  async #passOn(ended: Promise<unknown>): Promise<void> {
    const settled = ended.catch(() => undefined);
    if (this.#log.overgrown) {
      await settled;
      await this.#log.empty();
    }
    const next = this.#waiting.shift();
    if (next === undefined) this.#busy = false;
    else next();
  }

  async #drive<T>(body: () => Tx<T>): Promise<T> {
    const committed: (() => void)[] = [];
    const steps = body();
    let next = steps.next();
    while (!next.done) {
      const step = next.value;
      if (step.kind === 'afterCommit') {
        committed.push(step.action);
        next = steps.next();
      } else next = steps.next(await this.#ask(step));
    }
    for (const action of committed) action();
    return next.value;
  }

  #ask(step: Step | { kind: 'end' }): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const worker = this.#started();
      worker.postMessage(step);
      worker.ref();
      this.#asked.push({ resolve, reject });
    });
  }

  #started(): Worker {
    if (this.#worker === undefined) {
      const worker = new Worker(new URL('./sqlite-reader.js', import.meta.url), {
        workerData: { file: this.#file },
        resourceLimits: { maxOldGenerationSizeMb: 256 },
      });
      worker.on('message', ({ value, error }: Answer) => {
        const asked = this.#asked.shift();
        if (this.#asked.length === 0) worker.unref();
        if (error === undefined) asked?.resolve(value);
        else asked?.reject(Object.assign(new Error(error.message), { code: error.code }));
      });
      // A thread that failed is started again by the next read.
      worker.on('error', (error) => {
        this.#worker = undefined;
        for (const { reject } of this.#asked.splice(0)) reject(error);
      });
      worker.unref();
      this.#worker = worker;
    }
    return this.#worker;
  }
}
