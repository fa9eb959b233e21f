import { groupBy } from '../../group-by.ts';
import type { Dialect } from '../../storage/dialect.ts';
import { all, get, type Insert, insertCounting, insertRows, numbers, type Tx, values } from '../../storage/storage.ts';
import type { SearchIndex } from '../runs/search-index.ts';
import type { RunKey } from '../runs/store.ts';
import {
  ascendsInTime,
  comparePoints,
  continuesInOrder,
  type Latest,
  nextLatest,
  type Point,
} from './latest-metric.ts';

export const metricRows = {
  table: 'metrics',
  columns: {
    run_no: 'bigint',
    key_id: 'bigint',
    step: 'bigint',
    ts: 'bigint',
    value: 'double precision',
    is_nan: 'bigint',
  },
  onConflict: 'on conflict do nothing',
} as const satisfies Insert;
const countedMetricRows = { ...metricRows, countBy: 'key_id' } as const satisfies Insert;

export const latestRows: Insert = {
  table: 'latest_metrics',
  columns: {
    run_no: 'bigint',
    key_id: 'bigint',
    exp_id: 'bigint',
    value: 'double precision',
    is_nan: 'bigint',
    ts: 'bigint',
    step: 'bigint',
    points: 'bigint',
    in_order: 'bigint',
    indexed: 'bigint',
  },
  onConflict: `on conflict (run_no, key_id) do update set value = excluded.value, is_nan = excluded.is_nan,
    ts = excluded.ts, step = excluded.step, points = excluded.points, in_order = excluded.in_order`,
};

export interface KeyedPoint extends Point {
  readonly keyId: number;
}

/**
 * Adds points to the histories of a run (which the caller has locked) and keeps its latest metrics true. A point that
 * is there already, to the last digit, changes nothing, so that a repeated request is harmless.
 */
export function* insertPoints(
  dialect: Dialect,
  index: SearchIndex,
  at: RunKey,
  points: readonly KeyedPoint[],
): Tx<void> {
  if (points.length === 0) return;
  const rows = points.map((point) => [at.run_no, point.keyId, point.step, point.ts, point.value, point.isNan]);
  const byKey = groupBy(points, (point) => point.keyId);
  const before = yield* findLatest(dialect, at.run_no, [...byKey.keys()]);
  let inserted: ReadonlyMap<number, number>;
  if (before.size > 0) inserted = yield* insertCounting<number>(countedMetricRows, rows);
  else {
    // All are first points, and new but for those that the batch holds twice.
    const allNew = (yield* insertRows(metricRows, rows)) === rows.length;
    inserted = new Map([...byKey].map(([keyId, group]) => [keyId, allNew ? group.length : countDistinct(group)]));
  }
  const changed = [...byKey].filter(([keyId]) => (inserted.get(keyId) ?? 0) > 0);
  const latest = [];
  for (const [keyId, unsorted] of changed) {
    const added = unsorted.sort(comparePoints);
    const known = before.get(keyId);
    const inOrder =
      continuesInOrder(known, added) || (known?.inOrder === 1 && (yield* fitsInOrder(at.run_no, keyId, added)));
    const { value, isNan, ts, step, points: count, ...next } = nextLatest(known, added, inserted.get(keyId)!, inOrder);
    latest.push([at.run_no, keyId, at.exp_id, value, isNan, ts, step, count, next.inOrder, index.ofNewRows]);
  }
  yield* insertRows(latestRows, latest);
  const added = byKey.size - before.size;
  if (added > 0) yield* index.added(at.run_no, added);
}

function countDistinct(points: readonly Point[]): number {
  return new Set(points.map(({ step, ts, value, isNan }) => `${step} ${ts} ${value} ${isNan}`)).size;
}

/** Beyond this many points between its first and its last, a batch that arrives late counts as out of order. */
const mostBetween = 5000;

/**
 * Whether a history in order is still in order after `added` (sorted, stored already) came in somewhere before its end,
 * as batches of several writers do: looks at what lies between its ends and at the neighbours of these.
 */
function* fitsInOrder(runNo: number, keyId: number, added: readonly Point[]): Tx<boolean> {
  const bounds = [added[0]!, added.at(-1)!].map(({ step, ts, value, isNan }) => [step, ts, value, isNan]);
  const times = (condition: string, order: 'asc' | 'desc', limit: number, params: readonly number[]) =>
    values<[number]>(
      `select ts from metrics where run_no = ? and key_id = ? and ${condition}
       order by step ${order}, ts ${order}, value ${order}, is_nan ${order} limit ?`,
      [runNo, keyId, ...params, limit],
    );
  const point = '(step, ts, value, is_nan)';
  const before = yield* times(`${point} < (?, ?, ?, ?)`, 'desc', 1, bounds[0]!);
  const between = yield* times(
    `${point} >= (?, ?, ?, ?) and ${point} <= (?, ?, ?, ?)`,
    'asc',
    mostBetween,
    bounds.flat(),
  );
  const after = yield* times(`${point} > (?, ?, ?, ?)`, 'asc', 1, bounds[1]!);
  return between.length < mostBetween && ascendsInTime([...before, ...between, ...after].flat());
}

