import type { Dialect } from '../storage/dialect.ts';
import { nextId } from '../storage/ids.ts';
import { all, get, run, type Tx } from '../storage/storage.ts';

/** A slot: one service in one environment, with its champion and what holds it. */
export interface Slot {
  readonly slotNo: number;
  readonly service: string;
  readonly environment: string;
  readonly championNo: number | null;
  readonly championDigest: string | null;
  readonly championTime: number | null;
  readonly championDecision: string | null;
  readonly pinDecision: string | null;
  readonly pauseUntil: number | null;
  readonly pauseReason: string | null;
  readonly pauseActor: string | null;
  readonly pauseTime: number | null;
  /** How many decisions there are, and the digest of the last. */
  readonly sequence: number;
  readonly head: string | null;
  readonly fence: number;
  /** Why a selection is asked for that has not been made; null where none is. */
  readonly wanted: string | null;
  /** Grows with every wish, so that one which comes while a selection is made is not lost with it. */
  readonly wish: number;
}

const columns = `slot_no as "slotNo", service, environment, champion_no as "championNo", champion_digest as "championDigest",
  champion_time as "championTime", champion_decision as "championDecision", pin_decision as "pinDecision",
  pause_until as "pauseUntil", pause_reason as "pauseReason", pause_actor as "pauseActor", pause_time as "pauseTime",
  sequence, head, fence, wanted, wish`;

export const findSlot = (service: string, environment: string): Tx<Slot | undefined> =>
  get<Slot>(`select ${columns} from slots where service = ? and environment = ?`, [service, environment]);

export const slotByNo = (slotNo: number): Tx<Slot | undefined> =>
  get<Slot>(`select ${columns} from slots where slot_no = ?`, [slotNo]);

export const listSlots = (): Tx<Slot[]> => all<Slot>(`select ${columns} from slots order by service, environment`);

export const slotsOf = (service: string): Tx<Slot[]> =>
  all<Slot>(`select ${columns} from slots where service = ? order by slot_no`, [service]);

export const wantedSlots = (): Tx<Slot[]> =>
  all<Slot>(`select ${columns} from slots where wanted is not null order by slot_no`);

/** The slots whose champion is one of these versions. */
export const slotsServing = (dialect: Dialect, versionNos: readonly number[]): Tx<Slot[]> =>
  all<Slot>(`select ${columns} from slots where ${dialect.isAnyOf('champion_no', versionNos)} order by slot_no`, [
    dialect.list(versionNos),
  ]);

/** The slot, made if it is new, locked until the end of the transaction. */
export function* ensureSlot(service: string, environment: string): Tx<Slot> {
  const found = yield* findSlot(service, environment);
  if (found !== undefined) return found;
  yield* run('insert into slots(slot_no, service, environment) values (?, ?, ?) on conflict do nothing', [
    yield* nextId('slot'),
    service,
    environment,
  ]);
  return (yield* findSlot(service, environment))!;
}

/** Locks the slot until the end of the transaction and reads it. */
export function* lockSlot(slotNo: number): Tx<Slot> {
  yield* run('update slots set fence = fence where slot_no = ?', [slotNo]);
  return (yield* slotByNo(slotNo))!;
}

/**
 * Takes the right to decide about a slot for `leaseMs`, unless another holds it. The number returned must still be the
 * slot's fence when the decision is written: whoever was overtaken meanwhile writes nothing.
 */
export function* takeLease(slotNo: number, owner: string, now: number, leaseMs: number): Tx<number | undefined> {
  const sql = `update slots set fence = fence + 1, lease_owner = ?, lease_until = ?
    where slot_no = ? and (lease_owner is null or lease_until <= ?) returning fence`;
  return (yield* get<{ fence: number }>(sql, [owner, now + leaseMs, slotNo, now]))?.fence;
}

/** Keeps a lease for another `leaseMs`, unless another has taken it. */
export const renewLease = (slotNo: number, fence: number, now: number, leaseMs: number): Tx<number> =>
  run('update slots set lease_until = ? where slot_no = ? and fence = ? and lease_owner is not null', [
    now + leaseMs,
    slotNo,
    fence,
  ]);

export const releaseLease = (slotNo: number, fence: number): Tx<number> =>
  run('update slots set lease_owner = null, lease_until = 0 where slot_no = ? and fence = ?', [slotNo, fence]);

