import type { RegistryPieces, Stage } from '../registry/service.ts';
import type { Dialect } from '../storage/dialect.ts';
import { run, type Tx } from '../storage/storage.ts';
import type { Configuration } from './configuration/configuration.ts';
import type { OriginVersion } from './origins.ts';
import { type Slot, setChampion, slotsOf } from './slot-store.ts';

export interface ChampionDeps {
  readonly dialect: Dialect;
  readonly registry: RegistryPieces;
}

/** Another champion for a slot: the version (null for none), its digest, and the decision that made it. */
export interface Succession {
  readonly next: OriginVersion | null;
  readonly digest: string | null;
  readonly decision: string;
  readonly now: number;
}

/**
 * Makes a version the champion of a slot, with all that clients see of it: the stage, the alias, and what answers for
 * the stage. Part of the decision's transaction; the models of the service are locked.
 */
export function* succeed(
  deps: ChampionDeps,
  configuration: Configuration,
  slot: Slot,
  { next, digest, decision, now }: Succession,
): Tx<void> {
  yield* setChampion(slot.slotNo, next && { versionNo: next.versionNo, digest, decision, time: now });
  yield* showChampions(deps, configuration, slot.service, now, slot.championNo === null ? [] : [slot.championNo]);
}

/**
 * Brings stages and aliases of a service's models in line with its champions. A version carries the stage of the last
 * environment, in promotion order, whose champion it is; one that is none any more (`former`, or whatever else still
 * carries such a stage) is archived and stays a candidate.
 */
export function* showChampions(
  { dialect, registry }: ChampionDeps,
  configuration: Configuration,
  service: string,
  now: number,
  former: readonly number[] = [],
): Tx<void> {
  const slots = yield* slotsOf(service);
  const championIn = new Map(slots.map(({ environment, championNo }) => [environment, championNo]));
  const versions = yield* registry.versionsByNo(dialect, [
    ...former,
    ...slots.flatMap(({ championNo }) => championNo ?? []),
  ]);
  const models = yield* serviceModels(registry, configuration, service, [...versions.values()]);
  const lost = new Set(former.map((versionNo) => versions.get(versionNo)?.rmNo));
  const stages = new Map<number, Stage>();
  for (const { name, stage } of configuration.environments) {
    const champion = versions.get(championIn.get(name) ?? -1);
    if (!championIn.has(name)) continue;
    // Without a champion an alias or a stage that users set goes on until there is one.
    const losing = champion === undefined ? models.filter((rmNo) => lost.has(rmNo)) : models;
    for (const rmNo of losing) if (rmNo !== champion?.rmNo) yield* registry.removeAlias(rmNo, name);
    if (champion !== undefined) yield* registry.putAlias(champion.rmNo, name, champion.version);
    if (stage === 'none') continue;
    yield* run(`delete from stage_champions where stage = ? and ${dialect.isAnyOf('rm_no', models)}`, [
      stage,
      dialect.list(models),
    ]);
    if (champion === undefined) continue;
    stages.set(champion.versionNo, stage);
    yield* run('insert into stage_champions(rm_no, stage, version_no) values (?, ?, ?)', [
      champion.rmNo,
      stage,
      champion.versionNo,
    ]);
  }
  for (const [versionNo, stage] of stages) {
    yield* run('delete from replaced_versions where version_no = ?', [versionNo]);
    if (versions.get(versionNo)!.stage !== stage) yield* registry.setStage(versionNo, stage, now);
  }
  const champions = new Set(championIn.values());
  const carrying = yield* registry.versionsInStages(dialect, models, [...new Set(stages.values())]);
  for (const versionNo of new Set([...former, ...carrying])) {
    const gone = versions.get(versionNo)?.deleted === true;
    if (!gone && !champions.has(versionNo)) yield* archive(registry, versionNo, now);
  }
}

function* archive(registry: RegistryPieces, versionNo: number, now: number): Tx<void> {
  yield* registry.setStage(versionNo, 'Archived', now);
  yield* run('insert into replaced_versions(version_no) values (?) on conflict do nothing', [versionNo]);
}

/** The models that compete in a service, and those of its champions that no longer do. */
function* serviceModels(
  registry: RegistryPieces,
  { services }: Configuration,
  service: string,
  versions: readonly OriginVersion[],
): Tx<number[]> {
  const rmNos = new Set(versions.map(({ rmNo }) => rmNo));
  for (const name of modelNames(services[service]?.slots ?? [])) {
    const model = yield* registry.findModel(name);
    if (model !== undefined) rmNos.add(model.rmNo);
  }
  return [...rmNos].sort((a, b) => a - b);
}

const modelNames = (slots: readonly { readonly allow: Readonly<Record<string, string>> }[]) =>
  new Set(slots.flatMap(({ allow }) => Object.keys(allow)));

/**
 * Locks the registered models of a service in one order. Whoever changes champions begins with this, as whoever acts on
 * a model begins by locking it: first models, then slots.
 */
export function* lockModels(
  { dialect, registry }: ChampionDeps,
  { services }: Configuration,
  service: string,
  championNos: readonly (number | null)[],
): Tx<void> {
  const names = modelNames(services[service]?.slots ?? []);
  const champions = championNos.filter((no) => no !== null);
  for (const { name } of (yield* registry.versionsByNo(dialect, champions)).values()) names.add(name);
  for (const name of [...names].sort()) yield* registry.lockModel(name);
}
