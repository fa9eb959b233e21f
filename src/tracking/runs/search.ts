import { setImmediate as nextTurn } from 'node:timers/promises';
import { invalid } from '../../errors.ts';
import { decodePageToken, encodePageToken } from '../../http/page-token.ts';
import { type Filter, parseFilter } from '../../search/filter.ts';
import { runGrammar } from '../../search/grammar.ts';
import { canEnd, comparePositions, type Position } from '../../search/keyset.ts';
import { parseOrderBy } from '../../search/order-by.ts';
import type { Keys } from '../../storage/keys.ts';
import { get, type Storage, type Tx, type Value, values } from '../../storage/storage.ts';
import { parseExperimentId } from '../experiments/service.ts';
import type { RunDocuments } from './documents.ts';
import type { SearchIndex } from './search-index.ts';
import * as plan from './search-plan.ts';
import type { SearchRuns } from './wire.ts';

const defaultPage = 1000;
const maxPage = 50_000;
/** Up to here the runs that a condition admits are worth following where no walk finds the order. */
const rare = 2000;
/** More of them than this are never read before a walk. */
const mostKnown = 20_000;
/** Following a condition to a run and sorting it costs as much as so many runs of a walk, looked up among those admitted. */
const looksARun = 13;
/** As many runs are put into a set of those admitted at the price of testing one in a walk. */
const membersATest = 3;
/** Searches that the size of a large experiment is remembered for. */
const searchesASize = 1000;
/** Experiments with more runs than this are walked beside the event loop when a filter may skip many of them. */
const large = 10_000;
/** Runs that such a walk may look at before it leaves the event loop: a few milliseconds, and most pages are full by then. */
const budget = 1500;
/** Runs rendered at once: a few milliseconds, then others get their turn. */
const slice = 200;

export interface SearchDeps {
  readonly storage: Storage;
  readonly keys: Keys;
  readonly documents: RunDocuments;
  readonly index: SearchIndex;
}

interface Found {
  readonly runNo: number;
  readonly position: Position;
}

export type RunSearch = ReturnType<typeof runSearch>;

