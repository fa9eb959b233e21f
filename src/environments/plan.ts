import { invalid } from '../errors.ts';
import type { EvaluationService } from '../evaluation/service.ts';
import type { RegistryPieces } from '../registry/service.ts';
import type { Dialect } from '../storage/dialect.ts';
import type { Tx } from '../storage/storage.ts';
import { checkRunFilter } from '../tracking/service.ts';
import { type Configuration, policyOf, slotsOf as slotsIn } from './configuration/configuration.ts';
import { findSlot } from './slot-store.ts';

export interface PlanDeps {
  readonly dialect: Dialect;
  readonly registry: RegistryPieces;
  readonly evaluation: Pick<EvaluationService, 'holdouts'>;
}

/** An environment's alias that a user has set on a model of a service, and that Cellar would take over. */
export interface AliasConflict {
  readonly service: string;
  readonly environment: string;
  readonly registeredModel: string;
  readonly version: number;
}

/** Aliases of environments' names on services' models that do not name a champion. */
export function* aliasConflicts({ dialect, registry }: PlanDeps, configuration: Configuration): Tx<AliasConflict[]> {
  const conflicts: AliasConflict[] = [];
  for (const { service, environment } of slotsIn(configuration)) {
    const slot = yield* findSlot(service, environment);
    // Once there has been a champion the alias is Cellar's.
    if (slot !== undefined && slot.sequence > 0) continue;
    for (const name of Object.keys(policyOf(configuration, service, environment).allow)) {
      const model = yield* registry.findModel(name);
      const aliases =
        model === undefined ? [] : ((yield* registry.aliasesOfModels(dialect, [model.rmNo])).get(model.rmNo) ?? []);
      for (const { alias, version } of aliases)
        if (alias === environment) conflicts.push({ service, environment, registeredModel: name, version });
    }
  }
  return conflicts;
}

/** Throws INVALID_PARAMETER_VALUE for what a file alone cannot tell: filters and pinned holdouts. */
export function* checkAgainstServer({ evaluation }: PlanDeps, configuration: Configuration): Tx<void> {
  for (const { service, environment } of slotsIn(configuration)) {
    const { where, holdout } = policyOf(configuration, service, environment);
    if (where !== null)
      try {
        checkRunFilter(where);
      } catch (error) {
        throw invalid(`services.${service}.where: ${(error as Error).message}`);
      }
    if (holdout === null) continue;
    const found = yield* evaluation.holdouts.findHoldoutVersion(holdout.name, holdout.version);
    const pinned = `services.${service}.holdout.${environment}: ${holdout.name}@${holdout.version}`;
    if (found === undefined) {
      const latest = yield* evaluation.holdouts.latestVersion(holdout.name);
      throw invalid(
        latest === undefined
          ? `${pinned} is not on the server: expected a holdout that was uploaded (cellar holdout put ${holdout.name} FILE).`
          : `${pinned} is not on the server: expected a version up to ${latest.version}.`,
      );
    }
    const setting = configuration.holdouts[holdout.name];
    if (setting !== undefined && (setting.target !== found.target || setting.task !== found.task))
      throw invalid(
        `${pinned} was uploaded with the target ${found.target} for ${found.task}: expected the same in holdouts.${holdout.name}, not ${setting.target} for ${setting.task}.`,
      );
  }
}
