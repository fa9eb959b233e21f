import { setTimeout as delay } from 'node:timers/promises';
import { AppError } from '../errors.ts';
import type { ComparedMetric } from '../evaluation/service.ts';
import type { Storage, Tx } from '../storage/storage.ts';
import type { Configuration } from './configuration/configuration.ts';
import { policyOf } from './configuration/configuration.ts';
import { currentConfiguration } from './configuration-store.ts';
import { decide, missingComparisons } from './decide.ts';
import { type Facts, type FactsDeps, gatherFacts, metricFunctionsOf } from './facts.ts';
import { lookAt, type ModelFiles } from './model-files.ts';
import { noteChanged } from './origins.ts';
import type { SlotPolicy } from './policy.ts';
import type { Act, SelectionResult } from './selection-input.ts';
import { findSlot, releaseLease, renewLease, type Slot, takeLease } from './slot-store.ts';
import { modelSubjects } from './subjects.ts';

/** What a selection does, step by step. After any of them the process may die; nothing half is left. */
export type Step = 'gathered' | 'evaluated' | 'compared' | 'leased' | 'decided' | 'verified' | 'committed';

export interface SelectionDeps extends FactsDeps {
  readonly storage: Storage;
  readonly clock: () => number;
  readonly artifacts: ModelFiles;
  /** Compares two evaluations on a metric, off the main thread, and records the result. */
  readonly compare: (challengerId: string, championId: string, metric: ComparedMetric) => Promise<unknown>;
  /** Names this process as the holder of a lease. */
  readonly instance: string;
  /** Told of every step: the log listens, and tests that kill the process. */
  readonly onStep: (step: Step, slot: { readonly service: string; readonly environment: string }) => void;
}

export interface Wish {
  readonly service: string;
  readonly environment: string;
  readonly act: Act | null;
  /** The configuration to decide under, where it is not the one that holds. */
  readonly proposed?: ((held: Configuration) => Configuration) | undefined;
  /** Wait for every evaluation, or for the champion's alone. */
  readonly waitFor: 'all' | 'champion';
  /** Told before evaluations are asked for. */
  readonly onEvaluate?: () => void;
}

/** A decision that can be committed: what it was made from, and the right to write it. */
export interface Ready {
  readonly slot: Slot;
  readonly policy: SlotPolicy;
  readonly configuration: Configuration;
  readonly configurationNo: number;
  readonly facts: Facts;
  readonly result: SelectionResult;
  readonly fence: number;
}

/** Thrown in a transaction when what was looked at has changed since; the selection then begins anew. */
export class Overtaken extends Error {}

/** Whoever dies keeps the others waiting for so long; whoever lives renews. */
const leaseMs = 5_000;
const leaseWaitMs = 60_000;
const evaluationMs = 10 * 60_000;
const attempts = 20;

export type Selecting = ReturnType<typeof selecting>;

