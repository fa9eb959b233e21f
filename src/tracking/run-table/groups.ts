import { invalid, shown } from '../../errors.ts';
import { parseFilter } from '../../search/filter.ts';
import { runGrammar } from '../../search/grammar.ts';
import type { Keys } from '../../storage/keys.ts';
import type { Storage } from '../../storage/storage.ts';
import { parseExperimentId } from '../experiments/service.ts';
import { resolveKeys } from '../runs/search.ts';
import * as plan from '../runs/search-plan.ts';
import { parseColumn } from './column.ts';
import * as store from './store.ts';
import type { Group, GroupMetric } from './wire.ts';

export interface GroupQuestion {
  readonly experimentId: string;
  readonly filter: string | undefined;
  readonly deleted: boolean;
  /** `params.<key>` or `tags.<key>`. */
  readonly by: string;
  /** Keys of the metrics to sum up. */
  readonly metrics: readonly string[];
  readonly limit: number;
}

/**
 * The runs that a filter admits, grouped by a param or tag, with mean and spread of metrics over ALL runs of each group.
 * The largest groups come first; `more` tells that there are smaller ones beyond the limit.
 */
export function runGroups({ storage, keys }: { storage: Storage; keys: Keys }) {
  return async function group(asked: GroupQuestion): Promise<{ groups: Group[]; more: boolean }> {
    const { kind, key } = parseColumn(asked.by);
    if (kind === 'metrics')
      throw invalid(`Runs cannot be grouped by the metric ${shown(key)}: expected params.<key> or tags.<key>.`);
    const filter = parseFilter(asked.filter, runGrammar);
    const part = { expId: parseExperimentId(asked.experimentId), deleted: asked.deleted ? 1 : 0 } as const;
    const { dialect } = storage;
    return storage.read(
      function* () {
        const question = { dialect, filter, order: [], keyIds: yield* resolveKeys(keys, filter, []) };
        const where = plan.admitted(question, part);
        const keyId = (yield* keys.find(key)) ?? plan.neverLogged;
        const rows = yield* store.listGroups(kind, keyId, where, asked.limit + 1);
        const groups = rows.slice(0, asked.limit);
        const metricIds = new Map<number, string>();
        for (const metric of asked.metrics) {
          const id = yield* keys.find(metric);
          if (id !== undefined) metricIds.set(id, metric);
        }
        const spreads = yield* store.listSpreads(
          dialect,
          kind,
          keyId,
          where,
          groups.map(({ value }) => value),
          [...metricIds.keys()],
        );
        const found = new Map(spreads.map((spread) => [place(spread.value, metricIds.get(spread.keyId)), spread]));
        return {
          groups: groups.map(({ value, runs }) => ({
            value,
            runs,
            metrics: asked.metrics.map((metric) => summed(found.get(place(value, metric)))),
          })),
          more: rows.length > asked.limit,
        };
      },
      { long: true },
    );
  };
}

const place = (value: string | null, metric: string | undefined) => JSON.stringify([value, metric]);

function summed(spread: store.Spread | undefined): GroupMetric {
  if (spread === undefined) return { runs: 0, mean: null, deviation: null, min: null, max: null };
  const { runs, mean, min, max, squares } = spread;
  return { runs, mean, min, max, deviation: runs < 2 ? null : Math.sqrt(squares / (runs - 1)) };
}
