import { AppError, invalid } from '../errors.ts';
import type { Tx } from '../storage/storage.ts';
import { admits, readAllowance } from './allowance.ts';
import { type ChampionDeps, lockModels, succeed } from './champions.ts';
import type { CommitDeps } from './commit.ts';
import type { Configuration } from './configuration/configuration.ts';
import { changesOf, type DecisionRow, openApproval, resolveApproval } from './decision-store.ts';
import type { FactsDeps } from './facts.ts';
import { append, refOf } from './ledger.ts';
import { type ManualInput, manualOutcome } from './manual.ts';
import { knownDigests, type OriginVersion } from './origins.ts';
import type { Trigger, VersionRef } from './records.ts';
import { addBar, barsOf, lockSlot, releaseBars, type Slot, setPin, want } from './slot-store.ts';

export type ByHandDeps = CommitDeps & Pick<FactsDeps, 'candidates'>;

export interface Hand {
  readonly actor: string;
  readonly reason: string;
  readonly trigger: Trigger;
  readonly now: number;
}

const nothing = { pin: false, holds: [], quarantines: [] };

/**
 * Makes a version the champion by hand and pins it, until it is released. The caller has locked the version's model.
 * `admitted` is recorded; whether that may be is for the caller to say.
 */
export function* override(
  deps: ByHandDeps,
  configuration: Configuration,
  slot: Slot,
  version: OriginVersion,
  hand: Hand,
): Tx<DecisionRow> {
  const locked = yield* lockSlot(slot.slotNo);
  const row = yield* act(deps, configuration, locked, 'override', version, hand);
  yield* setPin(slot.slotNo, row.decisionId, hand.now);
  return row;
}

/**
 * Back to an earlier champion, at once and without a selection: the second best would win right away. It is pinned; what
 * it takes the place of is put on hold here. Throws RESOURCE_CONFLICT when there is nothing to go back to.
 */
export function* rollback(
  deps: ByHandDeps,
  configuration: Configuration,
  slot: Slot,
  targetNo: number | undefined,
  hand: Hand,
): Tx<DecisionRow> {
  yield* lockModels(deps, configuration, slot.service, [slot.championNo, targetNo ?? null]);
  const locked = yield* lockSlot(slot.slotNo);
  if (locked.championNo === null) throw conflict(`${placeOf(slot)} has no champion that could be rolled back.`);
  const wanted = targetNo ?? (yield* rollbackTarget(deps, locked));
  const target =
    wanted === undefined ? undefined : (yield* deps.registry.versionsByNo(deps.dialect, [wanted])).get(wanted);
  if (target === undefined)
    throw conflict(`${placeOf(slot)} has no earlier champion that is neither on hold nor deleted.`);
  if (target.deleted) throw conflict(`Version ${target.version} of ${target.name} is deleted and cannot serve again.`);
  if (target.versionNo === locked.championNo)
    throw invalid(`Version ${target.version} of ${target.name} is the champion of ${placeOf(slot)} already.`);
  const removed = locked.championNo;
  const row = yield* act(deps, configuration, locked, 'rollback', target, hand);
  const bar = { decision: row.decisionId, reason: hand.reason, time: hand.now };
  yield* addBar(slot.slotNo, { ...bar, kind: 'hold', versionNo: removed });
  yield* releaseBars(deps.dialect, slot.slotNo, [target.versionNo], hand.now);
  yield* setPin(slot.slotNo, row.decisionId, hand.now);
  return row;
}

/**
 * The champion could not be served: it is barred, and the one before it goes on. Undefined when another one is the
 * champion meanwhile.
 */
export function* quarantine(
  deps: ByHandDeps,
  configuration: Configuration,
  slot: Slot,
  versionNo: number,
  hand: Hand,
): Tx<DecisionRow | undefined> {
  yield* lockModels(deps, configuration, slot.service, [slot.championNo]);
  const locked = yield* lockSlot(slot.slotNo);
  if (locked.championNo !== versionNo) return undefined;
  const previous = yield* rollbackTarget(deps, locked);
  const target =
    previous === undefined ? undefined : (yield* deps.registry.versionsByNo(deps.dialect, [previous])).get(previous);
  const row = yield* act(deps, configuration, locked, 'quarantine', target ?? null, hand);
  const bar = { decision: row.decisionId, reason: hand.reason, time: hand.now };
  yield* addBar(slot.slotNo, { ...bar, kind: 'quarantine', versionNo });
  return row;
}

