import type { Tx } from '../storage/storage.ts';
import type { ByHandDeps } from './by-hand.ts';
import {
  type DecisionRow,
  decisionsByNo,
  latestOfSlot,
  latestWithChampion,
  latestWithChampionOf,
  withIdFrom,
} from './decision-store.ts';
import { listSlots } from './slot-store.ts';

/** So many slots and so many models of a name are looked through. */
const mostOfAKind = 20;

/**
 * The newest decisions that a text names: by the beginning of an id; by service and environment (`wine prod`); by the
 * champion that they left (`AImodel`, `AImodel 3`, `AImodel v3`).
 */
export function* searchDecisions(deps: ByHandDeps, text: string, limit: number): Tx<DecisionRow[]> {
  const { dialect, registry } = deps;
  const byId = yield* withIdFrom(text.toLowerCase(), limit);
  const nos = new Set<number>();
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  const slots = (yield* listSlots()).filter(({ service, environment }) =>
    words.every((word) => `${service} ${environment}`.toLowerCase().includes(word)),
  );
  for (const { slotNo } of slots.slice(0, mostOfAKind))
    for (const no of yield* latestOfSlot(slotNo, limit)) nos.add(no);
  for (const { rmNo } of yield* registry.modelsHolding(dialect, text.trim(), mostOfAKind))
    for (const no of yield* latestWithChampionOf(rmNo, limit)) nos.add(no);
  const [, name, version] = /^(.*?)[\s/]+v?(\d{1,9})$/i.exec(text.trim()) ?? [];
  if (name !== undefined && name !== '')
    for (const model of yield* registry.modelsHolding(dialect, name, mostOfAKind)) {
      const found = yield* registry.findVersion(model.name, Number(version));
      if (found !== undefined) for (const no of yield* latestWithChampion(found.versionNo, limit)) nos.add(no);
    }
  const newest = [...nos]
    .sort((a, b) => b - a)
    .filter((no) => !byId.includes(no))
    .slice(0, limit);
  return yield* decisionsByNo(dialect, [...byId, ...newest].slice(0, limit));
}
