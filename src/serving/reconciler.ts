import { setTimeout as delay } from 'node:timers/promises';
import type { FastifyBaseLogger } from 'fastify';
import type { Champion, ChampionSource } from './champions.ts';
import type { Deployment } from './deployment.ts';
import { ExecutorEnded } from './executor.ts';
import { ModelFault } from './faults.ts';

/** Keeps the history of deployments. */
export interface DeploymentHistory {
  begin(champion: Champion): Promise<number>;
  live(deploymentNo: number, deployment: Deployment): Promise<void>;
  confirmed(deploymentNo: number, decisionId: string): Promise<void>;
  draining(deploymentNo: number): Promise<void>;
  ended(deploymentNo: number, status: 'stopped' | 'failed', reason: string | null): Promise<void>;
}

export interface ReconcilerOptions {
  readonly champions: ChampionSource;
  readonly history: DeploymentHistory;
  /** Starts a champion; resolves when it has warmed up. */
  readonly open: (champion: Champion, deploymentNo: number, signal: AbortSignal) => Promise<Deployment>;
  /** Called when nothing moves any more, with the champions that are wanted or served. */
  readonly onSettled?: (champions: readonly Champion[]) => Promise<void>;
  readonly logger: FastifyBaseLogger;
  readonly retryMs?: number;
}

/** A slot as it is served here and now. */
export interface ServedSlot {
  readonly slotNo: number;
  readonly environment: string;
  readonly service: string;
  readonly desired: Champion | undefined;
  readonly live:
    | { readonly deploymentNo: number; readonly deployment: Deployment; readonly sinceMs: number }
    | undefined;
  /** What is being started beside it. */
  readonly starting: Champion | undefined;
  /** Why the desired champion is not live yet. */
  readonly problem: string | undefined;
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

interface Slot extends Mutable<ServedSlot> {
  settling: Promise<void> | undefined;
  calledOff: AbortController | undefined;
  /** The champion that failed for good; it is not tried again before another one was desired. */
  refused: string | undefined;
  failures: number;
}

const mostRetryMs = 60_000;
const openedAtOnce = 3;
/** A process that dies while its model loads may have been killed from outside; one that dies again has not. */
const deathsOfAModel = 2;

/** Two champions that the same workers can answer for. */
const modelKey = ({ versionNo, artifactDigest, storageLocation, serve }: Champion) =>
  JSON.stringify([versionNo, artifactDigest, storageLocation, serve.replicas, serve.runtime]);

const placeKey = (environment: string, service: string) => `${environment}\0${service}`;

/** Brings what is served to what is decided, slot by slot, one step at a time; the old champion answers meanwhile. */
export class Reconciler {
  readonly #options: ReconcilerOptions;
  readonly #slots = new Map<number, Slot>();
  readonly #byPlace = new Map<string, Slot>();
  readonly #background = new Set<Promise<unknown>>();
  readonly #closing = new AbortController();
  #unsubscribe: () => void = () => undefined;
  #refreshing: Promise<void> | undefined;
  #refreshAgain = false;
  readonly #draining = new Set<Deployment>();
  #opening = 0;
  readonly #queued: (() => void)[] = [];

  constructor(options: ReconcilerOptions) {
    this.#options = options;
  }

  get slots(): readonly ServedSlot[] {
    return [...this.#slots.values()];
  }

  find(environment: string, service: string): ServedSlot | undefined {
    return this.#byPlace.get(placeKey(environment, service));
  }

  /** Starts serving what is decided, and follows every change from then on. */
  start(): void {
    this.#unsubscribe = this.#options.champions.onChange(() => this.refresh());
    this.refresh();
  }

  /** Tries a champion again that was given up, or that waits for its next attempt. */
  retry(slotNo: number): void {
    const slot = this.#slots.get(slotNo);
    if (slot === undefined) return;
    slot.refused = undefined;
    slot.calledOff?.abort();
    this.#want(slot, slot.desired);
  }

  /** Looks again at what is decided. */
  refresh(): void {
    if (this.#refreshing !== undefined) {
      this.#refreshAgain = true;
      return;
    }
    this.#refreshing = this.#refresh().finally(() => {
      this.#refreshing = undefined;
      if (this.#refreshAgain && !this.#closing.signal.aborted) {
        this.#refreshAgain = false;
        this.refresh();
      }
    });
  }

  /** Resolves when every slot serves what it should, or has a problem. */
  async settled(): Promise<void> {
    for (;;) {
      const under = [this.#refreshing, ...[...this.#slots.values()].map(({ settling }) => settling)].filter(
        (each) => each !== undefined,
      );
      if (under.length === 0) return;
      await Promise.all(under);
    }
  }

