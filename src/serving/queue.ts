import { AppError } from '../errors.ts';
import { type Executor, ExecutorEnded, type Outcome, type Work } from './executor.ts';
import { bytesOf } from './table.ts';

export interface QueueLimits {
  /** Requests that may wait; one more is refused with 429. */
  readonly waiting: number;
  /** Bytes that the waiting requests may hold together; a request that is alone waits whatever it holds. */
  readonly waitingBytes: number;
  /** Rows of one batch, and requests in it. */
  readonly batchRows: number;
  readonly batchRequests: number;
  /** How long a request may take from its arrival, and a batch from its start. */
  readonly timeoutMs: number;
}

export const defaultLimits: QueueLimits = {
  waiting: 2048,
  waitingBytes: 256 * 1024 * 1024,
  batchRows: 1024,
  batchRequests: 128,
  timeoutMs: 30_000,
};

/** What is seen of a queue from outside. */
export interface QueueEvents {
  batch(requests: number, rows: number): void;
  retried(): void;
}

interface Waiting {
  readonly work: Work;
  readonly rows: number;
  readonly bytes: number;
  readonly arrivedMs: number;
  attempts: number;
  /** Answered, timed out or left: its outcome is nobody's concern any more. */
  done: boolean;
  readonly resolve: (outcome: Outcome) => void;
  readonly reject: (error: Error) => void;
}

interface Lane {
  readonly executor: Executor;
  readonly running: Set<{ readonly batch: readonly Waiting[]; readonly startedMs: number }>;
  /** After a batch of several requests: how many are expected again soon, and until when they are waited for. */
  expected: number;
  expectedUntilMs: number;
}

/** The longest that a free executor waits for the callers of its last batch, as a part of what that batch took. */
const patience = 1 / 6;
const leastPatientMs = 3;
const sweepMs = 100;

/**
 * Requests on their way to the executors of one deployment. They are predicted together when they waited for a busy
 * executor; a free one takes a request at once, but for a moment after a batch of several, when their callers are about
 * to ask again.
 */
export class RequestQueue {
  readonly #limits: QueueLimits;
  readonly #events: QueueEvents;
  readonly #now: () => number;
  readonly #waiting: Waiting[] = [];
  #waitingBytes = 0;
  readonly #lanes = new Set<Lane>();
  readonly #sweep: NodeJS.Timeout;
  #under = 0;
  #timer: NodeJS.Timeout | undefined;
  #closed: AppError | undefined;
  #whenEmpty: (() => void)[] = [];

  constructor(limits: QueueLimits, events: QueueEvents, now: () => number = () => performance.now()) {
    this.#limits = limits;
    this.#events = events;
    this.#now = now;
    this.#sweep = setInterval(() => this.sweep(), sweepMs).unref();
  }

  get waiting(): number {
    return this.#waiting.length;
  }

  /** Requests waiting or being predicted. */
  get pending(): number {
    return this.#waiting.length + this.#under;
  }

