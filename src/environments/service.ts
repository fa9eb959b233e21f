import type { FastifyBaseLogger } from 'fastify';
import { chore } from '../chore.ts';
import { AppError, type ErrorCode, invalid, notFound, shown } from '../errors.ts';
import type { Tx } from '../storage/storage.ts';
import { readAllowance } from './allowance.ts';
import { type ByHandDeps, conflict, type Hand, placeOf, quarantine, release, rollback } from './by-hand.ts';
import { bindingOf, type CommitDeps, commitSelection, type Occasion } from './commit.ts';
import { policyOf, slotsOf as slotsIn, withAllowance } from './configuration/configuration.ts';
import { currentConfiguration } from './configuration-store.ts';
import { configurations } from './configurations.ts';
import { approvalsOf, type DecisionRow, findDecision, openApproval, resolveApproval } from './decision-store.ts';
import { promotions } from './promotion.ts';
import { type SelectionDeps, selecting, type Wish } from './selection.ts';
import { type ServedChampion, servedChampions } from './served.ts';
import { findSlot, releaseAllLeases, type Slot, setPause, slotByNo, want, wantedSlots } from './slot-store.ts';
import { views } from './views.ts';

export interface EnvironmentsOptions extends SelectionDeps, Omit<CommitDeps, 'dialect' | 'registry'> {
  readonly log: Pick<FastifyBaseLogger, 'info' | 'error'>;
}

export { slotGovernor } from './governor.ts';
export { sourceKeeper } from './keeper.ts';
export type { Step as SelectionStep } from './selection.ts';
export { modelSubjects } from './subjects.ts';

export type Environments = ReturnType<typeof environmentsService>;

/** Names one slot. */
export interface Place {
  readonly service: string;
  readonly environment: string;
}

/**
 * Environments and their services: which model each one serves, decided by rule, with the reason on record. Every verb
 * that names a slot throws RESOURCE_DOES_NOT_EXIST where it is not configured.
 */