  /** Ends everything that is served, at once. */
  async close(): Promise<void> {
    this.#closing.abort();
    this.#unsubscribe();
    for (const { calledOff } of this.#slots.values()) calledOff?.abort();
    await this.settled();
    await Promise.all(
      [...this.#slots.values()].map(async (slot) => {
        const { live } = slot;
        slot.live = undefined;
        if (live === undefined) return;
        await live.deployment.kill();
        await this.#options.history.ended(live.deploymentNo, 'stopped', 'the server ended');
      }),
    );
    await Promise.all([...this.#draining].map((deployment) => deployment.kill()));
    await Promise.all(this.#background);
  }

  async #refresh(): Promise<void> {
    const champions = await this.#list();
    if (champions === undefined) return;
    const desired = new Map(champions.map((champion) => [champion.slotNo, champion]));
    for (const slotNo of this.#slots.keys()) if (!desired.has(slotNo)) this.#want(this.#slots.get(slotNo)!, undefined);
    for (const champion of champions) this.#want(this.#slotOf(champion), champion);
  }

  /** Once nothing moves, what no slot needs can be thrown away. */
  #tidy(): void {
    const { onSettled } = this.#options;
    const slots = [...this.#slots.values()];
    if (onSettled === undefined || this.#closing.signal.aborted) return;
    if (this.#draining.size > 0 || slots.some(({ settling }) => settling !== undefined)) return;
    const kept = slots.flatMap(({ desired, live }) => [desired, live?.deployment.champion]);
    const tidying = this.#quietly(onSettled(kept.filter((champion) => champion !== undefined)));
    this.#background.add(tidying);
    void tidying.finally(() => this.#background.delete(tidying));
  }

  async #list(): Promise<Champion[] | undefined> {
    for (let failures = 0; !this.#closing.signal.aborted; failures++)
      try {
        return await this.#options.champions.list();
      } catch (error) {
        this.#options.logger.warn({ err: error }, 'what should be served cannot be read; trying again');
        await this.#pause(failures, this.#closing.signal);
      }
    return undefined;
  }

  #slotOf({ slotNo, environment, service }: Champion): Slot {
    const known = this.#slots.get(slotNo);
    if (known !== undefined) return known;
    const slot: Slot = {
      slotNo,
      environment,
      service,
      desired: undefined,
      live: undefined,
      starting: undefined,
      problem: undefined,
      settling: undefined,
      calledOff: undefined,
      refused: undefined,
      failures: 0,
    };
    this.#slots.set(slotNo, slot);
    this.#byPlace.set(placeKey(environment, service), slot);
    return slot;
  }

  #want(slot: Slot, champion: Champion | undefined): void {
    const changed =
      champion === undefined || slot.desired === undefined || modelKey(champion) !== modelKey(slot.desired);
    slot.desired = champion;
    if (changed) {
      slot.failures = 0;
      slot.calledOff?.abort();
      if (champion !== undefined && slot.refused !== undefined && slot.refused !== refusalKey(champion))
        slot.refused = undefined;
    }
    slot.settling ??= this.#settle(slot)
      .catch((err: unknown) => {
        this.#options.logger.error({ err, environment: slot.environment, service: slot.service }, 'a slot is stuck');
      })
      .finally(() => {
        slot.settling = undefined;
        this.#tidy();
      });
  }

  async #settle(slot: Slot): Promise<void> {
    while (!this.#closing.signal.aborted) {
      const { desired, live } = slot;
      if (desired === undefined) {
        if (live !== undefined) this.#retire(slot, live, 'no champion is decided for this slot');
        this.#slots.delete(slot.slotNo);
        this.#byPlace.delete(placeKey(slot.environment, slot.service));
        return;
      }
      if (live !== undefined && modelKey(live.deployment.champion) === modelKey(desired)) {
        slot.problem = undefined;
        if (live.deployment.champion === desired) return;
        await this.#confirm(slot, live, desired);
        continue;
      }
      if (slot.refused === refusalKey(desired)) return;
      await this.#replace(slot, desired);
    }
  }

  /** Has the live deployment answer for a champion of the same model. It never throws; a failure is tried again. */
  async #confirm(slot: Slot, { deploymentNo, deployment }: NonNullable<Slot['live']>, champion: Champion) {
    const { history, logger } = this.#options;
    const before = deployment.champion;
    deployment.champion = champion;
    if (before.decisionId === champion.decisionId) return;
    const calledOff = new AbortController();
    slot.calledOff = calledOff;
    try {
      await history.confirmed(deploymentNo, champion.decisionId);
      slot.failures = 0;
    } catch (err) {
      // What is not recorded yet must still look like another decision.
      deployment.champion = before;
      logger.warn(
        { err, environment: slot.environment, service: slot.service },
        'a decision was not recorded; trying again',
      );
      await this.#pause(++slot.failures, calledOff.signal);
    } finally {
      slot.calledOff = undefined;
    }
  }

  /** One attempt to serve a champion. It never throws: what goes wrong becomes the slot's problem. */
  async #replace(slot: Slot, champion: Champion): Promise<void> {
    const { history, logger, open, champions } = this.#options;
    const calledOff = new AbortController();
    slot.calledOff = calledOff;
    slot.starting = champion;
    const about = { environment: slot.environment, service: slot.service, model: named(champion) };
    let deploymentNo: number | undefined;
    try {
      const begun = await history.begin(champion);
      deploymentNo = begun;
      const deployment = await this.#inTurn(() => open(champion, begun, calledOff.signal));
      if (calledOff.signal.aborted || this.#closing.signal.aborted) {
        await deployment.kill();
        throw new Error('called off');
      }
      const old = slot.live;
      // The moment of the swap: whoever asks from now on is answered by the new champion.
      slot.live = { deploymentNo, deployment, sinceMs: Date.now() };
      slot.problem = undefined;
      slot.failures = 0;
      logger.info({ ...about, runtime: deployment.model.runtime }, 'serving');
      if (old !== undefined) this.#retire(slot, old, `replaced by ${named(champion)}`);
      await history.live(deploymentNo, deployment);
    } catch (error) {
      const message = (error as Error).message;
      if (calledOff.signal.aborted || this.#closing.signal.aborted) {
        if (deploymentNo !== undefined)
          await this.#quietly(history.ended(deploymentNo, 'stopped', 'called off before it was live'));
        return;
      }
      slot.failures++;
      slot.problem = message;
      if (deploymentNo !== undefined) await this.#quietly(history.ended(deploymentNo, 'failed', message));
      if (error instanceof ModelFault || (error instanceof ExecutorEnded && slot.failures >= deathsOfAModel)) {
        logger.warn({ ...about, reason: message }, 'the champion cannot be served; the old one goes on');
        slot.refused = refusalKey(champion);
        await this.#quietly(champions.quarantine(champion, message));
        return;
      }
      logger.warn({ ...about, err: error }, 'the champion did not start; trying again');
      await this.#pause(slot.failures, calledOff.signal);
    } finally {
      slot.starting = undefined;
      slot.calledOff = undefined;
    }
  }

  #retire(slot: Slot, { deploymentNo, deployment }: NonNullable<Slot['live']>, reason: string): void {
    if (slot.live?.deployment === deployment) slot.live = undefined;
    const { history } = this.#options;
    this.#draining.add(deployment);
    const ending = (async () => {
      await this.#quietly(history.draining(deploymentNo));
      await deployment.drain();
      this.#draining.delete(deployment);
      await history.ended(deploymentNo, 'stopped', reason);
    })();
    const quiet = this.#quietly(ending);
    this.#background.add(quiet);
    void quiet.finally(() => {
      this.#background.delete(quiet);
      this.#tidy();
    });
  }

  /** Loading a model takes all that a machine has; many at once would all be late. */
  async #inTurn<T>(act: () => Promise<T>): Promise<T> {
    if (this.#opening >= openedAtOnce) await new Promise<void>((resolve) => this.#queued.push(resolve));
    else this.#opening++;
    try {
      return await act();
    } finally {
      const next = this.#queued.shift();
      if (next === undefined) this.#opening--;
      else next();
    }
  }

  async #quietly(act: Promise<unknown>): Promise<void> {
    await act.catch((error: unknown) => this.#options.logger.error({ err: error }, 'a deployment was not recorded'));
  }

  async #pause(failures: number, signal: AbortSignal): Promise<void> {
    const ms = Math.min((this.#options.retryMs ?? 1000) * 2 ** Math.min(failures, 10), mostRetryMs);
    await delay(ms, undefined, { signal: AbortSignal.any([signal, this.#closing.signal]), ref: false }).catch(
      () => undefined,
    );
  }
}

const named = ({ registeredModel, version }: Champion) => `${registeredModel} version ${version}`;
const refusalKey = (champion: Champion) => `${champion.decisionId} ${modelKey(champion)}`;
