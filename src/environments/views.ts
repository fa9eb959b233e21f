import { invalid, notFound, shown } from '../errors.ts';
import type { Tx } from '../storage/storage.ts';
import { type ByHandDeps, describe } from './by-hand.ts';
import { type Configuration, policyOf, slotsOf as slotsIn } from './configuration/configuration.ts';
import { currentConfiguration } from './configuration-store.ts';
import { searchDecisions } from './decision-search.ts';
import {
  chainOf,
  changesOf,
  type DecisionFilter,
  type DecisionRow,
  findDecision,
  lastDecision,
  listDecisions,
  openApproval,
} from './decision-store.ts';
import { presentCandidates, presentSummary, recordOf } from './present.ts';
import { isSelection, replay, type StoredRecord, verifyChain } from './records.ts';
import { type NamedVersion, scoresOfVersions, scoresOn } from './scores.ts';
import type { Selecting, SelectionDeps } from './selection.ts';
import { barsOf, findSlot, listSlots, type Slot, slotsServing } from './slot-store.ts';
import type { CandidateView, EpochScores, ServedReply, SlotView, VerifyReply, WhyReply } from './wire.ts';

export interface ViewsDeps {
  readonly deps: ByHandDeps & SelectionDeps;
  readonly preview: Selecting['preview'];
}

export interface DecisionsQuestion extends Omit<DecisionFilter, 'versionNo' | 'limit'> {
  readonly registeredModel?: string | undefined;
  readonly version?: number | undefined;
  readonly limit?: number | undefined;
}

const chainPage = 200;
const mostFound = 10;

