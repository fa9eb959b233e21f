import type { Dialect } from '../storage/dialect.ts';
import { all, get, type Insert, insertRows, run, type Tx } from '../storage/storage.ts';

/** A decision as its row holds it; `record` is the canonical JSON that its digest speaks of. */
export interface DecisionRow {
  readonly decisionNo: number;
  readonly decisionId: string;
  readonly slotNo: number;
  readonly service: string;
  readonly environment: string;
  readonly sequence: number;
  readonly kind: string;
  readonly outcome: string;
  readonly reason: string;
  readonly actor: string;
  readonly time: number;
  readonly digest: string;
  readonly inputsDigest: string;
  readonly beforeNo: number | null;
  readonly afterNo: number | null;
  readonly afterRmNo: number | null;
  readonly afterCodeVersion: string | null;
  readonly record: string;
  readonly repeats: number;
  readonly lastTime: number;
}

const columns = `d.decision_no as "decisionNo", d.decision_id as "decisionId", d.slot_no as "slotNo", s.service, s.environment,
  d.sequence, d.kind, d.outcome, d.reason, d.actor, d.time, d.digest, d.inputs_digest as "inputsDigest",
  d.before_no as "beforeNo", d.after_no as "afterNo", d.after_rm_no as "afterRmNo",
  d.after_code_version as "afterCodeVersion", d.record, d.repeats, d.last_time as "lastTime"`;
const from = 'from decisions d join slots s on s.slot_no = d.slot_no';

export type NewDecision = Omit<DecisionRow, 'service' | 'environment' | 'repeats' | 'lastTime'>;

