import { invalid } from '../errors.ts';
import type { Tx } from '../storage/storage.ts';
import { admits, readAllowance } from './allowance.ts';
import { type ByHandDeps, championOf, conflict, override, placeOf } from './by-hand.ts';
import { lockModels } from './champions.ts';
import { fullVersion } from './code-version.ts';
import { codeOf, commitSelection } from './commit.ts';
import { type Configuration, policyOf, withAllowance } from './configuration/configuration.ts';
import { diffConfigurations, type SettingChange } from './configuration/diff.ts';
import { currentConfiguration, holdConfiguration } from './configuration-store.ts';
import { changesOf, type DecisionRow, listDecisions } from './decision-store.ts';
import type { VersionRef } from './records.ts';
import type { Ready, Selecting, SelectionDeps } from './selection.ts';
import { Overtaken } from './selection.ts';
import { addSignOff, findSlot, lockSlot, type Slot } from './slot-store.ts';
import { reignsOf } from './tested.ts';

export interface PromotionsDeps {
  readonly deps: ByHandDeps & SelectionDeps;
  readonly preview: Selecting['preview'];
  readonly select: Selecting['select'];
  readonly told: (row: DecisionRow) => DecisionRow;
}

export interface Promotion {
  readonly service: string;
  readonly from: string;
  readonly to: string;
  /** New ranges by registered model. */
  readonly allow: Readonly<Record<string, string>>;
  readonly reason: string;
  readonly waiveSignature: string | null;
  /** A version of the promoted model that becomes the champion whatever selection says. */
  readonly pin: number | undefined;
  readonly actor: string;
}

/** What an environment has proved of the code that is its champion. */
export interface Evidence {
  readonly environment: string;
  readonly registeredModel: string;
  readonly codeVersion: string;
  readonly version: number;
  readonly championSince: number;
  readonly liveMs: number;
  readonly decisionsSurvived: number;
  readonly evaluations: number;
  readonly evaluationsFailed: number;
  readonly quarantines: number;
  readonly score: number | null;
}

/**
 * Promotion: the sign-off of the code that an environment has proved, the allowance of the next one, and the selection
 * there, in one transaction. It comes to nothing when that code does not win.
 */
