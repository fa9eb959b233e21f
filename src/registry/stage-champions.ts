import type { Dialect } from '../storage/dialect.ts';
import type { Tx } from '../storage/storage.ts';
import { type Governor, stageKey } from './governor.ts';
import type { VersionRow } from './model-versions/store.ts';
import { versionsByNo } from './model-versions/store.ts';
import type { Stage } from './stage.ts';

/**
 * The versions that stand for stages: `highest` are MLflow's, the highest number of each stage, and on a service's
 * model the champion of an environment takes the place of its stage's: after a rollback the highest would be wrong, and
 * a version that serves two environments carries one stage only. In the order of the numbers, each version once.
 */
export function* latestByStage(
  dialect: Dialect,
  governor: Governor,
  highest: readonly VersionRow[],
  rmNos: readonly number[],
  stages: readonly Stage[],
): Tx<VersionRow[]> {
  const champions = yield* governor.stageChampions(rmNos);
  const wanted = rmNos.flatMap((rmNo) => stages.flatMap((stage) => champions.get(stageKey(rmNo, stage)) ?? []));
  if (wanted.length === 0) return [...highest];
  const rows = yield* versionsByNo(dialect, wanted);
  const chosen = new Map<number, VersionRow>();
  for (const row of highest) if (!champions.has(stageKey(row.rmNo, row.stage))) chosen.set(row.versionNo, row);
  for (const { deleted, ...row } of rows.values()) if (!deleted) chosen.set(row.versionNo, row);
  return [...chosen.values()].sort((a, b) => a.version - b.version);
}