export const insertDecision = (row: NewDecision): Tx<number> =>
  run(
    `insert into decisions(decision_no, decision_id, slot_no, sequence, kind, outcome, reason, actor, time, digest,
       inputs_digest, before_no, after_no, after_rm_no, after_code_version, record, last_time)
     values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    [
      row.decisionNo,
      row.decisionId,
      row.slotNo,
      row.sequence,
      row.kind,
      row.outcome,
      row.reason,
      row.actor,
      row.time,
      row.digest,
      row.inputsDigest,
      row.beforeNo,
      row.afterNo,
      row.afterRmNo,
      row.afterCodeVersion,
      row.record,
      row.time,
    ],
  );

export const countRepeat = (decisionNo: number, now: number): Tx<number> =>
  run('update decisions set repeats = repeats + 1, last_time = ? where decision_no = ?', [now, decisionNo]);

export const findDecision = (decisionId: string): Tx<DecisionRow | undefined> =>
  get<DecisionRow>(`select ${columns} ${from} where d.decision_id = ?`, [decisionId]);

export const lastDecision = (slotNo: number): Tx<DecisionRow | undefined> =>
  get<DecisionRow>(`select ${columns} ${from} where d.slot_no = ? order by d.sequence desc limit 1`, [slotNo]);

/** Decisions after which another version was the champion, oldest first, up to `until`. */
export const changesOf = (slotNo: number, until: number): Tx<DecisionRow[]> =>
  all<DecisionRow>(
    `select ${columns} ${from} where d.slot_no = ? and d.time <= ?
     and (d.before_no <> d.after_no or (d.before_no is null) <> (d.after_no is null)) order by d.sequence`,
    [slotNo, until],
  );

export interface DecisionFilter {
  readonly service?: string | undefined;
  readonly environment?: string | undefined;
  readonly versionNo?: number | undefined;
  readonly runId?: string | undefined;
  readonly modelId?: string | undefined;
  readonly outcome?: string | undefined;
  /** Only those with a smaller number: where the page before ended. */
  readonly before?: number | undefined;
  readonly limit: number;
}

/** Newest first. */
export function listDecisions(filter: DecisionFilter): Tx<DecisionRow[]> {
  const conditions: string[] = ['1 = 1'];
  const params: unknown[] = [];
  const add = (condition: string, value: unknown) => {
    if (value === undefined) return;
    conditions.push(condition);
    params.push(value);
  };
  const considered = (column: string) =>
    `d.decision_no in (select decision_no from decision_candidates where ${column} = ?)`;
  add('s.service = ?', filter.service);
  add('s.environment = ?', filter.environment);
  add(considered('version_no'), filter.versionNo);
  add(considered('run_id'), filter.runId);
  add(considered('model_id'), filter.modelId);
  add('d.outcome = ?', filter.outcome);
  add('d.decision_no < ?', filter.before);
  const sql = `select ${columns} ${from} where ${conditions.join(' and ')} order by d.decision_no desc limit ?`;
  return all<DecisionRow>(sql, [...params, filter.limit]);
}

const nosOf = function* (rest: string, params: readonly unknown[]): Tx<number[]> {
  const rows = yield* all<{ no: number }>(`select decision_no as "no" from decisions where ${rest} limit ?`, params);
  return rows.map(({ no }) => no);
};

/** The numbers of decisions whose id begins with `start`, which is lower-case. */
export const withIdFrom = (start: string, limit: number): Tx<number[]> =>
  nosOf('decision_id >= ? and decision_id < ? order by decision_id', [start, `${start}\u{10ffff}`, limit]);

/** The numbers of the newest decisions about a slot. */
export const latestOfSlot = (slotNo: number, limit: number): Tx<number[]> =>
  nosOf('slot_no = ? order by sequence desc', [slotNo, limit]);

/** The numbers of the newest decisions that left a version of this model as the champion. */
export const latestWithChampionOf = (rmNo: number, limit: number): Tx<number[]> =>
  nosOf('after_rm_no = ? order by decision_no desc', [rmNo, limit]);

/** The numbers of the newest decisions that left this version as the champion. */
export const latestWithChampion = (versionNo: number, limit: number): Tx<number[]> =>
  nosOf('after_no = ? order by decision_no desc', [versionNo, limit]);

/** Decisions by their numbers, in that order. */
export function* decisionsByNo(dialect: Dialect, nos: readonly number[]): Tx<DecisionRow[]> {
  if (nos.length === 0) return [];
  const sql = `select ${columns} ${from} where ${dialect.isAnyOf('d.decision_no', nos)}`;
  const byNo = new Map((yield* all<DecisionRow>(sql, [dialect.list(nos)])).map((row) => [row.decisionNo, row]));
  return nos.flatMap((no) => byNo.get(no) ?? []);
}

/** The next `limit` records of a slot after `sequence`, in their order. */
export const chainOf = (slotNo: number, sequence: number, limit: number): Tx<DecisionRow[]> =>
  all<DecisionRow>(`select ${columns} ${from} where d.slot_no = ? and d.sequence > ? order by d.sequence limit ?`, [
    slotNo,
    sequence,
    limit,
  ]);

export interface ConsideredRow {
  readonly versionNo: number | null;
  readonly modelId: string | null;
  readonly runId: string | null;
  readonly verdict: string;
  readonly reason: string | null;
}

const considered: Insert = {
  table: 'decision_candidates',
  columns: {
    decision_no: 'bigint',
    position: 'bigint',
    version_no: 'bigint',
    model_id: 'text',
    run_id: 'text',
    verdict: 'text',
    reason: 'text',
  },
};

export const insertConsidered = (decisionNo: number, rows: readonly ConsideredRow[]): Tx<number> =>
  insertRows(
    considered,
    rows.map((row, i) => [decisionNo, i, row.versionNo, row.modelId, row.runId, row.verdict, row.reason]),
  );

/** A request to approve a challenger, and what became of it. */
export interface Approval {
  readonly approvalNo: number;
  readonly approvalId: string;
  readonly slotNo: number;
  readonly status: 'open' | 'approved' | 'rejected' | 'superseded';
  /** The challenger as the selection named it: `v12` or a logged model's id. */
  readonly candidate: string;
  readonly versionNo: number | null;
  readonly modelId: string | null;
  /** Digest over all that the request is bound to. */
  readonly binding: string;
  readonly decision: string;
  readonly createdTime: number;
  readonly resolvedTime: number | null;
  readonly resolvedBy: string | null;
  readonly reason: string | null;
}

const approvalColumns = `approval_no as "approvalNo", approval_id as "approvalId", slot_no as "slotNo", status, candidate,
  version_no as "versionNo", model_id as "modelId", binding, decision, created_time as "createdTime",
  resolved_time as "resolvedTime", resolved_by as "resolvedBy", reason`;

export const openApproval = (slotNo: number): Tx<Approval | undefined> =>
  get<Approval>(`select ${approvalColumns} from approvals where slot_no = ? and status = 'open'`, [slotNo]);

export const approvalsOf = (slotNo: number, limit: number): Tx<Approval[]> =>
  all<Approval>(`select ${approvalColumns} from approvals where slot_no = ? order by approval_no desc limit ?`, [
    slotNo,
    limit,
  ]);

/** The open requests that wait for one of these versions or logged models. */
export const openApprovals = (): Tx<Approval[]> =>
  all<Approval>(`select ${approvalColumns} from approvals where status = 'open' order by approval_no`);

export const openApprovalsFor = (
  dialect: Dialect,
  versionNos: readonly number[],
  modelIds: readonly string[],
): Tx<Approval[]> =>
  all<Approval>(
    `select ${approvalColumns} from approvals where status = 'open'
     and (${dialect.isAnyOf('version_no', versionNos)} or ${dialect.isAnyOf('model_id', modelIds)})`,
    [dialect.list(versionNos), dialect.list(modelIds)],
  );

export const insertApproval = (
  approval: Omit<Approval, 'status' | 'resolvedTime' | 'resolvedBy' | 'reason'>,
): Tx<number> =>
  run(
    `insert into approvals(approval_no, approval_id, slot_no, status, candidate, version_no, model_id, binding, decision,
       created_time) values (?, ?, ?, 'open', ?, ?, ?, ?, ?, ?)`,
    [
      approval.approvalNo,
      approval.approvalId,
      approval.slotNo,
      approval.candidate,
      approval.versionNo,
      approval.modelId,
      approval.binding,
      approval.decision,
      approval.createdTime,
    ],
  );

export const resolveApproval = (
  approvalNo: number,
  status: Exclude<Approval['status'], 'open'>,
  by: string,
  reason: string | null,
  now: number,
): Tx<number> =>
  run(`update approvals set status = ?, resolved_by = ?, reason = ?, resolved_time = ? where approval_no = ?`, [
    status,
    by,
    reason,
    now,
    approvalNo,
  ]);