export function environmentsService(options: EnvironmentsOptions) {
  const { storage, clock, log } = options;
  const deps: ByHandDeps & EnvironmentsOptions = options;
  const { preview, select } = selecting(options);
  const listeners = new Set<() => void>();
  const changed = () => {
    for (const listener of listeners) listener();
  };
  const told = (row: DecisionRow): DecisionRow => {
    log.info(
      { decision: row.decisionId, digest: row.digest, slot: `${row.service}/${row.environment}`, outcome: row.outcome },
      row.reason,
    );
    changed();
    return row;
  };

  const decideOn = async (wish: Wish, occasion: Occasion): Promise<DecisionRow> =>
    told(await select(wish, (ready) => commitSelection(deps, ready, occasion)));

  function* slotAt({ service, environment }: Place): Tx<{ slot: Slot; held: Awaited<ReturnType<typeof reading>> }> {
    const held = yield* currentConfiguration();
    policyOf(held.configuration, service, environment);
    return { slot: (yield* findSlot(service, environment))!, held };
  }
  const reading = () => storage.read(() => currentConfiguration());

  const hand = (actor: string, reason: string, kind: string): Hand => ({
    actor,
    reason,
    now: clock(),
    trigger: { kind, detail: null },
  });

  let stopping = false;
  let stopListening: () => void = () => undefined;

  /** Makes the selections that are asked for, one after another; whatever comes meanwhile is made in the same go. */
  const pump = chore({
    act: async () => {
      let areMade = true;
      for (const slot of await storage.read(() => wantedSlots()))
        if (!stopping && !(await isSettled(slot))) areMade = false;
      return areMade;
    },
    failed: (err) => log.error({ err }, 'the selections that are asked for could not be read'),
  });
  /** Makes what a slot wants. False when it failed for want of the server, and may go well in a while. */
  async function isSettled({ service, environment, wanted }: Slot): Promise<boolean> {
    try {
      const occasion = {
        kind: 'selection',
        trigger: { kind: wanted!, detail: null },
        actor: 'cellar',
        reason: '',
      } as const;
      await decideOn({ service, environment, act: null, waitFor: 'champion' }, occasion);
      return true;
    } catch (error) {
      // It stays asked for: the next trigger, or the next start, makes it.
      if (!stopping) log.error({ err: error, slot: `${service}/${environment}` }, 'a selection failed');
      return error instanceof AppError && !passing.has(error.code);
    }
  }

  /** How many requests are selecting for a slot now; they decide themselves once all evaluations are there. */
  const onRequest = new Map<string, number>();
  const keyOf = ({ service, environment }: Place) => `${environment}/${service}`;
  async function selectOnRequest(place: Place, actor: string): Promise<DecisionRow> {
    const key = keyOf(place);
    onRequest.set(key, (onRequest.get(key) ?? 0) + 1);
    let isEvaluating = false;
    let isDecided = false;
    const onEvaluate = () => {
      isEvaluating = true;
    };
    try {
      const occasion = { kind: 'selection', trigger: { kind: 'request', detail: null }, actor, reason: '' } as const;
      const row = await decideOn({ ...place, act: null, waitFor: 'all', onEvaluate }, occasion);
      isDecided = true;
      return row;
    } finally {
      const others = onRequest.get(key)! - 1;
      if (others === 0) onRequest.delete(key);
      else onRequest.set(key, others);
      // What it would have seen is for the others to decide on.
      if (isEvaluating && !isDecided) evaluationsSettled.ask();
    }
  }

  /** Evaluations are there: every slot that waits for them decides again, once. */
  const evaluationsSettled = chore({
    act: async () => {
      const asked = await storage.write(function* () {
        const { configuration } = yield* currentConfiguration();
        let count = 0;
        for (const { service, environment } of slotsIn(configuration)) {
          const slot = yield* findSlot(service, environment);
          if (slot === undefined || slot.sequence === 0 || onRequest.has(keyOf(slot))) continue;
          yield* want(slot.slotNo, 'evaluation');
          count++;
        }
        return count;
      });
      if (asked > 0) pump.ask();
      return true;
    },
    failed: (err) => log.error({ err }, 'selections could not be asked for'),
  });

  return {
    ...configurations({ deps, preview, pump: pump.ask }),
    ...promotions({ deps, preview, select, told }),
    ...views({ deps, preview }),

    /** The time by the clock of this server. */
    now: clock,

    /** What a selection would say now; changes nothing. */
    preview: (place: Place) => preview({ ...place, act: null, waitFor: 'champion' }),

    /** What the allowance would admit and refuse, with other ranges for the models named. */
    async previewAllowance(place: Place, allow: Readonly<Record<string, string>>) {
      for (const range of Object.values(allow)) readAllowance(range);
      return preview({
        ...place,
        act: null,
        waitFor: 'champion',
        proposed: (held) => withAllowance(held, place.service, place.environment, allow),
      });
    },

    /** Selects now: evaluates what has no score yet, waits for it, decides. */
    select: selectOnRequest,

    /** Approves an open request, and selects with it. RESOURCE_CONFLICT when what it was bound to has changed. */
    async approve(approvalId: string, actor: string, reason: string): Promise<DecisionRow> {
      const { approval, slot } = await openRequest(approvalId);
      const { service, environment } = slot;
      const act = { kind: 'approval', challenger: approval.candidate, by: actor } as const;
      const trigger = { kind: 'approval', detail: `${approvalId}: ${reason}` };
      const occasion = { kind: 'approval', trigger, actor, reason } as const;
      const row = await select({ service, environment, act, waitFor: 'champion' }, function* (ready) {
        const open = yield* openApproval(slot.slotNo);
        if (open?.approvalId !== approvalId) throw superseded(approvalId);
        if (bindingOf(ready, approval.candidate) === approval.binding && ready.result.challenger === approval.candidate)
          return yield* commitSelection(deps, ready, occasion);
        yield* resolveApproval(approval.approvalNo, 'superseded', 'cellar', null, clock());
        yield* want(slot.slotNo, 'approval');
        return undefined;
      });
      if (row !== undefined) return told(row);
      pump.ask();
      throw superseded(approvalId);
    },

    /** Rejects an open request: the challenger does not become the champion, and nobody is tried in its place. */
    async reject(approvalId: string, actor: string, reason: string): Promise<void> {
      const { approval } = await openRequest(approvalId);
      await storage.write(function* () {
        const open = yield* openApproval(approval.slotNo);
        if (open?.approvalId !== approvalId) throw superseded(approvalId);
        yield* resolveApproval(open.approvalNo, 'rejected', actor, reason, clock());
      });
    },

    /** Back to an earlier champion: the one before, or the one that a decision made. */
    async rollback(place: Place, actor: string, reason: string, to?: string): Promise<DecisionRow> {
      const row = await storage.write(function* () {
        const { slot, held } = yield* slotAt(place);
        const target = to === undefined ? undefined : yield* targetOf(slot, to);
        return yield* rollback(deps, held.configuration, slot, target, hand(actor, reason, 'request'));
      });
      return told(row);
    },

    /** Lifts the pin, holds and quarantines of a slot, or those of one version; a selection follows. */
    async release(
      place: Place,
      actor: string,
      reason: string,
      version?: { registeredModel: string; version: number },
    ): Promise<DecisionRow> {
      const row = await storage.write(function* () {
        const { slot } = yield* slotAt(place);
        const versionNo =
          version === undefined ? undefined : yield* versionNoOf(version.registeredModel, version.version);
        return yield* release(deps, slot, versionNo, hand(actor, reason, 'request'));
      });
      pump.ask();
      return told(row);
    },

    /** Stops replacements until resumed (or until a time): approvals, promotions and rollbacks go on. */
    async pause(place: Place, actor: string, reason: string, until?: number): Promise<void> {
      if (until !== undefined && until <= clock())
        throw invalid(`Invalid value ${until} for parameter 'until' supplied: expected a time in the future.`);
      await storage.write(function* () {
        const { slot } = yield* slotAt(place);
        yield* setPause(slot.slotNo, { until: until ?? null, reason, actor, time: clock() });
      });
    },

    async resume(place: Place): Promise<void> {
      await storage.write(function* () {
        const { slot } = yield* slotAt(place);
        if (slot.pauseReason === null) throw conflict(`${placeOf(slot)} is not paused.`);
        yield* setPause(slot.slotNo, null);
        yield* want(slot.slotNo, 'resume');
      });
      pump.ask();
    },

    /** The reconciler could not serve this version: it is barred, and the champion before it goes on. */
    async quarantine(slotNo: number, versionNo: number, reason: string): Promise<DecisionRow | undefined> {
      const row = await storage.write(function* () {
        const { configuration } = yield* currentConfiguration();
        const slot = yield* slotByNo(slotNo);
        if (slot === undefined) return undefined;
        return yield* quarantine(deps, configuration, slot, versionNo, hand('cellar', reason, 'serving'));
      });
      if (row !== undefined) told(row);
      return row;
    },

    /** The champions that should be served now. */
    champions: (): Promise<ServedChampion[]> => servedChampions(deps),

    /** Calls back after any slot's champion or settings may have changed. Returns the unsubscription. */
    onChange(listener: () => void): () => void {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },

    /** Takes up what an earlier process left: leases that nobody holds, selections that were asked for. */
    async start(): Promise<void> {
      if (storage.exclusive) await storage.write(() => releaseAllLeases());
      stopListening = options.evaluation.evaluations.onSettled(evaluationsSettled.ask);
      pump.ask();
    },

    /** Resolves when no selection that was asked for is under way. */
    idle: pump.idle,

    /** Begins no further selection; what is under way is made by the next start. */
    async stop(): Promise<void> {
      stopping = true;
      stopListening();
      evaluationsSettled.close();
      pump.close();
    },
  };

  async function openRequest(approvalId: string) {
    return storage.read(function* () {
      for (const { service, environment } of slotsIn((yield* currentConfiguration()).configuration)) {
        const slot = yield* findSlot(service, environment);
        if (slot === undefined) continue;
        const approval = (yield* approvalsOf(slot.slotNo, 1000)).find((one) => one.approvalId === approvalId);
        if (approval === undefined) continue;
        if (approval.status !== 'open') throw conflict(`The approval ${approvalId} is ${approval.status} already.`);
        return { approval, slot };
      }
      throw notFound(`There is no approval ${shown(approvalId)}.`);
    });
  }

  function* targetOf(slot: Slot, decisionId: string): Tx<number> {
    const decision = yield* findDecision(decisionId);
    if (decision === undefined || decision.slotNo !== slot.slotNo)
      throw notFound(`There is no decision ${shown(decisionId)} about ${placeOf(slot)}.`);
    if (decision.afterNo === null)
      throw conflict(`The decision ${decisionId} left ${placeOf(slot)} without a champion.`);
    return decision.afterNo;
  }

  function* versionNoOf(name: string, version: number): Tx<number> {
    const row = yield* deps.registry.findVersion(name, version);
    if (row === undefined) throw notFound(`There is no version ${version} of the registered model ${shown(name)}.`);
    return row.versionNo;
  }
}

/** What a caller is told of the server's own troubles. */
const passing: ReadonlySet<ErrorCode> = new Set(['INTERNAL_ERROR', 'TEMPORARILY_UNAVAILABLE']);

const superseded = (approvalId: string) =>
  conflict(
    `The approval ${approvalId} is superseded: champion, challenger, holdout, policy or allowance have changed since.`,
  );