const latestColumns = 'key_id, step, ts, value, is_nan, points, in_order';
type LatestRow = [number, number, number, number, number, number, number];

function* findLatest(dialect: Dialect, runNo: number, keyIds: readonly number[]): Tx<Map<number, Latest>> {
  if (keyIds.length === 0) return new Map();
  const rows = yield* values<LatestRow>(
    `select ${latestColumns} from latest_metrics where run_no = ? and ${dialect.isAnyOf('key_id', keyIds)}`,
    [runNo, dialect.list(keyIds)],
  );
  return new Map(
    rows.map(([keyId, step, ts, value, isNan, points, inOrder]) => [
      keyId,
      { step, ts, value, isNan, points, inOrder },
    ]),
  );
}

/** One metric of one run. */
export interface Series {
  readonly run_id: string;
  readonly run_no: number;
  readonly key_id: number;
  readonly points: number;
  readonly in_order: number;
}

/** The series of a key in those of the runs that have it, in order of run id. */
export function* listSeries(dialect: Dialect, runIds: readonly string[], keyId: number): Tx<Series[]> {
  return yield* all<Series>(
    `select r.run_id, r.run_no, l.key_id, l.points, l.in_order
     from runs r join latest_metrics l on l.run_no = r.run_no and l.key_id = ?
     where ${dialect.isAnyOf('r.run_id', runIds)} order by r.run_id`,
    [keyId, dialect.list(runIds)],
  );
}

/** Four numbers a point, one point after the other: step, ts, value, is_nan. */
export type Points = Float64Array;
/** The four numbers of one point. */
export type Position = readonly number[];

const pointColumns = 'step, ts, value, is_nan';

/** Points in order of (step, ts, value) after a point, along the primary key; `skip` passes over that many first. */
export function* pointsByStep(series: Series, after: Position | undefined, count: number, skip = 0): Tx<Points> {
  const beyond = after === undefined ? '' : `and (${pointColumns}) > (?, ?, ?, ?)`;
  return yield* numbers(
    `select ${pointColumns} from metrics where run_no = ? and key_id = ? ${beyond} order by ${pointColumns} limit ? offset ?`,
    [series.run_no, series.key_id, ...(after ?? []), count, skip],
  );
}

/** Points in order of (ts, step, value) after a point. Sorts the whole series: only for those out of order. */
export function* pointsByTime(series: Series, after: Position | undefined, count: number): Tx<Points> {
  const beyond = after === undefined ? '' : 'and (ts, step, value, is_nan) > (?, ?, ?, ?)';
  const position = after === undefined ? [] : [after[1], after[0], after[2], after[3]];
  return yield* numbers(
    `select ${pointColumns} from metrics where run_no = ? and key_id = ? ${beyond} order by ts, step, value, is_nan limit ?`,
    [series.run_no, series.key_id, ...position, count],
  );
}

/** How many points lie between two steps, both included. */
export function* countPoints(series: Series, startStep: number, endStep: number): Tx<number> {
  const row = yield* get<{ n: number }>(
    'select count(*) as n from metrics where run_no = ? and key_id = ? and step between ? and ?',
    [series.run_no, series.key_id, startStep, endStep],
  );
  return row?.n ?? 0;
}

export interface LatestOfKey {
  readonly key_id: number;
  readonly value: number;
  readonly is_nan: number;
  readonly step: number;
  readonly points: number;
}

/** The latest point of every metric of a run. */
export function* listLatest(runNo: number): Tx<LatestOfKey[]> {
  return yield* all<LatestOfKey>('select key_id, value, is_nan, step, points from latest_metrics where run_no = ?', [
    runNo,
  ]);
}

export interface Extreme {
  readonly key_id: number;
  readonly value: number;
  readonly step: number;
}

/** The lowest and the highest number of each of some metrics of a run, with the first step that has it. Walks their points. */
export function* listExtremes(dialect: Dialect, runNo: number, keyIds: readonly number[]): Tx<Extreme[]> {
  if (keyIds.length === 0) return [];
  return yield* all<Extreme>(
    `select m.key_id, m.value, min(m.step) as step
     from (select key_id, min(value) as lowest, max(value) as highest from metrics
           where run_no = ? and ${dialect.isAnyOf('key_id', keyIds)} and is_nan = 0 group by key_id) b
     join metrics m on m.run_no = ? and m.key_id = b.key_id and m.is_nan = 0
       and (m.value = b.lowest or m.value = b.highest)
     group by m.key_id, m.value`,
    [runNo, dialect.list(keyIds), runNo],
  );
}
