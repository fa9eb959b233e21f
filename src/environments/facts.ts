import { type Evaluation, type EvaluationService, evaluatorOf, type HoldoutVersion } from '../evaluation/service.ts';
import { all, type Tx } from '../storage/storage.ts';
import { fullVersion } from './code-version.ts';
import { changesOf } from './decision-store.ts';
import { isPromoted } from './eligibility.ts';
import { findOrigins, type KnownDigest, knownDigests, type Origin, type OriginDeps } from './origins.ts';
import type { SlotPolicy } from './policy.ts';
import type { Act, Candidate, Comparison, EvaluationFacts, SelectionInput } from './selection-input.ts';
import { signatureDifference } from './signature.ts';
import { type Bar, barsOf, findSlot, type Slot, signOffsOf } from './slot-store.ts';
import { type Reign, reignsOf, testedFor } from './tested.ts';
import { evaluationWindow } from './windows.ts';

export interface FactsDeps extends OriginDeps {
  readonly evaluation: EvaluationService;
}

export interface Facts {
  readonly input: SelectionInput;
  readonly origins: ReadonlyMap<string, Origin>;
  readonly holdout: HoldoutVersion | undefined;
  /** Candidates to evaluate now, the champion first, then the newest. */
  readonly wanting: readonly string[];
  /** The evaluation that counts for each candidate that has one. */
  readonly evaluations: ReadonlyMap<string, Evaluation>;
}

export interface Question {
  readonly slot: Slot;
  readonly policy: SlotPolicy;
  readonly now: number;
  readonly act: Act | null;
}

const dayMs = 86_400_000;
const ownTags = ['code_version', 'cellar.model'];

/** The metric functions that a policy's evaluations run. */
export const metricFunctionsOf = ({ metric }: SlotPolicy) =>
  metric.function === null
    ? []
    : [{ name: metric.name, file: metric.function.file, function: metric.function.name, code: metric.function.code }];

/** Reads all that a selection about a slot looks at, in one snapshot. */
export function* gatherFacts(deps: FactsDeps, question: Question): Tx<Facts> {
  const { slot, policy, now } = question;
  const origins = yield* findOrigins(deps, policy, slot.championNo);
  const sources = yield* readSources(deps, question, origins);
  const holdout = yield* pinnedHoldout(deps, policy);
  const evaluator = evaluatorOf(metricFunctionsOf(policy));
  const digests = distinct([...sources.digests.values()].map(({ digest }) => digest));
  const byDigest =
    holdout === undefined
      ? new Map<string, Evaluation>()
      : yield* deps.evaluation.evaluations.findEvaluations(digests, holdout.digest, evaluator);

  const evaluations = new Map<string, Evaluation>();
  for (const { id, subject } of origins) {
    const evaluation = byDigest.get(sources.digests.get(subject)?.digest ?? '');
    if (evaluation !== undefined) evaluations.set(id, evaluation);
  }
  const championId = slot.championNo === null ? null : `v${slot.championNo}`;
  const championEvaluation = championId === null ? undefined : evaluations.get(championId);
  const known = origins.map((origin) =>
    candidateOf(origin, question, sources, evaluations.get(origin.id), championEvaluation?.signature ?? null),
  );
  const { candidates, wanting } = evaluationWindow(known, policy, championId);
  return {
    origins: new Map(origins.map((origin) => [origin.id, origin])),
    holdout,
    wanting: holdout === undefined ? [] : wanting,
    evaluations,
    input: {
      time: now,
      policy,
      holdout: holdout === undefined ? null : { name: holdout.name, version: holdout.version, digest: holdout.digest },
      evaluator,
      champion: championId === null ? null : { id: championId, since: slot.championTime! },
      pin: slot.pinDecision === null ? null : { decision: slot.pinDecision },
      pause:
        slot.pauseReason === null
          ? null
          : { until: slot.pauseUntil, reason: slot.pauseReason, by: slot.pauseActor ?? 'anonymous' },
      swaps: yield* swapsSince(slot.slotNo, now - dayMs),
      act: question.act,
      candidates,
      comparisons:
        championEvaluation === undefined
          ? []
          : yield* knownComparisons(deps, policy, championEvaluation, candidates, evaluations),
    },
  };
}

type Tags = ReadonlyMap<string, string>;

/** What is known of the candidates apart from their scores. */
interface Sources {
  readonly versionTags: ReadonlyMap<number, Tags>;
  readonly modelTags: ReadonlyMap<string, Tags>;
  readonly runTags: ReadonlyMap<string, Tags>;
  readonly existingRuns: ReadonlySet<string>;
  /** Runs that `where` matches; undefined where there is no `where`. */
  readonly matching: ReadonlySet<string> | undefined;
  readonly replaced: ReadonlySet<number>;
  readonly digests: ReadonlyMap<string, KnownDigest>;
  readonly bars: readonly Bar[];
  /** `<rm_no> <full code version>` that was approved or signed off here, or was a champion here. */
  readonly approved: ReadonlySet<string>;
  /** Of the allowance's models, by name. */
  readonly rmNos: ReadonlyMap<string, number>;
  readonly testing: Testing | null;
}