/** Makes selections: finds out all that they depend on, decides, and hands the decision to whoever commits it. */
export function selecting(deps: SelectionDeps) {
  const { storage, clock, artifacts, onStep } = deps;
  const { evaluable } = modelSubjects(deps);

  /** What a selection would look at and say now. Changes nothing and waits for nothing. */
  async function preview(wish: Wish): Promise<Omit<Ready, 'fence'>> {
    const seen = await look(wish);
    return { ...seen, result: decide(seen.facts.input) };
  }

  async function look({ service, environment, act, proposed }: Wish) {
    return storage.read(
      function* () {
        const held = yield* currentConfiguration();
        const configuration = proposed?.(held.configuration) ?? held.configuration;
        const policy = policyOf(configuration, service, environment);
        const slot = (yield* findSlot(service, environment)) ?? newSlot(service, environment);
        const facts = yield* gatherFacts(deps, { slot, policy, now: clock(), act });
        return { slot, policy, configuration, configurationNo: held.no, facts };
      },
      { long: true },
    );
  }

  /** Sees to it that everybody who should have a score has one, is being scored, or has failed. */
  async function evaluate(
    { facts, policy }: { facts: Facts; policy: SlotPolicy },
    waitFor: Wish['waitFor'],
  ): Promise<void> {
    const { holdout, wanting, origins } = facts;
    const pending = [...facts.evaluations].filter(([, { status }]) => status === 'pending' || status === 'running');
    const ids = new Map(pending.map(([id, { evaluationId }]) => [id, evaluationId]));
    if (holdout !== undefined && wanting.length > 0) {
      const subjects = [];
      for (const id of wanting) {
        const origin = origins.get(id)!;
        const known = facts.input.candidates.find((candidate) => candidate.id === id)!.digest;
        subjects.push(await evaluable(origin, known));
      }
      const requested = await deps.evaluation.evaluations.request(subjects, holdout, metricFunctionsOf(policy));
      for (const [i, { evaluationId }] of requested.entries()) ids.set(wanting[i]!, evaluationId);
    }
    const champion = facts.input.champion?.id;
    const awaited = [...ids]
      .filter(([id]) => waitFor === 'all' || id === champion)
      .map(([, evaluationId]) => evaluationId);
    if (awaited.length > 0) await deps.evaluation.evaluations.settled(awaited, evaluationMs);
  }

  /** Computes the comparisons that the significance guard needs; false when nothing was missing. */
  async function compare({ facts, policy }: { facts: Facts; policy: SlotPolicy }): Promise<boolean> {
    const missing = missingComparisons(facts.input);
    const champion = facts.evaluations.get(facts.input.champion?.id ?? '');
    if (missing.length === 0 || champion === undefined) return false;
    const { name, goal } = policy.metric;
    for (const id of missing)
      await deps.compare(facts.evaluations.get(id)!.evaluationId, champion.evaluationId, {
        name,
        goal,
      });
    return true;
  }

  async function lease(slot: Slot): Promise<number> {
    for (const until = Date.now() + leaseWaitMs; Date.now() < until; ) {
      const fence = await storage.write(() => takeLease(slot.slotNo, deps.instance, clock(), leaseMs));
      if (fence !== undefined) return fence;
      await delay(50);
    }
    throw overtaken(slot);
  }

  /** A lease that cannot be renewed may be lost, and then the commit finds it out. */
  const renew = (slotNo: number, fence: number) =>
    storage.write(() => renewLease(slotNo, fence, clock(), leaseMs)).catch(() => undefined);

  /**
   * Decides, and calls `commit` in the transaction that must write the decision; it throws `Overtaken` to begin anew.
   * The winner's files are looked at right before: what is written down is what will be served.
   */
  async function select<T>(wish: Wish, commit: (ready: Ready) => Tx<T>): Promise<T> {
    const slotName = { service: wish.service, environment: wish.environment };
    for (let attempt = 1; attempt <= attempts; attempt++) {
      const first = await look(wish);
      onStep('gathered', slotName);
      wish.onEvaluate?.();
      await evaluate(first, wish.waitFor);
      onStep('evaluated', slotName);
      if (await compare(await look(wish))) onStep('compared', slotName);
      const { slot } = first;
      const fence = await lease(slot);
      const renewing = setInterval(() => renew(slot.slotNo, fence), leaseMs / 3);
      onStep('leased', slotName);
      try {
        const seen = await look(wish);
        if (missingComparisons(seen.facts.input).length > 0) continue;
        const result = decide(seen.facts.input);
        onStep('decided', slotName);
        if (!(await isUnchanged(seen.facts, result))) continue;
        onStep('verified', slotName);
        const done = await storage.write(() => commit({ ...seen, result, fence }));
        onStep('committed', slotName);
        return done;
      } catch (error) {
        if (!(error instanceof Overtaken)) throw error;
      } finally {
        clearInterval(renewing);
        await storage.write(() => releaseLease(slot.slotNo, fence));
      }
    }
    throw overtaken(wish);
  }

  /** Whether the challenger's files are still what was evaluated; notes it where they are not. */
  async function isUnchanged({ origins, input }: Facts, { challenger }: SelectionResult): Promise<boolean> {
    if (challenger === null) return true;
    const origin = origins.get(challenger)!;
    const recorded = input.candidates.find(({ id }) => id === challenger)!.digest;
    const now = await lookAt(artifacts, origin);
    if (now.digest === recorded) return true;
    await storage.write(() => noteChanged(origin.subject, clock()));
    return false;
  }

  return { preview, select };
}

const overtaken = ({ service, environment }: Pick<Slot, 'service' | 'environment'>) =>
  new AppError(
    'TEMPORARILY_UNAVAILABLE',
    `The selection for ${service} on ${environment} was overtaken again and again. Try again.`,
    { retryAfterSeconds: 5 },
  );

/** A slot that no decision was made about yet, as a preview sees it. */
const newSlot = (service: string, environment: string): Slot => ({
  slotNo: -1,
  service,
  environment,
  championNo: null,
  championDigest: null,
  championTime: null,
  championDecision: null,
  pinDecision: null,
  pauseUntil: null,
  pauseReason: null,
  pauseActor: null,
  pauseTime: null,
  sequence: 0,
  head: null,
  fence: 0,
  wanted: null,
  wish: 0,
});
