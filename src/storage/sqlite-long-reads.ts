import { Worker } from 'node:worker_threads';
import type { SqliteLog } from './sqlite-log.ts';
import type { Step, Tx } from './storage.ts';

/**
 * Reads that may take long, on a thread and a connection of their own, one body at a time; in WAL mode they neither
 * wait for the writer nor hold it up. The thread starts with the first such read.
 */
export class LongReads {
  readonly #file: string;
  readonly #log: SqliteLog;
  #worker: Worker | undefined;
  #tail: Promise<unknown> = Promise.resolve();

  constructor(file: string, log: SqliteLog) {
    this.#file = file;
    this.#log = log;
  }

  read<T>(body: () => Tx<T>): Promise<T> {
    const turn = this.#tail.then(() => this.#drive(body));
    this.#tail = turn.catch(() => undefined).then(() => this.#emptyLog());
    return turn;
  }

  /**
   * The log starts anew only when nobody reads from it. Reads that follow one another would keep it growing for as long
   * as they do, so an overgrown one is emptied between two of them.
   */
  async #emptyLog(): Promise<void> {
    if (this.#log.overgrown) await this.#log.empty();
  }

  async close(): Promise<void> {
    await this.#tail;
    await this.#worker?.terminate();
  }

  async #drive<T>(body: () => Tx<T>): Promise<T> {
    const committed: (() => void)[] = [];
    try {
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
    } finally {
      await this.#ask({ kind: 'end' });
    }
  }

  #ask(step: Step | { kind: 'end' }): Promise<unknown> {
    const worker = this.#started();
    return new Promise((resolve, reject) => {
      const settle = () => {
        worker.off('message', onMessage);
        worker.off('error', onError);
      };
      const onMessage = (answer: { value?: unknown; error?: { message: string; code?: string } }) => {
        settle();
        if (answer.error === undefined) resolve(answer.value);
        else reject(Object.assign(new Error(answer.error.message), { code: answer.error.code }));
      };
      const onError = (error: Error) => {
        settle();
        this.#worker = undefined;
        reject(error);
      };
      worker.on('message', onMessage);
      worker.on('error', onError);
      worker.postMessage(step);
    });
  }

  #started(): Worker {
    if (this.#worker === undefined) {
      this.#worker = new Worker(new URL('./sqlite-reader.js', import.meta.url), {
        workerData: { file: this.#file },
        resourceLimits: { maxOldGenerationSizeMb: 256 },
      });
      this.#worker.unref();
    }
    return this.#worker;
  }
}