function* readSources(deps: FactsDeps, { slot, policy }: Question, origins: readonly Origin[]): Tx<Sources> {
  const { dialect, candidates, registry } = deps;
  const versionNos = origins.flatMap(({ version }) => version?.versionNo ?? []);
  const modelIds = distinct(origins.map(({ modelId }) => modelId));
  const runIds = distinct(origins.map(({ runId }) => runId));
  const names = distinct([...ownTags, ...policy.requires.tags]);
  const rmNos = new Map<string, number>();
  for (const name of Object.keys(policy.allow)) {
    const model = yield* registry.findModel(name);
    if (model !== undefined) rmNos.set(name, model.rmNo);
  }
  const replaced = yield* all<{ no: number }>(
    `select version_no as "no" from replaced_versions where ${dialect.isAnyOf('version_no', versionNos)}`,
    [dialect.list(versionNos)],
  );
  return {
    versionTags: yield* registry.versionTags(dialect, versionNos, names),
    modelTags: yield* candidates.loggedModelTags(modelIds, names),
    runTags: yield* candidates.runTags(runIds, names),
    existingRuns: new Set((yield* candidates.runs(runIds)).keys()),
    matching: policy.where === null ? undefined : yield* candidates.runsMatching(policy.where, runIds),
    replaced: new Set(replaced.map(({ no }) => no)),
    digests: yield* knownDigests(dialect, distinct(origins.map(({ subject }) => subject))),
    bars: yield* barsOf(slot.slotNo),
    approved: yield* approvedCode(slot),
    rmNos,
    testing: yield* testingOf(slot, policy),
  };
}

function candidateOf(
  origin: Origin,
  question: Question,
  sources: Sources,
  evaluation: Evaluation | undefined,
  championSignature: string | null,
): Candidate {
  const { version, model, modelId, runId } = origin;
  const { policy } = question;
  const tags = [
    version === null ? undefined : sources.versionTags.get(version.versionNo),
    modelId === null ? undefined : sources.modelTags.get(modelId),
    runId === null ? undefined : sources.runTags.get(runId),
  ];
  const tag = (name: string) => tags.map((some) => some?.get(name)).find((value) => value !== undefined) ?? null;
  const allowed = Object.keys(policy.allow);
  const registeredModel = version?.name ?? tag('cellar.model') ?? (allowed.length === 1 ? allowed[0]! : null);
  const codeVersion = tag('code_version');
  const rmNo = version?.rmNo ?? (registeredModel === null ? undefined : sources.rmNos.get(registeredModel));
  const code = codeVersion === null ? undefined : fullVersion(codeVersion);
  const digest = sources.digests.get(origin.subject);
  const barredBy = (kind: Bar['kind']) =>
    sources.bars.find((bar) => bar.kind === kind && bar.versionNo === version?.versionNo)?.decision ?? null;
  const hasRun = runId !== null && sources.existingRuns.has(runId);
  return {
    id: origin.id,
    registeredModel,
    version: version?.version ?? null,
    modelId,
    runId,
    codeVersion,
    digest: digest?.digest ?? null,
    createdTime: version?.creationTime ?? model!.creationTime,
    whereMatched: hasRun ? (sources.matching?.has(runId) ?? true) : null,
    notReady:
      version === null ? null : version.deleted ? 'deleted' : version.status === 'READY' ? null : version.status,
    archivedByUser: version?.stage === 'Archived' && !sources.replaced.has(version.versionNo),
    quarantine: barredBy('quarantine'),
    hold: barredBy('hold'),
    artifactChanged: digest?.changed ?? false,
    missingTags: policy.requires.tags.filter((name) => tag(name) === null),
    notTested: notTested(question, sources.testing, registeredModel, rmNo, code),
    codeApproved: rmNo !== undefined && code !== undefined && sources.approved.has(`${rmNo} ${code}`),
    signatureDifference:
      evaluation?.status === 'succeeded' ? signatureDifference(evaluation.signature, championSignature) : null,
    evaluation: evaluation === undefined ? null : evaluationFacts(evaluation),
  };
}

const mib = 1024 * 1024;

function evaluationFacts(evaluation: Evaluation): EvaluationFacts {
  switch (evaluation.status) {
    case 'pending':
    case 'running':
      return { status: 'pending' };
    case 'failed':
      return { status: 'failed', id: evaluation.evaluationId, error: evaluation.error?.message ?? 'It failed.' };
    case 'succeeded':
      return {
        status: 'succeeded',
        id: evaluation.evaluationId,
        metrics: Object.fromEntries(
          [...evaluation.metrics].map(([name, value]) => [name, Number.isFinite(value) ? value : String(value)]),
        ),
        latencyMs: evaluation.latency?.rowP95Ms ?? null,
        sizeMiB: evaluation.sizeBytes === null ? null : evaluation.sizeBytes / mib,
        external: evaluation.external,
      };
  }
}