/** Forgets the leases of a process that is gone: only where nobody else can hold one. */
export const releaseAllLeases = (): Tx<number> =>
  run('update slots set lease_owner = null, lease_until = 0 where lease_owner is not null');

export const want = (slotNo: number, why: string): Tx<number> =>
  run('update slots set wanted = ?, wish = wish + 1 where slot_no = ?', [why, slotNo]);

/** The wish that a selection saw when it began has come true; a later one stays. */
export const unwant = ({ slotNo, wish }: Slot): Tx<number> =>
  run('update slots set wanted = null where slot_no = ? and wish = ?', [slotNo, wish]);

export interface NewChampion {
  readonly versionNo: number;
  readonly digest: string | null;
  readonly decision: string;
  readonly time: number;
}

export const setChampion = (slotNo: number, champion: NewChampion | null): Tx<number> =>
  run(
    'update slots set champion_no = ?, champion_digest = ?, champion_decision = ?, champion_time = ? where slot_no = ?',
    [champion?.versionNo ?? null, champion?.digest ?? null, champion?.decision ?? null, champion?.time ?? null, slotNo],
  );

export const setHead = (slotNo: number, sequence: number, head: string): Tx<number> =>
  run('update slots set sequence = ?, head = ? where slot_no = ?', [sequence, head, slotNo]);

export const setPin = (slotNo: number, decision: string | null, now: number | null): Tx<number> =>
  run('update slots set pin_decision = ?, pin_time = ? where slot_no = ?', [decision, now, slotNo]);

export interface Pause {
  readonly until: number | null;
  readonly reason: string;
  readonly actor: string;
  readonly time: number;
}

export const setPause = (slotNo: number, pause: Pause | null): Tx<number> =>
  run('update slots set pause_until = ?, pause_reason = ?, pause_actor = ?, pause_time = ? where slot_no = ?', [
    pause?.until ?? null,
    pause?.reason ?? null,
    pause?.actor ?? null,
    pause?.time ?? null,
    slotNo,
  ]);

/** A version that may not become the champion here: rolled back (hold), or failed to load (quarantine). */
export interface Bar {
  readonly kind: 'hold' | 'quarantine';
  readonly versionNo: number;
  readonly decision: string;
  readonly reason: string;
  readonly time: number;
}

/** Those that are not released, oldest first. */
export const barsOf = (slotNo: number): Tx<Bar[]> =>
  all<Bar>(
    `select kind, version_no as "versionNo", decision, reason, created_time as "time" from slot_bars
     where slot_no = ? and released_time is null order by created_time, version_no`,
    [slotNo],
  );

export const addBar = (slotNo: number, { kind, versionNo, decision, reason, time }: Bar): Tx<number> =>
  run(
    `insert into slot_bars(slot_no, kind, version_no, decision, reason, created_time) values (?, ?, ?, ?, ?, ?)
     on conflict do nothing`,
    [slotNo, kind, versionNo, decision, reason, time],
  );

export const releaseBars = (dialect: Dialect, slotNo: number, versionNos: readonly number[], now: number): Tx<number> =>
  run(
    `update slot_bars set released_time = ? where slot_no = ? and released_time is null
     and ${dialect.isAnyOf('version_no', versionNos)}`,
    [now, slotNo, dialect.list(versionNos)],
  );

/** Code that somebody signed off for a slot (by promoting it), or approved there. */
export interface SignOff {
  readonly rmNo: number;
  readonly codeVersion: string;
  readonly kind: 'promotion' | 'approval';
  readonly decision: string;
  readonly actor: string;
  readonly reason: string;
  readonly time: number;
}

export const signOffsOf = (slotNo: number): Tx<SignOff[]> =>
  all<SignOff>(
    `select rm_no as "rmNo", code_version as "codeVersion", kind, decision, actor, reason, created_time as "time"
     from sign_offs where slot_no = ? order by created_time`,
    [slotNo],
  );

export const addSignOff = (slotNo: number, off: SignOff): Tx<number> =>
  run(
    `insert into sign_offs(slot_no, rm_no, code_version, kind, decision, actor, reason, created_time)
     values (?, ?, ?, ?, ?, ?, ?, ?) on conflict do nothing`,
    [slotNo, off.rmNo, off.codeVersion, off.kind, off.decision, off.actor, off.reason, off.time],
  );
