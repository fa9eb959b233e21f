import { invalid } from '../errors.ts';
import type { Tx } from '../storage/storage.ts';
import type { MayDelete, Sources } from '../tracking/service.ts';
import { placeOf, rollbackTarget } from './by-hand.ts';
import type { ChampionDeps } from './champions.ts';
import { serviceOfModel } from './configuration-store.ts';
import { openApprovals, openApprovalsFor } from './decision-store.ts';
import { listSlots, slotByNo, slotsOf, slotsServing } from './slot-store.ts';

/**
 * Keeps the runs and logged models behind champions, open approvals and rollback targets: asked before they are deleted,
 * it throws INVALID_PARAMETER_VALUE naming what needs them.
 */
export function sourceKeeper(deps: ChampionDeps) {
  return function* mayDelete(what: Parameters<MayDelete>[0]): Tx<void> {
    const { dialect } = deps;
    const { runIds, modelIds } = 'among' in what ? yield* what.among(yield* neededSources(deps)) : what;
    const versions = yield* deps.registry.versionsFrom(dialect, runIds, modelIds);
    const behind = new Map(versions.map((version) => [version.versionNo, version]));
    const approvals = yield* openApprovalsFor(dialect, [...behind.keys()], modelIds);
    for (const { approvalId, slotNo } of approvals) {
      const slot = (yield* slotByNo(slotNo))!;
      throw refusal(`a model waits for the approval ${approvalId} of ${placeOf(slot)}`);
    }
    if (behind.size === 0) return;
    for (const slot of yield* slotsServing(dialect, [...behind.keys()])) {
      const version = behind.get(slot.championNo!)!;
      throw refusal(`version ${version.version} of ${version.name} is the champion of ${placeOf(slot)}`);
    }
    for (const name of new Set(versions.map((version) => version.name))) {
      const service = yield* serviceOfModel(name);
      for (const slot of service === undefined ? [] : yield* slotsOf(service)) {
        const target = slot.championNo === null ? undefined : yield* rollbackTarget(deps, slot);
        const version = target === undefined ? undefined : behind.get(target);
        if (version !== undefined)
          throw refusal(
            `version ${version.version} of ${version.name} is what ${placeOf(slot)} would be rolled back to`,
          );
      }
    }
  };
}

/** The runs and logged models behind all champions, rollback targets and open approvals. */
function* neededSources(deps: ChampionDeps): Tx<Sources> {
  const approvals = yield* openApprovals();
  const versionNos = approvals.flatMap(({ versionNo }) => versionNo ?? []);
  for (const slot of yield* listSlots()) {
    if (slot.championNo === null) continue;
    const target = yield* rollbackTarget(deps, slot);
    versionNos.push(slot.championNo, ...(target === undefined ? [] : [target]));
  }
  const versions = [...(yield* deps.registry.versionsByNo(deps.dialect, versionNos)).values()];
  return {
    runIds: versions.map(({ runId }) => runId).filter((runId) => runId !== ''),
    modelIds: [...versions, ...approvals].flatMap(({ modelId }) => modelId ?? []),
  };
}

const refusal = (why: string) =>
  invalid(`It cannot be deleted: ${why}, and came from it. Expected another champion first.`);