export function promotions({ deps, preview, select, told }: PromotionsDeps) {
  const { storage, clock } = deps;

  /** What is known before anything is done: the evidence, the settings that change, what would be selected. */
  async function promotionPreview(promotion: Promotion) {
    const { service, from, to } = promotion;
    const { source, held, seenFrom } = await storage.read(function* () {
      const held = yield* currentConfiguration();
      policyOf(held.configuration, service, from);
      policyOf(held.configuration, service, to);
      const slot = yield* findSlot(service, from);
      const source = slot === undefined ? null : yield* championOf(deps, slot);
      return { source, held, seenFrom: slot };
    });
    if (from === to)
      throw invalid(`Invalid value "${to}" for parameter 'to' supplied: expected another environment than ${from}.`);
    if (source === null || seenFrom === undefined)
      throw conflict(`${service} has no champion on ${from.toUpperCase()} whose code could be promoted.`);
    const code = codeOf(source.codeVersion, `The champion of ${placeOf(seenFrom)}`);
    const range = promotion.allow[source.registeredModel];
    if (range !== undefined && !admits(readAllowance(range), code))
      throw invalid(
        `The allowance ${source.registeredModel}=${range} does not admit ${code}, which is promoted: expected a range that does.`,
      );
    const proposed = (configuration: Configuration) => withAllowance(configuration, service, to, promotion.allow);
    const changes: SettingChange[] = [...diffConfigurations(held.configuration, proposed(held.configuration))];
    const act = {
      kind: 'promotion',
      registeredModel: source.registeredModel,
      codeVersion: code,
      by: promotion.actor,
      waiveSignature: promotion.waiveSignature,
    } as const;
    const wish = { service, environment: to, act, proposed, waitFor: 'all' } as const;
    return {
      evidence: await evidenceOf(seenFrom, source, code),
      changes,
      wish,
      source,
      code,
      preview: () => preview(wish),
    };
  }

  async function evidenceOf(slot: Slot, champion: VersionRef, code: string): Promise<Evidence> {
    const { service, environment } = slot;
    const seen = await preview({ service, environment, act: null, waitFor: 'champion' });
    const facts = [...seen.facts.evaluations.values()];
    return storage.read(function* () {
      const version = (yield* deps.registry.versionsByNo(deps.dialect, [champion.versionNo])).get(champion.versionNo)!;
      const reign = reignsOf(yield* changesOf(slot.slotNo, Number.MAX_SAFE_INTEGER)).at(-1);
      const decisions = yield* listDecisions({ service, environment, limit: 1000 });
      const since = decisions.filter(({ time }) => time >= (reign?.from ?? 0));
      const score = seen.facts.evaluations.get(`v${version.versionNo}`)?.metrics.get(seen.policy.metric.name);
      return {
        environment,
        registeredModel: champion.registeredModel,
        codeVersion: code,
        version: champion.version,
        championSince: slot.championTime!,
        liveMs: clock() - (reign?.from ?? slot.championTime!),
        decisionsSurvived: since
          .filter(({ outcome }) => outcome === 'kept')
          .reduce((sum, { repeats }) => sum + 1 + repeats, 0),
        evaluations: facts.filter(({ status }) => status === 'succeeded').length,
        evaluationsFailed: facts.filter(({ status }) => status === 'failed').length,
        quarantines: decisions.filter(({ kind }) => kind === 'quarantine').length,
        score: score !== undefined && Number.isFinite(score) ? score : null,
      };
    });
  }

  function* hold(promotion: Promotion, ready: Pick<Ready, 'configuration'>): Tx<void> {
    const held = yield* currentConfiguration();
    yield* holdConfiguration({
      configuration: ready.configuration,
      managed: held.managed,
      cause: 'promotion',
      actor: promotion.actor,
      now: clock(),
    });
  }

  function* signOff(
    promotion: Promotion,
    slotNo: number,
    source: VersionRef,
    codeVersion: string,
    row: DecisionRow,
  ): Tx<void> {
    const model = (yield* deps.registry.findModel(source.registeredModel))!;
    yield* addSignOff(slotNo, {
      rmNo: model.rmNo,
      codeVersion,
      kind: 'promotion',
      decision: row.decisionId,
      actor: promotion.actor,
      reason: promotion.reason,
      time: clock(),
    });
  }

  /** Signs off, raises the allowance and selects. RESOURCE_CONFLICT, and nothing changes, when the code does not win. */
  async function promote(promotion: Promotion): Promise<DecisionRow> {
    const { wish, source, code } = await promotionPreview(promotion);
    if (promotion.pin !== undefined) return pinned(promotion, source, code, promotion.pin);
    const trigger = { kind: 'promotion', detail: `from ${promotion.from}: ${promotion.reason}` };
    const { actor, reason } = promotion;
    const row = await select(wish, function* (ready) {
      if (!wins(ready, source.registeredModel, code)) throw conflict(whyNot(ready, source.registeredModel, code));
      const row = yield* commitSelection(deps, ready, { kind: 'promotion', trigger, actor, reason });
      yield* hold(promotion, ready);
      yield* signOff(promotion, ready.slot.slotNo, source, code, row);
      return row;
    });
    return told(row);
  }

  async function pinned(promotion: Promotion, source: VersionRef, code: string, version: number): Promise<DecisionRow> {
    const { service, to, actor, reason } = promotion;
    const row = await storage.write(function* () {
      const held = yield* currentConfiguration();
      const configuration = withAllowance(held.configuration, service, to, promotion.allow);
      const slot = (yield* findSlot(service, to))!;
      yield* lockModels(deps, configuration, service, [slot.championNo]);
      const locked = yield* lockSlot(slot.slotNo);
      if (locked.championNo !== slot.championNo) throw new Overtaken();
      const target = yield* deps.registry.findVersion(source.registeredModel, version);
      if (target === undefined)
        throw invalid(
          `Invalid value ${version} for parameter 'pin' supplied: expected a version of ${source.registeredModel}.`,
        );
      yield* hold(promotion, { configuration });
      const trigger = { kind: 'promotion', detail: `from ${promotion.from}, pinned: ${reason}` };
      const row = yield* override(
        deps,
        configuration,
        locked,
        { ...target, deleted: false },
        { actor, reason, trigger, now: clock() },
      );
      yield* signOff(promotion, slot.slotNo, source, code, row);
      return row;
    });
    return told(row);
  }

  return { promote, promotionPreview };
}

/** Whether code of this version is the champion once the decision is made. */
function wins({ result, facts: { input } }: Ready, model: string, code: string): boolean {
  const changes = result.outcome === 'first' || result.outcome === 'replaced';
  const id = changes ? result.challenger : input.champion?.id;
  const after = input.candidates.find((candidate) => candidate.id === id);
  return after?.registeredModel === model && fullVersion(after.codeVersion ?? '') === code;
}

function whyNot({ result, facts: { input } }: Ready, model: string, code: string): string {
  const promoted = result.verdicts.find(({ id }) => {
    const candidate = input.candidates.find((one) => one.id === id)!;
    return candidate.registeredModel === model && fullVersion(candidate.codeVersion ?? '') === code;
  });
  const what = `${model} ${code}`;
  if (promoted === undefined) return `${what} is not promoted: it has no version that could be. Nothing changed.`;
  const why = promoted.detail ?? promoted.reason ?? result.detail;
  const named =
    promoted.verdict === 'guard_failed'
      ? `fails ${promoted.reason}: ${why}`
      : promoted.verdict === 'refused'
        ? `is refused, ${promoted.reason}: ${why}`
        : `does not win: ${result.detail}`;
  return `${what} is not promoted: its best version ${named.replace(/\.$/, '')}. Nothing changed; --pin VERSION would make it the champion by hand.`;
}
