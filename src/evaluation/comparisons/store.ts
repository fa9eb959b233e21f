import type { Dialect } from '../../storage/dialect.ts';
import { all, run, type Tx } from '../../storage/storage.ts';
import type { ComparedMetric, Comparison } from './comparison.ts';

interface ComparisonRow {
  readonly challenger_id: string;
  readonly champion_id: string;
  readonly difference: number | null;
  readonly p_value: number | null;
  readonly interval_low: number | null;
  readonly interval_high: number | null;
  readonly compared_rows: number | null;
  readonly reason: string | null;
}

/** What is recorded of challengers against one champion, by the challenger's evaluation id. */
export function* findComparisons(
  dialect: Dialect,
  championId: string,
  challengerIds: readonly string[],
  metric: ComparedMetric,
): Tx<Map<string, Comparison>> {
  if (challengerIds.length === 0) return new Map();
  const sql = `select challenger.evaluation_id as challenger_id, champion.evaluation_id as champion_id, c.difference,
      c.p_value, c.interval_low, c.interval_high, c.compared_rows, c.reason
    from evaluations champion
    join evaluation_comparisons c on c.champion_no = champion.evaluation_no and c.metric = ? and c.goal = ?
    join evaluations challenger on challenger.evaluation_no = c.challenger_no
    where champion.evaluation_id = ? and ${dialect.isAnyOf('challenger.evaluation_id', challengerIds)}`;
  const rows = yield* all<ComparisonRow>(sql, [metric.name, metric.goal, championId, dialect.list(challengerIds)]);
  return new Map(rows.map((row) => [row.challenger_id, comparisonOf(row, metric)]));
}

const comparisonOf = (row: ComparisonRow, metric: ComparedMetric): Comparison => ({
  challengerId: row.challenger_id,
  championId: row.champion_id,
  metric: { name: metric.name, goal: metric.goal },
  difference: row.difference,
  pValue: row.p_value,
  interval: row.interval_low === null ? null : { low: row.interval_low, high: row.interval_high! },
  rows: row.compared_rows,
  reason: row.reason,
});

/** Keeps what was recorded first. */
export function* insertComparison(
  challengerNo: number,
  championNo: number,
  { metric, difference, pValue, interval, rows, reason }: Comparison,
  now: number,
): Tx<void> {
  yield* run(
    `insert into evaluation_comparisons(champion_no, challenger_no, metric, goal, difference, p_value, interval_low,
       interval_high, compared_rows, reason, creation_time) values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
     on conflict do nothing`,
    [
      championNo,
      challengerNo,
      metric.name,
      metric.goal,
      difference,
      pValue,
      interval?.low ?? null,
      interval?.high ?? null,
      rows,
      reason,
      now,
    ],
  );
}