const distinct = (values: readonly (string | null)[]): string[] =>
  [...new Set(values.filter((value) => value !== null && value !== ''))].sort() as string[];

/** The holdout that a slot's models are scored on; undefined where none is pinned, or where it is not there. */
export function* pinnedHoldout(
  deps: Pick<FactsDeps, 'evaluation'>,
  { holdout }: SlotPolicy,
): Tx<HoldoutVersion | undefined> {
  return holdout === null
    ? undefined
    : yield* deps.evaluation.holdouts.findHoldoutVersion(holdout.name, holdout.version);
}

/** Times at which another champion came by selection, promotion or approval. */
function* swapsSince(slotNo: number, since: number): Tx<number[]> {
  const rows = yield* all<{ time: number }>(
    `select time from decisions where slot_no = ? and outcome = 'replaced' and time > ?
     and kind in ('selection', 'promotion', 'approval') order by sequence`,
    [slotNo, since],
  );
  return rows.map(({ time }) => time);
}

function* knownComparisons(
  deps: FactsDeps,
  { metric: { name, goal }, guards }: SlotPolicy,
  champion: Evaluation,
  candidates: readonly Candidate[],
  evaluations: ReadonlyMap<string, Evaluation>,
): Tx<Comparison[]> {
  if (!guards.some((guard) => guard.kind === 'significance')) return [];
  const challengers = candidates.flatMap(({ id }) => {
    const evaluation = evaluations.get(id);
    return evaluation?.status === 'succeeded' && evaluation !== champion
      ? [{ id, evaluationId: evaluation.evaluationId }]
      : [];
  });
  const found = yield* deps.evaluation.evaluations.findComparisons(
    champion.evaluationId,
    challengers.map(({ evaluationId }) => evaluationId),
    { name, goal },
  );
  return challengers.flatMap(({ id, evaluationId }) => {
    const one = found.get(evaluationId);
    if (one === undefined) return [];
    const { pValue, interval, rows } = one;
    return [
      {
        challenger: id,
        pValue,
        difference: one.difference ?? 0,
        low: interval?.low ?? null,
        high: interval?.high ?? null,
        rows,
      },
    ];
  });
}

/** Code that somebody has approved or signed off for the slot, or that has been a champion in it. */
function* approvedCode({ slotNo }: Slot): Tx<Set<string>> {
  const approved = (yield* signOffsOf(slotNo)).map(({ rmNo, codeVersion }) => `${rmNo} ${codeVersion}`);
  const served = yield* all<{ rmNo: number; codeVersion: string }>(
    `select distinct after_rm_no as "rmNo", after_code_version as "codeVersion" from decisions
     where slot_no = ? and after_rm_no is not null and after_code_version is not null`,
    [slotNo],
  );
  return new Set([...approved, ...served.map(({ rmNo, codeVersion }) => `${rmNo} ${codeVersion}`)]);
}

interface Testing {
  readonly reigns: readonly Reign[];
  readonly signedOff: ReadonlySet<string>;
}

function* testingOf({ slotNo, service }: Slot, { requires }: SlotPolicy): Tx<Testing | null> {
  if (requires.testedOn === null) return null;
  const tested = yield* findSlot(service, requires.testedOn);
  const changes = tested === undefined ? [] : yield* changesOf(tested.slotNo, Number.MAX_SAFE_INTEGER);
  const offs = (yield* signOffsOf(slotNo)).filter(({ kind }) => kind === 'promotion');
  return {
    reigns: reignsOf(changes),
    signedOff: new Set(offs.map(({ rmNo, codeVersion }) => `${rmNo} ${codeVersion}`)),
  };
}

/** What is missing for the code to count as tested on the environment before; a promotion is itself the sign-off. */
function notTested(
  { policy: { requires }, act, now }: Question,
  testing: Testing | null,
  model: string | null,
  rmNo: number | undefined,
  code: string | undefined,
): string | null {
  if (testing === null || model === null || code === undefined) return null;
  const where = requires.testedOn!.toUpperCase();
  const liveMs = rmNo === undefined ? 0 : testedFor(testing.reigns, rmNo, code, now);
  const missing = [
    liveMs === 0 && `was never the champion of ${where}`,
    liveMs > 0 &&
      liveMs < requires.minTestTimeMs &&
      `was live on ${where} for ${minutes(liveMs)}, ${minutes(requires.minTestTimeMs)} wanted`,
    !isPromoted(act, { registeredModel: model, codeVersion: code }) &&
      !testing.signedOff.has(`${rmNo} ${code}`) &&
      'is not signed off (cellar promote)',
  ].filter((part) => part !== false);
  return missing.length === 0 ? null : `${model} ${code} ${missing.join(' and ')}.`;
}

const minutes = (ms: number) => `${Math.floor(ms / 60_000)} min`;
