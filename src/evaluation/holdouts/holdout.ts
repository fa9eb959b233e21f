import { invalid, shown } from '../../errors.ts';

/** The types of columns. A timestamp is UTC, to the microsecond. */
export const columnTypes = ['int64', 'double', 'string', 'boolean', 'timestamp'] as const;
export type ColumnType = (typeof columnTypes)[number];

export const tasks = ['classification', 'regression'] as const;
export type Task = (typeof tasks)[number];

export interface Column {
  readonly name: string;
  readonly type: ColumnType;
}

/** What an evaluation needs to know of the version it scores. */
export interface HoldoutVersion {
  /** Never used again, also when a name would be. */
  readonly holdoutVersionNo: number;
  readonly name: string;
  /** From 1, per name. */
  readonly version: number;
  /** 64 hexadecimal digits over task, target, columns and rows; see `digest.ts`. */
  readonly digest: string;
  readonly target: string;
  readonly task: Task;
  readonly rows: number;
  /** Of the Parquet file within the system store. */
  readonly storePath: string;
  /** Of the same file on this machine, absolute. */
  readonly path: string;
}

export const maxHoldoutBytes = 1024 ** 3;
export const maxColumns = 1_000;
export const maxRows = 20_000_000;

const namePattern = /^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/;

/** Throws INVALID_PARAMETER_VALUE unless `name` may name a holdout: `wine-holdout`, without `@`. */
export function checkHoldoutName(name: string): void {
  if (!namePattern.test(name))
    throw invalid(
      `Invalid value ${shown(name)} for parameter 'name' supplied: expected letters, digits, '.', '_' and '-', at most 100, such as wine-holdout.`,
    );
}