/** Lifts the pin, holds and quarantines of a slot (of one version where it is named); a selection follows. */
export function* release(deps: ByHandDeps, slot: Slot, versionNo: number | undefined, hand: Hand): Tx<DecisionRow> {
  const locked = yield* lockSlot(slot.slotNo);
  const bars = (yield* barsOf(slot.slotNo)).filter((bar) => versionNo === undefined || bar.versionNo === versionNo);
  const pin = locked.pinDecision !== null && (versionNo === undefined || versionNo === locked.championNo);
  if (!pin && bars.length === 0) throw conflict(`${placeOf(slot)} holds nothing that could be released.`);
  const of = (kind: string) => bars.filter((bar) => bar.kind === kind).map((bar) => bar.versionNo);
  const releases = { pin, holds: of('hold'), quarantines: of('quarantine') };
  const champion = yield* championOf(deps, locked);
  const input: ManualInput = {
    act: 'release',
    champion,
    target: null,
    targetAdmitted: true,
    reason: hand.reason,
    releases,
  };
  const row = yield* write(deps, locked, input, champion, hand, null);
  yield* releaseBars(
    deps.dialect,
    slot.slotNo,
    bars.map((bar) => bar.versionNo),
    hand.now,
  );
  if (pin) yield* setPin(slot.slotNo, null, null);
  yield* want(slot.slotNo, 'release');
  return row;
}

/** The champion before the current one that is neither barred here nor deleted. */
export function* rollbackTarget(deps: ChampionDeps, slot: Slot): Tx<number | undefined> {
  const changes = yield* changesOf(slot.slotNo, Number.MAX_SAFE_INTEGER);
  const barred = new Set((yield* barsOf(slot.slotNo)).map(({ versionNo }) => versionNo));
  const former = changes.flatMap(({ afterNo }) => afterNo ?? []).reverse();
  const possible = [...new Set(former)].filter((no) => no !== slot.championNo && !barred.has(no));
  const versions = yield* deps.registry.versionsByNo(deps.dialect, possible);
  return possible.find((no) => versions.get(no)?.deleted === false);
}

function* act(
  deps: ByHandDeps,
  configuration: Configuration,
  slot: Slot,
  kind: 'override' | 'rollback' | 'quarantine',
  target: OriginVersion | null,
  hand: Hand,
): Tx<DecisionRow> {
  const champion = yield* championOf(deps, slot);
  const ref = target === null ? null : yield* describe(deps, target);
  const input: ManualInput = {
    act: kind,
    champion,
    target: ref,
    targetAdmitted: ref === null || isAdmitted(configuration, slot, ref),
    reason: hand.reason,
    releases: nothing,
  };
  const row = yield* write(deps, slot, input, ref, hand, target?.rmNo ?? null);
  yield* succeed(deps, configuration, slot, {
    next: target,
    digest: ref?.digest ?? null,
    decision: row.decisionId,
    now: hand.now,
  });
  const open = yield* openApproval(slot.slotNo);
  if (open !== undefined) yield* resolveApproval(open.approvalNo, 'superseded', 'cellar', row.decisionId, hand.now);
  return row;
}

function* write(
  deps: ByHandDeps,
  slot: Slot,
  input: ManualInput,
  after: VersionRef | null,
  { actor, trigger, now }: Hand,
  afterRmNo: number | null,
): Tx<DecisionRow> {
  const draft = {
    kind: input.act,
    actor,
    trigger,
    time: now,
    input,
    result: manualOutcome(input),
    before: input.champion,
    after,
  };
  return (yield* append(slot, deps.newId('d'), draft, afterRmNo)).row;
}

export function* championOf(deps: ByHandDeps, { championNo }: Slot): Tx<VersionRef | null> {
  if (championNo === null) return null;
  const version = (yield* deps.registry.versionsByNo(deps.dialect, [championNo])).get(championNo);
  return version === undefined ? null : yield* describe(deps, version);
}

/** A version with its code version and the digest of its files, as a record names it. */
export function* describe(deps: ByHandDeps, version: OriginVersion): Tx<VersionRef> {
  const { versionNo, modelId, runId } = version;
  const key = ['code_version'];
  const tags = [
    (yield* deps.registry.versionTags(deps.dialect, [versionNo], key)).get(versionNo),
    modelId === null ? undefined : (yield* deps.candidates.loggedModelTags([modelId], key)).get(modelId),
    runId === '' ? undefined : (yield* deps.candidates.runTags([runId], key)).get(runId),
  ];
  const codeVersion = tags.map((some) => some?.get('code_version')).find((value) => value !== undefined) ?? null;
  const subject = modelId ?? `v${versionNo}`;
  const digest = (yield* knownDigests(deps.dialect, [subject])).get(subject)?.digest ?? null;
  return refOf(version, codeVersion, digest);
}

/** Whether the allowance of a slot admits a version. */
export function isAdmitted(
  { services }: Configuration,
  slot: Slot,
  { registeredModel, codeVersion }: VersionRef,
): boolean {
  const setting = services[slot.service]?.slots.find(({ environment }) => environment === slot.environment);
  const range =
    setting !== undefined && Object.hasOwn(setting.allow, registeredModel) ? setting.allow[registeredModel] : undefined;
  return range !== undefined && codeVersion !== null && admits(readAllowance(range), codeVersion);
}

export const placeOf = ({ service, environment }: Pick<Slot, 'service' | 'environment'>) =>
  `${service} on ${environment.toUpperCase()}`;

export const conflict = (message: string) => new AppError('RESOURCE_CONFLICT', message);
