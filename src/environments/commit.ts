import { invalid } from '../errors.ts';
import { nextId } from '../storage/ids.ts';
import type { Tx } from '../storage/storage.ts';
import { digestOf } from './canonical-json.ts';
import { type ChampionDeps, lockModels, succeed } from './champions.ts';
import { fullVersion } from './code-version.ts';
import { currentNo } from './configuration-store.ts';
import { type DecisionRow, insertApproval, openApproval, resolveApproval } from './decision-store.ts';
import { append, refOf } from './ledger.ts';
import type { Origin, OriginVersion } from './origins.ts';
import type { Trigger, VersionRef } from './records.ts';
import { Overtaken, type Ready } from './selection.ts';
import type { Candidate } from './selection-input.ts';
import { addSignOff, lockSlot, unwant } from './slot-store.ts';

export interface CommitDeps extends ChampionDeps {
  readonly newId: (prefix: 'd' | 'a') => string;
  /** Notes on a logged model that a version was registered from it. */
  readonly noteModelVersion: (modelId: string, name: string, version: number) => Tx<void>;
}

export interface Occasion {
  readonly kind: 'selection' | 'promotion' | 'approval';
  readonly trigger: Trigger;
  readonly actor: string;
  readonly reason: string;
}

/**
 * Writes a selection with all that follows from it, in one transaction: the record, a winner's registration, stage,
 * aliases, the approval that is asked for or given, the desired deployment. Throws `Overtaken` when anything that the
 * decision looked at has changed.
 */
export function* commitSelection(deps: CommitDeps, ready: Ready, occasion: Occasion): Tx<DecisionRow> {
  const { slot, configuration, facts, result } = ready;
  const { input, origins } = facts;
  yield* lockModels(deps, configuration, slot.service, [slot.championNo]);
  const locked = yield* lockSlot(slot.slotNo);
  const isOvertaken =
    locked.fence !== ready.fence ||
    locked.sequence !== slot.sequence ||
    locked.championNo !== slot.championNo ||
    locked.pinDecision !== slot.pinDecision ||
    (yield* currentNo()) !== ready.configurationNo;
  if (isOvertaken) throw new Overtaken();

  const candidates = new Map(input.candidates.map((candidate) => [candidate.id, candidate]));
  const refs = (id: string | undefined): VersionRef | null => {
    const version = id === undefined ? null : (origins.get(id)?.version ?? null);
    return version === null ? null : refOf(version, candidates.get(id!)!.codeVersion, candidates.get(id!)!.digest);
  };
  const before = refs(input.champion?.id);
  const changes = result.outcome === 'first' || result.outcome === 'replaced';
  const winner = changes ? candidates.get(result.challenger!)! : undefined;
  const next = winner === undefined ? undefined : yield* versionOf(deps, origins.get(winner.id)!, winner, input.time);
  const after = next === undefined ? before : refOf(next, winner!.codeVersion, winner!.digest);
  const afterRmNo = next?.rmNo ?? origins.get(input.champion?.id ?? '')?.version?.rmNo ?? null;
  const id = deps.newId('d');
  const { kind, trigger, actor } = occasion;
  const draft = { kind, trigger, actor, time: input.time, input, result, before, after } as const;
  const { row } = yield* append(locked, id, draft, afterRmNo);
  if (next !== undefined)
    yield* succeed(deps, configuration, locked, {
      next,
      digest: winner!.digest,
      decision: row.decisionId,
      now: input.time,
    });
  yield* keepApproval(deps, ready, occasion, row);
  yield* unwant(slot);
  return row;
}

/** The winner as a version: the one that it is, if that is still so, or one that is registered now. */
function* versionOf(deps: CommitDeps, origin: Origin, candidate: Candidate, now: number): Tx<OriginVersion> {
  if (origin.version !== null) {
    const version = (yield* deps.registry.versionsByNo(deps.dialect, [origin.version.versionNo])).get(
      origin.version.versionNo,
    );
    if (version === undefined || version.deleted || version.status !== 'READY') throw new Overtaken();
    return version;
  }
  const name = candidate.registeredModel!;
  if ((yield* deps.registry.findModel(name)) === undefined) yield* deps.registry.ensureModel(name, now);
  const version = yield* deps.registry.createVersion(
    {
      name,
      description: '',
      source: `models:/${candidate.modelId}`,
      storageLocation: origin.location,
      runId: candidate.runId ?? '',
      modelId: candidate.modelId,
      tags: [{ key: 'code_version', value: candidate.codeVersion! }],
    },
    now,
  );
  yield* deps.noteModelVersion(candidate.modelId!, name, version.version);
  return { ...version, deleted: false };
}

/** All that a request for approval speaks of: it stands only while none of it changes. */
export function bindingOf({ facts: { input }, policy }: Pick<Ready, 'facts' | 'policy'>, challenger: string): string {
  return digestOf({
    challenger,
    champion: input.champion?.id ?? null,
    holdout: input.holdout?.digest ?? null,
    policy,
  });
}

function* keepApproval(deps: CommitDeps, ready: Ready, { kind, actor, reason }: Occasion, row: DecisionRow): Tx<void> {
  const { result, facts, slot } = ready;
  const open = yield* openApproval(slot.slotNo);
  const now = facts.input.time;
  const given = kind === 'approval' && facts.input.act?.kind === 'approval' ? facts.input.act : null;
  if (open !== undefined && given !== null && open.candidate === given.challenger) {
    yield* resolveApproval(open.approvalNo, 'approved', actor, reason, now);
    const approved = facts.input.candidates.find((candidate) => candidate.id === given.challenger)!;
    const code = fullVersion(approved.codeVersion ?? '');
    const model = yield* deps.registry.findModel(approved.registeredModel ?? '');
    if (code !== undefined && model !== undefined)
      yield* addSignOff(slot.slotNo, {
        rmNo: model.rmNo,
        codeVersion: code,
        kind: 'approval',
        decision: row.decisionId,
        actor,
        reason,
        time: now,
      });
  } else if (result.outcome === 'awaiting_approval') {
    const binding = bindingOf(ready, result.challenger!);
    if (open?.binding === binding) return;
    if (open !== undefined) yield* resolveApproval(open.approvalNo, 'superseded', 'cellar', row.decisionId, now);
    const challenger = facts.origins.get(result.challenger!)!;
    yield* insertApproval({
      approvalNo: yield* nextId('approval'),
      approvalId: deps.newId('a'),
      slotNo: slot.slotNo,
      candidate: challenger.id,
      versionNo: challenger.version?.versionNo ?? null,
      modelId: challenger.modelId,
      binding,
      decision: row.decisionId,
      createdTime: now,
    });
  } else if (open !== undefined) yield* resolveApproval(open.approvalNo, 'superseded', 'cellar', row.decisionId, now);
}

/** A code version that can be signed off. Throws INVALID_PARAMETER_VALUE for a text that is none. */
export function codeOf(text: string | null, what: string): string {
  const code = text === null ? undefined : fullVersion(text);
  if (code === undefined)
    throw invalid(`${what} has no code version that could be signed off: ${text ?? 'no tag code_version'}.`);
  return code;
}