/** What there is to read: who serves where, what was decided, and why. */
export function views({ deps }: ViewsDeps) {
  const { storage, dialect } = deps;

  function* slotView(configuration: Configuration, slot: Slot): Tx<SlotView> {
    const policy = policyOf(configuration, slot.service, slot.environment);
    const environment = configuration.environments.find(({ name }) => name === slot.environment)!;
    const bars = yield* barsOf(slot.slotNo);
    const nos = [...bars.map(({ versionNo }) => versionNo), ...(slot.championNo === null ? [] : [slot.championNo])];
    const versions = yield* deps.registry.versionsByNo(dialect, nos);
    const champion = slot.championNo === null ? undefined : versions.get(slot.championNo);
    const ref = champion === undefined ? null : yield* describe(deps, champion);
    const last = yield* lastDecision(slot.slotNo);
    const approval = yield* openApproval(slot.slotNo);
    const barred = (kind: string) =>
      bars.flatMap(({ kind: its, versionNo, decision, reason }) => {
        const version = versions.get(versionNo);
        return its !== kind || version === undefined
          ? []
          : [{ version: version.version, registeredModel: version.name, decision, reason }];
      });
    return {
      service: slot.service,
      environment: slot.environment,
      stage: environment.stage,
      alias: environment.name,
      protected: environment.protected,
      champion:
        ref === null
          ? null
          : {
              ...ref,
              since: slot.championTime!,
              decision: slot.championDecision!,
              score:
                ref.digest === null
                  ? null
                  : ((yield* scoresOn(deps, policy, [ref.digest])).get(ref.digest)?.score ?? null),
            },
      metric: { name: policy.metric.name, goal: policy.metric.goal },
      holdout: policy.holdout,
      allow: { ...policy.allow },
      pin: slot.pinDecision,
      pause:
        slot.pauseReason === null
          ? null
          : { until: slot.pauseUntil, reason: slot.pauseReason, by: slot.pauseActor ?? 'anonymous' },
      holds: barred('hold'),
      quarantines: barred('quarantine'),
      openApproval:
        approval === undefined
          ? null
          : {
              id: approval.approvalId,
              candidate: approval.candidate,
              version: approval.versionNo,
              modelId: approval.modelId,
              decision: approval.decision,
              createdTime: approval.createdTime,
            },
      lastDecision: last === undefined ? null : presentSummary(last),
      selecting: slot.wanted,
    };
  }

  function* configuredSlots(): Tx<{ configuration: Configuration; slots: Slot[] }> {
    const { configuration } = yield* currentConfiguration();
    const slots: Slot[] = [];
    for (const { service, environment } of slotsIn(configuration)) {
      const slot = yield* findSlot(service, environment);
      if (slot !== undefined) slots.push(slot);
    }
    return { configuration, slots };
  }

  function* versionNoOf(name: string, version: number): Tx<number> {
    const row = yield* deps.registry.findVersion(name, version);
    if (row === undefined) throw notFound(`There is no version ${version} of the registered model ${shown(name)}.`);
    return row.versionNo;
  }

  async function decisions({ registeredModel, version, limit = 100, ...filter }: DecisionsQuestion): Promise<{
    rows: DecisionRow[];
    next: number | null;
  }> {
    if ((registeredModel === undefined) !== (version === undefined))
      throw invalid("Parameters 'registeredModel' and 'version' go together: expected both or neither.");
    return storage.read(function* () {
      const versionNo = version === undefined ? undefined : yield* versionNoOf(registeredModel!, version);
      const rows = yield* listDecisions({ ...filter, versionNo, limit: limit + 1 });
      const page = rows.slice(0, limit);
      return { rows: page, next: rows.length > limit ? page.at(-1)!.decisionNo : null };
    });
  }

  return {
    /** Every slot: its champion, what holds it, the last decision. */
    status: (service?: string): Promise<SlotView[]> =>
      storage.read(function* () {
        const { configuration, slots } = yield* configuredSlots();
        const views: SlotView[] = [];
        for (const slot of slots)
          if (service === undefined || slot.service === service) views.push(yield* slotView(configuration, slot));
        if (service !== undefined && views.length === 0) throw notFound(`No service ${shown(service)} is configured.`);
        return views;
      }),

    /** One slot. RESOURCE_DOES_NOT_EXIST where it is not configured. */
    slot: (service: string, environment: string): Promise<SlotView> =>
      storage.read(function* () {
        const { configuration } = yield* currentConfiguration();
        policyOf(configuration, service, environment);
        return yield* slotView(configuration, (yield* findSlot(service, environment))!);
      }),

    /** What served at a moment: by the decisions, so also of slots that are configured no more. */
    servedAt: (time: number): Promise<ServedReply> =>
      storage.read(function* () {
        const slots: ServedReply['slots'] = [];
        for (const { slotNo, service, environment } of yield* listSlots()) {
          const last = (yield* changesOf(slotNo, time)).at(-1);
          slots.push({
            service,
            environment,
            champion: last === undefined ? null : recordOf(last).after,
            decision: last?.decisionId ?? null,
            since: last?.time ?? null,
          });
        }
        return { time, slots };
      }),

    /** What versions score in every environment now, epoch by epoch. */
    scores: (versions: readonly NamedVersion[]): Promise<EpochScores[]> =>
      storage.read(() => scoresOfVersions(deps, versions)),

    decisions,

    /** The newest decisions that a text names: by id, service and environment, or the champion that they left. */
    findDecisions: async (text: string): Promise<DecisionRow[]> =>
      text.trim() === '' ? [] : storage.read(() => searchDecisions(deps, text.trim(), mostFound)),

    /** RESOURCE_DOES_NOT_EXIST when there is none. */
    decision: (id: string): Promise<DecisionRow> =>
      storage.read(function* () {
        const row = yield* findDecision(id);
        if (row === undefined) throw notFound(`There is no decision ${shown(id)}.`);
        return row;
      }),

    /** Decides again from what was recorded, and compares byte by byte. */
    async replay(id: string) {
      const row = await storage.read(() => findDecision(id));
      if (row === undefined) throw notFound(`There is no decision ${shown(id)}.`);
      return { id, ...replay(recordOf(row)) };
    },

    /** Why a run, a logged model or a version is not the champion somewhere, or that it is: newest decision first. */
    async why(subject: {
      runId?: string | undefined;
      modelId?: string | undefined;
      registeredModel?: string | undefined;
      version?: number | undefined;
    }): Promise<WhyReply> {
      const { runId, modelId, registeredModel, version } = subject;
      if (runId === undefined && modelId === undefined && version === undefined)
        throw invalid(
          "Missing value for required parameter 'runId': expected a run, a logged model (modelId), or registeredModel and version.",
        );
      const { rows } = await decisions({ ...subject, limit: 200 });
      const championOf = await storage.read(function* () {
        const nos =
          version === undefined
            ? (yield* deps.registry.versionsFrom(
                dialect,
                runId === undefined ? [] : [runId],
                modelId === undefined ? [] : [modelId],
              )).map(({ versionNo }) => versionNo)
            : [yield* versionNoOf(registeredModel!, version)];
        return (yield* slotsServing(dialect, nos)).map(({ service, environment }) => ({ service, environment }));
      });
      return {
        subject: {
          runId: runId ?? null,
          modelId: modelId ?? null,
          registeredModel: registeredModel ?? null,
          version: version ?? null,
        },
        championOf,
        considered: rows.flatMap((row) =>
          standing(row, subject).map((candidate) => ({ decision: presentSummary(row), candidate })),
        ),
      };
    },

    /** Reads the chains of all slots (or one) and tells what was changed, is missing, or stands elsewhere. */
    async verify(filter: {
      service?: string | undefined;
      environment?: string | undefined;
      head?: string | undefined;
    }): Promise<VerifyReply> {
      const slots = (await storage.read(() => listSlots())).filter(
        (slot) =>
          (filter.service === undefined || slot.service === filter.service) &&
          (filter.environment === undefined || slot.environment === filter.environment),
      );
      if (slots.length === 0 && filter.service !== undefined)
        throw notFound(`There are no decisions about ${shown(filter.service)}.`);
      if (filter.head !== undefined && slots.length !== 1)
        throw invalid("Parameter 'head' speaks of one slot: expected 'service' and 'environment' with it.");
      const reply: VerifyReply['slots'] = [];
      for (const slot of slots) {
        const records = await chain(slot.slotNo);
        const faults = verifyChain(records, filter.head);
        const last = records.at(-1);
        if ((last?.digest ?? null) !== slot.head || (last?.sequence ?? 0) !== slot.sequence)
          faults.push({ sequence: slot.sequence, id: null, fault: 'the slot remembers another last record' });
        reply.push({
          service: slot.service,
          environment: slot.environment,
          records: records.length,
          head: slot.head,
          faults,
        });
      }
      return { intact: reply.every(({ faults }) => faults.length === 0), slots: reply };
    },
  };

  async function chain(slotNo: number): Promise<StoredRecord[]> {
    const records: StoredRecord[] = [];
    for (;;) {
      const page = await storage.read(() => chainOf(slotNo, records.at(-1)?.sequence ?? 0, chainPage), { long: true });
      for (const row of page)
        records.push({
          id: row.decisionId,
          sequence: row.sequence,
          digest: row.digest,
          text: row.record,
          beside: { kind: row.kind, outcome: row.outcome, reason: row.reason, actor: row.actor, time: row.time },
        });
      if (page.length < chainPage) return records;
    }
  }

  function standing(
    row: DecisionRow,
    {
      runId,
      modelId,
      registeredModel,
      version,
    }: {
      runId?: string | undefined;
      modelId?: string | undefined;
      registeredModel?: string | undefined;
      version?: number | undefined;
    },
  ): CandidateView[] {
    const record = recordOf(row);
    const is = (candidate: Pick<CandidateView, 'runId' | 'modelId' | 'registeredModel' | 'version'>) =>
      version === undefined
        ? (runId !== undefined && candidate.runId === runId) || (modelId !== undefined && candidate.modelId === modelId)
        : candidate.registeredModel === registeredModel && candidate.version === version;
    if (isSelection(record)) return presentCandidates(record.input, record.result).filter(is);
    const refs = [record.after, record.before].filter((ref) => ref !== null);
    return refs
      .filter(is)
      .slice(0, 1)
      .map((ref) => ({
        id: `v${ref.versionNo}`,
        registeredModel: ref.registeredModel,
        version: ref.version,
        codeVersion: ref.codeVersion,
        modelId: ref.modelId,
        runId: ref.runId,
        createdTime: record.time,
        rank: null,
        score: null,
        margin: null,
        verdict: ref === record.after ? 'chosen' : 'replaced',
        reason: record.kind,
        detail: record.result.detail,
        guards: [],
        pValue: null,
        interval: null,
      }));
  }
}