  /**
   * Has a request predicted. Rejects with REQUEST_LIMIT_EXCEEDED when too many wait, TEMPORARILY_UNAVAILABLE (504) when
   * it takes too long, and (503) when the executor died on it twice. An aborted one leaves the queue.
   */
  submit(work: Work, signal?: AbortSignal): Promise<Outcome> {
    if (this.#closed !== undefined) return Promise.reject(this.#closed);
    const bytes = work.kind === 'table' ? bytesOf(work.table) : work.body.length;
    const { length } = this.#waiting;
    if (length >= this.#limits.waiting || (length > 0 && this.#waitingBytes + bytes > this.#limits.waitingBytes))
      return Promise.reject(tooMany(length, this.#waitingBytes));
    return new Promise((resolve, reject) => {
      const waiting: Waiting = {
        work,
        rows: work.kind === 'table' ? work.table.rows : 1,
        bytes,
        arrivedMs: this.#now(),
        attempts: 0,
        done: false,
        resolve,
        reject,
      };
      signal?.addEventListener('abort', () => this.#leave(waiting), { once: true });
      this.#waiting.push(waiting);
      this.#waitingBytes += bytes;
      this.#pump();
    });
  }

  /** Takes an executor into service; it leaves by itself when it ends. */
  add(executor: Executor): void {
    const lane: Lane = { executor, running: new Set(), expected: 0, expectedUntilMs: 0 };
    this.#lanes.add(lane);
    executor.ended.then(() => this.#lanes.delete(lane));
    this.#pump();
  }

  /** Gives an executor nothing more to do; resolves when it has done what it had. */
  async release(executor: Executor): Promise<void> {
    const lane = [...this.#lanes].find((each) => each.executor === executor);
    if (lane === undefined) return;
    this.#lanes.delete(lane);
    while (lane.running.size > 0) await this.#nextEnd();
  }

  /** Resolves when nothing waits and nothing is predicted. */
  async drained(): Promise<void> {
    while (this.pending > 0) await this.#nextEnd();
  }

  /** Refuses everything from now on; what waits is answered with `error`. */
  close(error: AppError): void {
    this.#closed = error;
    clearInterval(this.#sweep);
    clearTimeout(this.#timer);
    while (this.#waiting.length > 0) this.#fail(this.#takeOut(this.#waiting.length - 1), error);
    this.#notify();
  }

  /** Ends what takes too long: requests with 504, and executors that hang. */
  sweep(): void {
    const limit = this.#now() - this.#limits.timeoutMs;
    // A request that is given back to the queue stands at its head, and is its oldest.
    while (this.#waiting[0] !== undefined && this.#waiting[0].arrivedMs < limit)
      this.#fail(this.#takeOut(0), tooLong(this.#limits.timeoutMs));
    for (const lane of this.#lanes)
      for (const { batch, startedMs } of lane.running) {
        for (const waiting of batch)
          if (waiting.arrivedMs < limit) this.#fail(waiting, tooLong(this.#limits.timeoutMs));
        if (startedMs < limit) lane.executor.kill();
      }
  }

  #leave(waiting: Waiting): void {
    waiting.done = true;
    const at = this.#waiting.indexOf(waiting);
    if (at !== -1) this.#takeOut(at);
    this.#notify();
  }

  /** Every request leaves the queue by here. */
  #takeOut(at: number): Waiting {
    const waiting = at === 0 ? this.#waiting.shift()! : this.#waiting.splice(at, 1)[0]!;
    this.#waitingBytes -= waiting.bytes;
    return waiting;
  }

  #pump(): void {
    if (this.#waiting.length === 0) return;
    for (const lane of this.#lanes) {
      while (lane.running.size < lane.executor.depth && this.#waiting.length > 0) {
        if (this.#expectsMore(lane)) break;
        this.#start(lane, this.#take());
      }
    }
  }

  #expectsMore(lane: Lane): boolean {
    if (this.#waiting.length >= lane.expected) return false;
    const leftMs = lane.expectedUntilMs - this.#now();
    if (leftMs <= 0) return false;
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      for (const each of this.#lanes) each.expected = 0;
      this.#pump();
    }, leftMs);
    return true;
  }

  /** The first request, and those behind it that can be predicted with it. */
  #take(): Waiting[] {
    const first = this.#takeOut(0);
    const batch = [first];
    // One on which an executor died is tried alone, so that it takes no other request with it again.
    if (first.work.kind === 'body' || first.attempts > 0) return batch;
    let { rows } = first;
    const { table, paramsKey } = first.work;
    for (let i = 0; i < this.#waiting.length && batch.length < this.#limits.batchRequests; ) {
      const next = this.#waiting[i]!;
      const fits =
        next.work.kind === 'table' &&
        next.attempts === 0 &&
        next.work.table.layout === table.layout &&
        next.work.paramsKey === paramsKey &&
        rows + next.rows <= this.#limits.batchRows;
      if (!fits) {
        i++;
        continue;
      }
      rows += next.rows;
      batch.push(this.#takeOut(i));
    }
    return batch;
  }

  #start(lane: Lane, batch: readonly Waiting[]): void {
    const running = { batch, startedMs: this.#now() };
    lane.running.add(running);
    this.#under += batch.length;
    this.#events.batch(
      batch.length,
      batch.reduce((sum, { rows }) => sum + rows, 0),
    );
    lane.executor.run(batch.map(({ work }) => work)).then(
      (outcomes) => {
        const now = this.#now();
        const tookMs = now - running.startedMs;
        lane.expected = batch.length > 1 && tookMs >= leastPatientMs ? batch.length : 0;
        lane.expectedUntilMs = now + tookMs * patience;
        this.#end(lane, running);
        batch.forEach((waiting, i) => {
          if (waiting.done) return;
          waiting.done = true;
          waiting.resolve(outcomes[i]!);
        });
        this.#pump();
      },
      (error) => {
        this.#end(lane, running);
        this.#retry(batch, error);
        this.#pump();
      },
    );
  }

  #end(lane: Lane, running: { readonly batch: readonly Waiting[]; readonly startedMs: number }): void {
    lane.running.delete(running);
    this.#under -= running.batch.length;
    this.#notify();
  }

  #retry(batch: readonly Waiting[], error: Error): void {
    for (const waiting of batch.toReversed()) {
      if (waiting.done) continue;
      if (!(error instanceof ExecutorEnded)) this.#fail(waiting, error);
      else if (this.#closed !== undefined) this.#fail(waiting, this.#closed);
      else if (++waiting.attempts > 1) this.#fail(waiting, diedTwice());
      else {
        this.#events.retried();
        this.#waiting.unshift(waiting);
        this.#waitingBytes += waiting.bytes;
      }
    }
  }

  #fail(waiting: Waiting, error: Error): void {
    if (waiting.done) return;
    waiting.done = true;
    waiting.reject(error);
  }

  #nextEnd(): Promise<void> {
    return new Promise((resolve) => this.#whenEmpty.push(resolve));
  }

  #notify(): void {
    const listeners = this.#whenEmpty;
    this.#whenEmpty = [];
    for (const listener of listeners) listener();
  }
}

const tooMany = (waiting: number, bytes: number) =>
  new AppError(
    'REQUEST_LIMIT_EXCEEDED',
    `${waiting} requests of ${bytes} bytes wait for this model already. Ask again in a moment.`,
    { retryAfterSeconds: 1 },
  );

const tooLong = (timeoutMs: number) =>
  new AppError('TEMPORARILY_UNAVAILABLE', `The model did not answer within ${timeoutMs} ms.`, {
    status: 504,
    retryAfterSeconds: 1,
  });

const diedTwice = () =>
  new AppError('TEMPORARILY_UNAVAILABLE', "The model's process ended twice while it predicted this request.", {
    retryAfterSeconds: 5,
  });
