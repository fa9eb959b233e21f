import type { Tx } from '../storage/storage.ts';
import type { VersionRow } from './model-versions/store.ts';
import type { Stage } from './stage.ts';

/** A registered model that somebody acts on, locked until the end of the transaction. */
export interface GovernedModel {
  readonly rmNo: number;
  readonly name: string;
}

/** Who does something, and when. */
export interface Act {
  readonly actor: string;
  readonly now: number;
}

/**
 * Asked inside the registry's own transactions before a version moves, an alias is set, or something goes: the models
 * of services follow the rules of their environments. Each verb may throw to refuse.
 */
export interface Governor {
  /** True when the version has been moved by the rules of its environments; false leaves it to the registry. */
  transition(model: GovernedModel, version: VersionRow, stage: Stage, act: Act): Tx<boolean>;
  /** True when the alias is an environment's and has been set by its rules; false leaves it to the registry. */
  setAlias(model: GovernedModel, alias: string, version: VersionRow, act: Act): Tx<boolean>;
  deleteAlias(model: GovernedModel, alias: string): Tx<void>;
  deleteVersion(model: GovernedModel, version: VersionRow): Tx<void>;
  deleteModel(model: GovernedModel): Tx<void>;
  rename(model: GovernedModel, newName: string, act: Act): Tx<void>;
  /** The versions that stand for stages of models, where an environment's champion does: by `stageKey`. */
  stageChampions(rmNos: readonly number[]): Tx<ReadonlyMap<string, number>>;
}

export const stageKey = (rmNo: number, stage: Stage) => `${rmNo}/${stage}`;

/** A piece of a transaction that asks the database nothing. */
function* answer<T>(value: T): Tx<T> {
  yield* [];
  return value;
}

/** For a registry whose models belong to nobody: everything goes as in MLflow. */
export const ungoverned: Governor = {
  transition: () => answer(false),
  setAlias: () => answer(false),
  deleteAlias: () => answer(undefined),
  deleteVersion: () => answer(undefined),
  deleteModel: () => answer(undefined),
  rename: () => answer(undefined),
  stageChampions: () => answer(new Map<string, number>()),
};
