import { identifier, type Sandbox } from './duckdb.ts';
import type { Column, ColumnType } from './holdout.ts';

/** A value as JSON holds it: an integer beyond 2^53, an infinity and a time are texts. */
export type Plain = string | number | boolean | null;

export interface ColumnProfile {
  readonly name: string;
  readonly type: ColumnType;
  /** Rows that have a value. */
  readonly count: number;
  readonly missing: number;
  readonly distinct: number;
  /** Infinite values; what follows speaks of the finite ones. Null where the column holds no doubles. */
  readonly infinite: number | null;
  readonly min: Plain;
  readonly max: Plain;
  readonly mean: number | null;
  /** Of the sample (n − 1). */
  readonly stddev: number | null;
  readonly quantiles: { readonly q: number; readonly value: number }[];
  /** The most frequent values; empty for doubles and timestamps. */
  readonly top: { readonly value: Plain; readonly count: number }[];
  /** Equal steps from min to max, the last one with its end; null where there are no numbers. */
  readonly histogram: { readonly min: number; readonly max: number; readonly counts: number[] } | null;
}

export interface TableProfile {
  readonly columns: ColumnProfile[];
  /** Above a million rows, `distinct` and `quantiles` are close estimates. */
  readonly estimated: boolean;
}

const exactRows = 1_000_000;
const quantiles = [0.01, 0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99] as const;
const bins = 20;
const topValues = 10;
export const longestText = 200;
/** Beyond it a square leaves the range of a double. */
const largestSquared = 1e150;

/** Describes every column of `relation`, which has so many rows; one column after the other, so that memory stays small. */
export async function profileOf(
  sandbox: Sandbox,
  relation: string,
  columns: readonly Column[],
  rows: number,
): Promise<TableProfile> {
  const estimated = rows > exactRows;
  const profiles: ColumnProfile[] = [];
  for (const column of columns) profiles.push(await profileColumn(sandbox, relation, column, estimated));
  return { columns: profiles, estimated };
}

type Summary = Record<string, bigint | number | string | boolean | null> & { quantiles: number[] | null };

async function profileColumn(
  sandbox: Sandbox,
  relation: string,
  { name, type }: Column,
  estimated: boolean,
): Promise<ColumnProfile> {
  const value = identifier(name);
  const isNumber = type === 'int64' || type === 'double';
  const finite = type === 'double' ? `case when isfinite(${value}) then ${value} end` : value;
  const numbers = `(${finite})::double`;
  const list = `[${quantiles.join(', ')}]`;
  const measured = isNumber
    ? `avg(${numbers}) as mean,
       case when max(abs(${numbers})) < ${largestSquared} then stddev_samp(case when abs(${numbers}) < ${largestSquared} then ${numbers} end) end as stddev,
       ${estimated ? 'approx_quantile' : 'quantile_cont'}(${numbers}, ${list}) as quantiles,
       min(${numbers}) as low, max(${numbers}) as high`
    : 'null as mean, null as stddev, null as quantiles, null as low, null as high';
  const text = (sql: string) =>
    type === 'timestamp' ? isoTime(sql) : type === 'string' ? `left(${sql}, ${longestText})` : sql;
  const [found] = await sandbox.rows<Summary>(
    `select count(*) as "all", count(${value}) as present,
       ${estimated ? `approx_count_distinct(${value})` : `count(distinct ${value})`} as different,
       ${type === 'double' ? `count_if(isinf(${value}))` : 'null'} as infinite,
       ${text(`min(${finite})`)} as smallest, ${text(`max(${finite})`)} as largest, ${measured}
     from ${relation}`,
  );
  const summary = found!;
  const count = Number(summary['present']);
  const low = finiteNumber(summary['low']);
  const high = finiteNumber(summary['high']);
  return {
    name,
    type,
    count,
    missing: Number(summary['all']) - count,
    distinct: Math.min(Number(summary['different']), count),
    infinite: type === 'double' ? Number(summary['infinite']) : null,
    min: plain(summary['smallest'] ?? null),
    max: plain(summary['largest'] ?? null),
    mean: finiteNumber(summary['mean']),
    stddev: finiteNumber(summary['stddev']),
    quantiles: (summary.quantiles ?? []).map((at, index) => ({ q: quantiles[index]!, value: Number(at) })),
    top: type === 'double' || type === 'timestamp' ? [] : await top(sandbox, relation, value, text(value)),
    histogram: low === null || high === null ? null : await histogram(sandbox, relation, numbers, low, high),
  };
}

async function top(sandbox: Sandbox, relation: string, value: string, shownValue: string) {
  const rows = await sandbox.rows<{ v: string | bigint | boolean; n: bigint }>(
    `select ${shownValue} as v, n from (
       select ${value}, count(*) as n from ${relation} where ${value} is not null
       group by ${value} order by n desc, ${value} limit ${topValues})`,
  );
  return rows.map(({ v, n }) => ({ value: plain(v), count: Number(n) }));
}

async function histogram(sandbox: Sandbox, relation: string, value: string, min: number, max: number) {
  if (!Number.isFinite(max - min)) return null;
  const counts = new Array<number>(min === max ? 1 : bins).fill(0);
  const step = min === max ? '0' : `least(${bins - 1}, floor((${value} - ${min}) / ${max - min} * ${bins}))::integer`;
  const rows = await sandbox.rows<{ bin: number; n: bigint }>(
    `select ${step} as bin, count(*) as n from ${relation} where ${value} is not null group by bin`,
  );
  for (const { bin, n } of rows) counts[Number(bin)] = Number(n);
  return { min, max, counts };
}

/** SQL for a timestamp as ISO 8601 in UTC. */
export const isoTime = (sql: string): string => `strftime(${sql}, '%Y-%m-%dT%H:%M:%S.%fZ')`;

export function plain(value: bigint | number | string | boolean | null): Plain {
  if (typeof value === 'bigint') return Number.isSafeInteger(Number(value)) ? Number(value) : String(value);
  if (typeof value === 'number' && !Number.isFinite(value)) return String(value);
  return value;
}

function finiteNumber(value: unknown): number | null {
  return typeof value === 'number' && Number.isFinite(value) ? value : null;
}
