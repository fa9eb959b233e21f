/** One logged value. A NaN is `value: 0, isNan: 1`, as both engines can store it. */
export interface Point {
  readonly step: number;
  readonly ts: number;
  readonly value: number;
  readonly isNan: number;
}

/** What is kept per run and metric beside its history. */
export interface Latest extends Point {
  /** How many points the history has. */
  readonly points: number;
  /** 1 while the history in order of step is also in order of time; then one index serves both. */
  readonly inOrder: number;
}

const largest = 1.7976931348623157e308;

/** As MLflow's SQL stores do: NaN becomes a flag, an infinity the largest finite number of its sign. */
export function storedValue(value: number): Pick<Point, 'value' | 'isNan'> {
  if (Number.isNaN(value)) return { value: 0, isNan: 1 };
  return { value: Math.min(largest, Math.max(-largest, value)), isNan: 0 };
}

/** The order of points in a history by step: (step, timestamp, value), a NaN after the 0 it is stored as. */
export function comparePoints(a: Point, b: Point): number {
  return a.step - b.step || a.ts - b.ts || a.value - b.value || a.isNan - b.isNan;
}

/** Whether walking points by step (as sorted by `comparePoints`) also walks them by time. */
export const ascendsInTime = (times: readonly number[]): boolean =>
  times.every((time, i) => i === 0 || time >= times[i - 1]!);

/** Whether `added`, sorted, goes on where a history in order ends. */
export function continuesInOrder(before: Latest | undefined, added: readonly Point[]): boolean {
  const first = added[0]!;
  const follows = before === undefined || (before.inOrder === 1 && first.step >= before.step && first.ts >= before.ts);
  return follows && ascendsInTime(added.map((point) => point.ts));
}

/**
 * The latest metric after `added` points (sorted, `inserted` of them new) came to what was there: the greatest tuple of
 * (step, timestamp, value), whatever the order of arrival.
 */
export function nextLatest(
  before: Latest | undefined,
  added: readonly Point[],
  inserted: number,
  inOrder: boolean,
): Latest {
  const last = added.at(-1)!;
  const top = before !== undefined && comparePoints(before, last) > 0 ? before : last;
  return {
    step: top.step,
    ts: top.ts,
    value: top.value,
    isNan: top.isNan,
    points: (before?.points ?? 0) + inserted,
    inOrder: inOrder ? 1 : 0,
  };
}
