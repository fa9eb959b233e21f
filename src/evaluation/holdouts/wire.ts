import Type, { type Static } from 'typebox';
import { nullable, time } from '../../http/api.ts';
import { list, message, required, str } from '../../http/message.ts';
import { columnTypes, tasks } from './holdout.ts';

export const holdoutPath = Type.Object({ name: Type.String() });
export const versionPath = Type.Object({ name: Type.String(), version: Type.Integer({ minimum: 1 }) });
export const rowsInput = Type.Object({
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 1000 })),
});

/** What an upload says in its query, since its body is the file. */
export const uploadQuery = message({
  target: required(str()),
  task: str(),
  format: required(str()),
  types: list(str()),
});

const value = Type.Union([Type.String(), Type.Number(), Type.Boolean(), Type.Null()]);
const number = nullable(Type.Number());
const task = Type.Enum([...tasks]);
const columnType = Type.Enum([...columnTypes]);
const valueCounts = Type.Array(Type.Object({ value, count: Type.Integer() }));

export const summary = Type.Object({
  name: Type.String(),
  version: Type.Integer(),
  /** 64 hexadecimal digits over task, target, columns and rows. */
  digest: Type.String(),
  target: Type.String(),
  task,
  rows: Type.Integer(),
  columnCount: Type.Integer(),
  /** Of the rows as they are kept. */
  sizeBytes: Type.Integer(),
  uploadedBy: Type.String(),
  uploadedTime: time(),
});
export type Summary = Static<typeof summary>;

const column = Type.Object({
  name: Type.String(),
  type: columnType,
  /** Rows that have a value. */
  count: Type.Integer(),
  missing: Type.Integer(),
  distinct: Type.Integer(),
  /** Infinite values; the figures below are over the finite ones. Null where the column holds no doubles. */
  infinite: nullable(Type.Integer()),
  /** A time is ISO 8601, an integer beyond 2^53 is text. */
  min: value,
  max: value,
  mean: number,
  /** Of the sample. */
  stddev: number,
  quantiles: Type.Array(Type.Object({ q: Type.Number(), value: Type.Number() })),
  /** The most frequent values; empty for doubles and timestamps. */
  top: valueCounts,
  /** Equal steps from min to max. */
  histogram: nullable(Type.Object({ min: Type.Number(), max: Type.Number(), counts: Type.Array(Type.Integer()) })),
});

const described = {
  columns: Type.Array(column),
  /** Whether `distinct` and `quantiles` are close estimates, as they are above a million rows. */
  estimated: Type.Boolean(),
  /** Of the target, the most frequent first; null for regression. */
  classes: nullable(valueCounts),
  warnings: Type.Array(Type.String()),
};
export const versionReply = Type.Object({ ...summary.properties, ...described });
export type VersionReply = Static<typeof versionReply>;
/** `created` is false where a version with these very rows was there already. */
export const uploadReply = Type.Object({ ...versionReply.properties, created: Type.Boolean() });
export type UploadReply = Static<typeof uploadReply>;

export const holdoutsReply = Type.Object({ holdouts: Type.Array(summary) });
export type HoldoutsReply = Static<typeof holdoutsReply>;
export const holdoutReply = Type.Object({ name: Type.String(), versions: Type.Array(summary) });
export type HoldoutReply = Static<typeof holdoutReply>;
export const rowsReply = Type.Object({
  columns: Type.Array(Type.Object({ name: Type.String(), type: columnType })),
  rows: Type.Array(Type.Array(value)),
  /** How many the version has. */
  total: Type.Integer(),
});
export type RowsReply = Static<typeof rowsReply>;