/** Searches runs; see `search-plan.ts` for how a question becomes SQL. */
export function runSearch({ storage, keys, documents, index }: SearchDeps) {
  const largeExperiments = new Map<number, { readonly runs: number; searches: number }>();
  return { find, count, search };

  /**
   * One page of runs, by their numbers. Unknown experiments hold no runs. `skip` leaves out so many runs of the first
   * page, in one lifecycle stage of one experiment.
   * INVALID_PARAMETER_VALUE for a bad filter, order, page size, token or experiment id.
   */
  async function find(input: SearchRuns, skip = 0): Promise<{ runNos: number[]; nextPageToken: string | undefined }> {
    const limit = input.maxResults ?? defaultPage;
    if (limit < 1 || limit > maxPage)
      throw invalid(`Invalid value ${limit} for parameter 'max_results': expected 1 to ${maxPage}.`);
    const parts = partsOf(input);
    const asked = await questionOf(input);
    const question = ['runs', input.experimentIds, input.filter, input.runViewType ?? 'ACTIVE_ONLY', input.orderBy];
    const position = decodePageToken(input.pageToken, question, (end) => canEnd(plan.orderTerms(asked).terms, end));
    const [part] = parts;
    const found =
      skip > 0 && part !== undefined
        ? await storage.read(() => select(plan.skipping(asked, part, skip, limit + 1)), { long: true })
        : await findPage(asked, parts, position, limit + 1);
    const page = found.slice(0, limit);
    const last = page.at(-1);
    const more = found.length > limit && last !== undefined;
    return {
      runNos: page.map((run) => run.runNo),
      nextPageToken: more ? encodePageToken(last.position, question) : undefined,
    };
  }

  /** How many runs a search finds in all; order, page size and token do not matter. */
  async function count(input: SearchRuns): Promise<number> {
    const asked = await questionOf(input);
    let found = 0;
    for (const part of partsOf(input)) {
      const { text, params } = plan.counted(asked, part);
      found += (await storage.read(() => get<{ n: number }>(text, params), { long: true }))?.n ?? 0;
    }
    return found;
  }

  function partsOf(input: SearchRuns): plan.Part[] {
    const experiments = [...new Set(input.experimentIds.map(parseExperimentId))];
    const view = input.runViewType ?? 'ACTIVE_ONLY';
    const stages: (0 | 1)[] = view === 'ALL' ? [0, 1] : [view === 'DELETED_ONLY' ? 1 : 0];
    return experiments.flatMap((expId) => stages.map((deleted) => ({ expId, deleted })));
  }

  async function questionOf(input: SearchRuns): Promise<plan.RunQuestion> {
    const filter = parseFilter(input.filter, runGrammar);
    const order = parseOrderBy(input.orderBy, runGrammar);
    const keyIds = await storage.read(() => resolveKeys(keys, filter, order));
    return { dialect: storage.dialect, filter, order, keyIds };
  }

  /** As `find`, and the JSON texts of the wire. */
  async function search(input: SearchRuns): Promise<{ runs: string[]; nextPageToken: string | undefined }> {
    const { runNos, nextPageToken } = await find(input);
    const runs: string[] = [];
    for (let i = 0; i < runNos.length; i += slice) {
      if (i > 0) await nextTurn();
      const some = runNos.slice(i, i + slice);
      for (const text of await storage.read(() => documents.render(some))) runs.push(text);
    }
    return { runs, nextPageToken };
  }

  /** The pages of every part, merged in the common order. */
  async function findPage(
    question: plan.RunQuestion,
    parts: readonly plan.Part[],
    position: Position | undefined,
    limit: number,
  ): Promise<Found[]> {
    const sizes = isShort(question) ? undefined : await sizesOf(parts);
    const long = sizes !== undefined && Math.max(...sizes.values()) > large;
    const indexed = !plan.asksIndexes(question) || (await index.catchUp());
    const pages: Found[][] = [];
    for (const part of parts)
      pages.push(
        await storage.read(
          () => findInPart(question, part, position, limit, indexed ? (sizes?.get(part.expId) ?? 0) : undefined),
          {
            long: long || !indexed,
            budget,
          },
        ),
      );
    if (pages.length === 1) return pages[0]!;
    const { terms } = plan.orderTerms(question);
    return pages
      .flat()
      .sort((a, b) => comparePositions(terms, a.position, b.position))
      .slice(0, limit);
  }

  /** `runs` is about how many runs the experiment has; undefined when the search indexes must not be asked. */
  function* findInPart(
    question: plan.RunQuestion,
    part: plan.Part,
    position: Position | undefined,
    limit: number,
    runs: number | undefined,
  ): Tx<Found[]> {
    const through = (among?: plan.Driver) => plan.walkedThrough(question, part, among, position, limit);
    if (runs === undefined || plan.namesRuns(question.filter) !== undefined) return yield* select(through());
    const inOrder = plan.walksInOrder(question);
    let among: plan.Driver | undefined;
    for (const driver of plan.possibleDrivers(question)) {
      // A walk ends with a full page, after `limit * runs / admitted` runs if these lie anywhere in it.
      const most = inOrder ? Math.min(mostKnown, Math.floor(Math.sqrt(membersATest * limit * runs))) : rare;
      const admitted = yield* countUpTo(most + 1, driver, part);
      if (admitted > most) continue;
      if (!inOrder || admitted ** 2 * looksARun <= limit * runs)
        return yield* select(plan.driven(question, part, driver, position, limit));
      among ??= driver;
    }
    const walks = plan.walks(question, part, among, position);
    if (walks === undefined) return yield* select(through(among));
    const found: Found[] = [];
    for (const walk of walks) {
      if (found.length >= limit) break;
      found.push(...(yield* select(walk(limit - found.length))));
    }
    return found;
  }

  function* select({ text, params }: { text: string; params: readonly unknown[] }): Tx<Found[]> {
    const rows = yield* values<[number, ...Value[]]>(text, params);
    return rows.map(([runNo, ...position]) => ({ runNo, position }));
  }

  function* countUpTo(most: number, driver: plan.Driver, part: plan.Part): Tx<number> {
    const probe = yield* get<{ n: number }>(
      `select count(*) as n from (select 1 from ${driver.table} d where d.indexed = 1 and d.exp_id = ? and ${driver.where.text} limit ?) p`,
      [part.expId, ...driver.where.params, most],
    );
    return probe?.n ?? 0;
  }

  /** Whether the search looks at no more runs than it finds. */
  function isShort({ filter, order }: plan.RunQuestion): boolean {
    const walked = order[0]?.entity === 'metric' || plan.followsStartTime(order);
    return plan.namesRuns(filter) !== undefined || (filter === undefined && walked);
  }

  /** About how many runs each experiment has, by its id. */
  async function sizesOf(parts: readonly plan.Part[]): Promise<Map<number, number>> {
    const sizes = new Map<number, number>();
    for (const { expId } of parts) if (!sizes.has(expId)) sizes.set(expId, await sizeOf(expId));
    return sizes;
  }

  async function sizeOf(expId: number): Promise<number> {
    const known = largeExperiments.get(expId);
    if (known !== undefined && known.searches++ < searchesASize) return known.runs;
    const probe = 'select count(*) as n from (select 1 from runs where exp_id = ? limit ?) p';
    const upTo = await storage.read(() => get<{ n: number }>(probe, [expId, large + 1]));
    if ((upTo?.n ?? 0) <= large) return upTo?.n ?? 0;
    const all = await storage.read(
      () => get<{ n: number }>('select count(*) as n from runs where exp_id = ?', [expId]),
      {
        long: true,
      },
    );
    largeExperiments.set(expId, { runs: all?.n ?? 0, searches: 0 });
    return all?.n ?? 0;
  }
}

/** The names of metrics, params and tags that a filter speaks of. */
function* keysIn(filter: Filter | undefined): Generator<string> {
  if (filter === undefined) return;
  if (filter.kind === 'compare') {
    if (filter.entity !== 'attribute' && filter.entity !== 'dataset') yield filter.key;
    return;
  }
  for (const term of filter.terms) yield* keysIn(term);
}

/** The ids of the metrics, params and tags that a question speaks of; what was never logged has none. */
export function* resolveKeys(
  keys: Keys,
  filter: Filter | undefined,
  order: readonly plan.OrderKey[],
): Tx<ReadonlyMap<string, number>> {
  const names = new Set<string>(keysIn(filter));
  for (const key of order) if (key.entity !== 'attribute') names.add(key.key);
  const ids = new Map<string, number>();
  for (const name of names) {
    const id = yield* keys.find(name);
    if (id !== undefined) ids.set(name, id);
  }
  return ids;
}
