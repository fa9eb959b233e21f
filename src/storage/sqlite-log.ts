import { Worker } from 'node:worker_threads';

/** Pages by which the log grows before they are written back. */
const worthwhilePages = 4000;
/** Pages from which on writers are held for a moment, so that the log can start anew. */
const manyPages = 16_000;
/** Pages beyond which writers wait for the disk: it is slower than they are. */
const mostPages = 64_000;

export interface SqliteLogOptions {
  /** The database file. */
  readonly file: string;
  /** How many pages the log has; called after every commit. */
  readonly pages: () => number;
  /** Called when writers that were held may go on. */
  readonly released: () => void;
}

/**
 * Keeps the write-ahead log short. A second thread copies it into the database file and waits for the disk (a
 * checkpoint), so that the event loop does neither. The log starts anew at a write that finds all of it copied; under
 * steady writing that would never happen, so once it is large the writers are held for one more checkpoint, of the few
 * pages that came during the last one. See docs/decisions/0006.
 */
export class SqliteLog {
  readonly #options: SqliteLogOptions;
  #worker: Worker | undefined;
  #last: Promise<void> = Promise.resolve();
  #copying = false;
  #closed = false;
  #holds = 0;
  #known = 0;
  #nextCopy = worthwhilePages;
  #nextHold = manyPages;

  constructor(options: SqliteLogOptions) {
    this.#options = options;
  }

  /** True while nothing may be written. */
  get held(): boolean {
    return this.#holds > 0;
  }

  /** To be called after every commit. */
  committed(): void {
    if (this.#closed) return;
    const pages = this.#options.pages();
    if (pages < this.#known) {
      this.#nextCopy = worthwhilePages;
      this.#nextHold = manyPages;
    }
    this.#known = pages;
    if (pages < this.#nextCopy) return;
    if (!this.#copying) void this.#copy();
    else if (pages >= mostPages && !this.held) void this.#hold(this.#last);
  }

  /** True when the log has become larger than it does while nothing keeps it from starting anew. */
  get overgrown(): boolean {
    return this.#known > manyPages + worthwhilePages;
  }

  /** Holds the writers until the log is in the database file, and cuts its own file to nothing. */
  empty(): Promise<void> {
    return this.#hold(this.#checkpoint('truncate'));
  }

  /** After it nothing runs beside the event loop any more. */
  async close(): Promise<void> {
    this.#closed = true;
    while (this.#copying || this.held) await this.#last;
    await this.#worker?.terminate();
  }

  async #copy(): Promise<void> {
    this.#copying = true;
    await this.#checkpoint('passive');
    const pages = this.#options.pages();
    if (pages >= this.#nextHold) {
      // A reader may keep the log from starting anew; then it grows by as much again before writers are held again.
      this.#nextHold = pages + manyPages;
      await this.#hold(this.#checkpoint('passive'));
    }
    this.#nextCopy = this.#options.pages() + worthwhilePages;
    this.#copying = false;
  }

  async #hold(until: Promise<void>): Promise<void> {
    this.#holds++;
    await until;
    this.#holds--;
    if (!this.held) this.#options.released();
  }

  /** One at a time. A failure (a full disk, no thread to be had) leaves the log as it was, and the next one tries again. */
  #checkpoint(mode: 'passive' | 'truncate'): Promise<void> {
    this.#last = this.#last.then(() => this.#ask(mode)).catch(() => undefined);
    return this.#last;
  }

  #ask(mode: string): Promise<void> {
    return new Promise((resolve) => {
      const worker = this.#started();
      const settle = () => {
        worker.off('message', settle);
        worker.off('exit', settle);
        worker.unref();
        resolve();
      };
      worker.on('message', settle);
      worker.on('exit', settle);
      worker.postMessage(mode);
      worker.ref();
    });
  }

  #started(): Worker {
    if (this.#worker === undefined) {
      const worker = new Worker(new URL('./sqlite-checkpointer.js', import.meta.url), {
        workerData: { file: this.#options.file },
        resourceLimits: { maxOldGenerationSizeMb: 16 },
      });
      // A thread that failed is started again by the next checkpoint.
      worker.on('error', () => undefined);
      worker.on('exit', () => {
        if (this.#worker === worker) this.#worker = undefined;
      });
      worker.unref();
      this.#worker = worker;
    }
    return this.#worker;
  }
}
