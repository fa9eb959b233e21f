import { AppError } from '../errors.ts';
import type { Champion } from './champions.ts';
import type { Outcome, Work } from './executor.ts';
import { createPool, type Pool } from './pool.ts';
import { type QueueEvents, type QueueLimits, RequestQueue } from './queue.ts';
import type { ReadyModel } from './ready-model.ts';

export type DeploymentStatus = 'starting' | 'warming' | 'live' | 'draining' | 'stopped' | 'failed';

export interface DeploymentOptions {
  readonly champion: Champion;
  readonly model: ReadyModel;
  readonly limits: QueueLimits;
  readonly events: QueueEvents;
  /** A worker that holds more memory is replaced by a fresh one. */
  readonly maxMemoryBytes: number | undefined;
  readonly onRestart: (reason: string) => void;
  readonly onFailedStart: (error: Error) => void;
}

/** A champion that is ready to answer. */
export class Deployment {
  /** What is served. A later decision that confirms the champion takes its place here. */
  champion: Champion;
  readonly model: ReadyModel;
  readonly queue: RequestQueue;
  readonly #pool: Pool;

  private constructor(options: DeploymentOptions) {
    const { champion, model, limits, events } = options;
    this.champion = champion;
    this.model = model;
    this.queue = new RequestQueue(limits, events);
    this.#pool = createPool({
      queue: this.queue,
      start: model.another,
      size: champion.serve.replicas,
      maxMemoryBytes: options.maxMemoryBytes,
      onRestart: options.onRestart,
      onFailedStart: options.onFailedStart,
    });
  }

  /** Resolves when all replicas are ready; throws what keeps one from it, and leaves nothing behind. */
  static async open(options: DeploymentOptions): Promise<Deployment> {
    const deployment = new Deployment(options);
    try {
      await deployment.#pool.fill(options.model.first);
      return deployment;
    } catch (error) {
      await deployment.kill();
      throw error;
    }
  }

  get restarts(): number {
    return this.#pool.restarts;
  }

  /** Memory of all worker processes. */
  get memoryBytes(): number {
    return [...this.#pool.executors].reduce((sum, executor) => sum + (executor.memoryBytes() ?? 0), 0);
  }

  get workers(): number {
    return this.#pool.executors.size;
  }

  /** Predicts. Throws an AppError that may be shown to the caller. */
  async predict(work: Work, signal?: AbortSignal): Promise<string> {
    const outcome: Outcome = await this.queue.submit(work, signal);
    if (outcome instanceof AppError) throw outcome;
    return outcome;
  }

  /** Replaces every worker by a fresh one, one after the other; requests go on being answered. */
  renew(): Promise<void> {
    return this.#pool.renew();
  }

  /** Answers what was asked, then ends. */
  async drain(): Promise<void> {
    await this.queue.drained();
    await this.kill();
  }

  /** Ends at once; what waits is told to ask again. */
  async kill(): Promise<void> {
    this.queue.close(
      new AppError('TEMPORARILY_UNAVAILABLE', 'The model is being stopped. Ask again in a moment.', {
        retryAfterSeconds: 1,
      }),
    );
    await this.#pool.close();
  }
}
