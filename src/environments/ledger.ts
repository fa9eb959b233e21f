import { nextId } from '../storage/ids.ts';
import type { Tx } from '../storage/storage.ts';
import { canonicalJson, digestOf, sha256 } from './canonical-json.ts';
import { fullVersion } from './code-version.ts';
import {
  type ConsideredRow,
  countRepeat,
  type DecisionRow,
  findDecision,
  insertConsidered,
  insertDecision,
  lastDecision,
} from './decision-store.ts';
import type { OriginVersion } from './origins.ts';
import type { DecisionRecord, VersionRef } from './records.ts';
import { isSelection } from './records.ts';
import { type Slot, setHead } from './slot-store.ts';

/** What makes a record, but for its place in the chain. */
export type Draft = DecisionRecord extends infer R
  ? R extends DecisionRecord
    ? Omit<R, 'format' | 'id' | 'service' | 'environment' | 'sequence' | 'previous'>
    : never
  : never;

export interface Appended {
  readonly row: DecisionRow;
  /** True when the same inputs had given the same outcome just before: then that record counts up. */
  readonly repeated: boolean;
}

/**
 * Appends a decision to the chain of a slot, which must be locked. `id` names it for ever. A selection that changes
 * nothing, from the inputs of the last one, counts up on that record instead.
 */
export function* append(slot: Slot, id: string, draft: Draft, afterRmNo: number | null): Tx<Appended> {
  const inputsDigest = digestOf({ ...draft.input, time: 0 });
  const last = yield* lastDecision(slot.slotNo);
  if (draft.kind === 'selection' && changesNothing(draft.result.outcome) && isSame(last, inputsDigest, draft)) {
    yield* countRepeat(last!.decisionNo, draft.time);
    return { row: { ...last!, repeats: last!.repeats + 1, lastTime: draft.time }, repeated: true };
  }
  const sequence = slot.sequence + 1;
  const record = {
    ...draft,
    format: 1,
    id,
    service: slot.service,
    environment: slot.environment,
    sequence,
    previous: slot.head,
  } as DecisionRecord;
  const text = canonicalJson(record);
  const digest = sha256(text);
  const decisionNo = yield* nextId('decision');
  const code = draft.after?.codeVersion ?? null;
  yield* insertDecision({
    decisionNo,
    decisionId: id,
    slotNo: slot.slotNo,
    sequence,
    kind: draft.kind,
    outcome: draft.result.outcome,
    reason: draft.result.reason,
    actor: draft.actor,
    time: draft.time,
    digest,
    inputsDigest,
    beforeNo: draft.before?.versionNo ?? null,
    afterNo: draft.after?.versionNo ?? null,
    afterRmNo,
    afterCodeVersion: code === null ? null : (fullVersion(code) ?? null),
    record: text,
  });
  yield* insertConsidered(decisionNo, consideredIn(record));
  yield* setHead(slot.slotNo, sequence, digest);
  return { row: (yield* findDecision(id))!, repeated: false };
}

const changesNothing = (outcome: string) => outcome === 'kept' || outcome === 'none' || outcome === 'awaiting_approval';

const isSame = (last: DecisionRow | undefined, inputsDigest: string, { result }: Draft) =>
  last?.kind === 'selection' &&
  last.inputsDigest === inputsDigest &&
  last.outcome === result.outcome &&
  last.reason === result.reason;

/** Who was looked at: all candidates of a selection, the two champions of an act by hand. */
function consideredIn(record: DecisionRecord): ConsideredRow[] {
  if (isSelection(record)) {
    const verdicts = new Map(record.result.verdicts.map((verdict) => [verdict.id, verdict]));
    return record.input.candidates.map(({ id, modelId, runId }) => ({
      versionNo: id.startsWith('v') ? Number(id.slice(1)) : null,
      modelId,
      runId,
      verdict: verdicts.get(id)!.verdict,
      reason: verdicts.get(id)!.reason,
    }));
  }
  const row = ({ versionNo, modelId, runId }: VersionRef, verdict: string): ConsideredRow => ({
    versionNo,
    modelId,
    runId,
    verdict,
    reason: record.kind,
  });
  return [
    ...(record.after === null ? [] : [row(record.after, 'chosen')]),
    ...(record.before === null || record.before.versionNo === record.after?.versionNo
      ? []
      : [row(record.before, 'replaced')]),
  ];
}

/** A version as a record names it. */
export const refOf = (version: OriginVersion, codeVersion: string | null, digest: string | null): VersionRef => ({
  versionNo: version.versionNo,
  registeredModel: version.name,
  version: version.version,
  codeVersion,
  digest,
  modelId: version.modelId,
  runId: version.runId || null,
});
