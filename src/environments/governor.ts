import { invalid } from '../errors.ts';
import {
  type Act,
  type GovernedModel,
  type Governor,
  type Stage,
  stageKey,
  type VersionRow,
} from '../registry/service.ts';
import { all, run, type Tx } from '../storage/storage.ts';
import { type ByHandDeps, describe, isAdmitted, override, placeOf, rollbackTarget } from './by-hand.ts';
import { type Configuration, type EnvironmentSetting, withModelRenamed } from './configuration/configuration.ts';
import { currentConfiguration, holdConfiguration, serviceOfModel } from './configuration-store.ts';
import { openApprovalsFor } from './decision-store.ts';
import { findSlot, type Slot, slotsOf, slotsServing } from './slot-store.ts';

/**
 * What MLflow clients may do to the models of services. A move into an environment's stage, or its alias set, is an
 * override: the version becomes the champion and is pinned. What would leave an environment without its champion is
 * refused and told how it is done. Models of no service are left to the registry.
 */
export function slotGovernor(deps: ByHandDeps): Governor {
  const { dialect } = deps;

  function* governing(name: string): Tx<{ service: string; configuration: Configuration } | undefined> {
    const service = yield* serviceOfModel(name);
    return service === undefined
      ? undefined
      : { service, configuration: (yield* currentConfiguration()).configuration };
  }

  function* overrideIn(
    environment: EnvironmentSetting,
    slot: Slot,
    configuration: Configuration,
    version: VersionRow,
    { actor, now }: Act,
    how: string,
  ): Tx<void> {
    const whole = { ...version, deleted: false };
    const ref = yield* describe(deps, whole);
    if (environment.protected && !isAdmitted(configuration, slot, ref))
      throw invalid(
        `Version ${version.version} of ${version.name} (code version ${ref.codeVersion ?? 'unknown'}) is outside the allowance of ${placeOf(slot)}, which is protected: expected a version that it admits, or cellar promote ${slot.service} --to ${slot.environment}.`,
      );
    yield* override(deps, configuration, slot, whole, {
      actor,
      now,
      reason: how,
      trigger: { kind: 'client', detail: how },
    });
  }

  /** Refuses to take a version from under an environment that needs it. */
  function* refuseIfNeeded(version: { versionNo: number; name: string; version: number }, what: string): Tx<void> {
    const [serving] = yield* slotsServing(dialect, [version.versionNo]);
    if (serving !== undefined)
      throw invalid(
        `${what} is the champion of ${placeOf(serving)}: expected another champion first (cellar rollback ${serving.service} --env ${serving.environment}).`,
      );
    const [approval] = yield* openApprovalsFor(dialect, [version.versionNo], []);
    if (approval !== undefined)
      throw invalid(
        `${what} waits for the approval ${approval.approvalId}: expected it to be approved or rejected first (cellar reject ${approval.approvalId}).`,
      );
    for (const slot of yield* slotsWithTarget(version.name))
      if ((yield* rollbackTarget(deps, slot)) === version.versionNo)
        throw invalid(
          `${what} is what ${placeOf(slot)} would be rolled back to: expected another earlier champion first.`,
        );
  }

  function* slotsWithTarget(model: string): Tx<Slot[]> {
    const service = yield* serviceOfModel(model);
    return service === undefined ? [] : (yield* slotsOf(service)).filter(({ championNo }) => championNo !== null);
  }

  return {
    *transition(model: GovernedModel, version: VersionRow, stage: Stage, act: Act) {
      const governed = yield* governing(model.name);
      if (governed === undefined) return false;
      const { service, configuration } = governed;
      const environment = configuration.environments.find((one) => one.stage === stage);
      const slot = environment && (yield* findSlot(service, environment.name));
      if (environment !== undefined && slot !== undefined) {
        yield* overrideIn(environment, slot, configuration, version, act, `moved to ${stage}`);
        return true;
      }
      const [serving] = yield* slotsServing(dialect, [version.versionNo]);
      if (serving !== undefined)
        throw invalid(
          `Version ${version.version} of ${version.name} is the champion of ${placeOf(serving)} and cannot be moved to ${stage}: expected cellar rollback ${serving.service} --env ${serving.environment}.`,
        );
      // Archived by somebody: no longer a candidate, whoever archived it before.
      yield* run('delete from replaced_versions where version_no = ?', [version.versionNo]);
      return false;
    },

    *setAlias(model, alias, version, act) {
      const governed = yield* governing(model.name);
      const environment = governed?.configuration.environments.find(({ name }) => name === alias);
      if (governed === undefined || environment === undefined) return false;
      const slot = yield* findSlot(governed.service, alias);
      if (slot === undefined) return false;
      yield* overrideIn(environment, slot, governed.configuration, version, act, `alias ${alias} set`);
      return true;
    },

    *deleteAlias(model, alias) {
      const governed = yield* governing(model.name);
      const slot = governed && (yield* findSlot(governed.service, alias));
      if (slot === undefined || slot.championNo === null) return;
      const champion = (yield* deps.registry.versionsByNo(dialect, [slot.championNo])).get(slot.championNo);
      if (champion?.rmNo === model.rmNo)
        throw invalid(
          `The alias ${alias} of ${model.name} names the champion of ${placeOf(slot)}: expected cellar rollback ${slot.service} --env ${slot.environment}.`,
        );
    },

    *deleteVersion(_, version) {
      yield* refuseIfNeeded(version, `Version ${version.version} of ${version.name}`);
    },

    *deleteModel(model) {
      if ((yield* serviceOfModel(model.name)) === undefined && !(yield* everServed(model.rmNo))) return;
      for (const version of yield* deps.registry.versionsOfModels(dialect, [model.name]))
        yield* refuseIfNeeded(version, `Version ${version.version} of ${model.name}`);
    },

    *rename(model, newName, { actor, now }) {
      if ((yield* serviceOfModel(model.name)) === undefined) return;
      const held = yield* currentConfiguration();
      if (held.managed === 'file')
        throw invalid(
          `The registered model ${model.name} stands in the cellar.yaml that was applied: expected it to be renamed there, together with the model.`,
        );
      const configuration = withModelRenamed(held.configuration, model.name, newName);
      yield* holdConfiguration({ configuration, managed: held.managed, cause: 'rename', actor, now });
    },

    *stageChampions(rmNos) {
      const rows = yield* all<{ rmNo: number; stage: Stage; versionNo: number }>(
        `select rm_no as "rmNo", stage, version_no as "versionNo" from stage_champions where ${dialect.isAnyOf('rm_no', rmNos)}`,
        [dialect.list(rmNos)],
      );
      return new Map(rows.map(({ rmNo, stage, versionNo }) => [stageKey(rmNo, stage), versionNo]));
    },
  };

  function* everServed(rmNo: number): Tx<boolean> {
    return (yield* all('select 1 from decisions where after_rm_no = ? limit 1', [rmNo])).length > 0;
  }
}
