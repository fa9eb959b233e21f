import Type, { type Static } from 'typebox';
import { nullable, time } from '../../http/api.ts';
import type { JsonText } from '../../http/route.ts';

export const experimentPath = Type.Object({ experimentId: Type.String() });

const query = {
  filter: Type.Optional(Type.String()),
  orderBy: Type.Optional(Type.Array(Type.String())),
  deleted: Type.Optional(Type.Boolean()),
};
const columns = Type.Array(Type.String({ minLength: 3 }), { maxItems: 200 });
const runIds = Type.Array(Type.String({ minLength: 1 }), { minItems: 1, maxItems: 10_000 });

export const columnsInput = Type.Object({ counted: Type.Optional(Type.Boolean()) });
const named = { key: Type.String(), runs: Type.Optional(Type.Integer()) };
const range = { min: nullable(Type.Number()), max: nullable(Type.Number()) };
export const columnsReply = Type.Object({
  params: Type.Array(Type.Object(named)),
  metrics: Type.Array(Type.Object({ ...named, ...range })),
  tags: Type.Array(Type.Object(named)),
  datasets: Type.Array(Type.Object(named)),
});

export const rowsInput = Type.Object({
  ...query,
  columns,
  limit: Type.Integer({ minimum: 1, maximum: 1000 }),
  pageToken: Type.Optional(Type.String()),
  offset: Type.Optional(Type.Integer({ minimum: 0 })),
});
const text = nullable(Type.String());
export const status = Type.Union([
  Type.Literal('RUNNING'),
  Type.Literal('SCHEDULED'),
  Type.Literal('FINISHED'),
  Type.Literal('FAILED'),
  Type.Literal('KILLED'),
]);
/** What one run has in the columns of a table. */
export const row = Type.Object({
  runId: Type.String(),
  name: Type.String(),
  status,
  user: Type.String(),
  startTime: nullable(time()),
  endTime: nullable(time()),
  /** The run it is nested in. */
  parentRunId: text,
  /** How many runs are nested in it. */
  children: Type.Integer(),
  source: text,
  commit: text,
  models: Type.Array(Type.Object({ modelId: text, name: Type.String() })),
  datasets: Type.Array(Type.Object({ name: Type.String(), digest: Type.String(), role: text })),
  /** One for each column asked for; null where the run has nothing, text for NaN and the infinities. */
  cells: Type.Array(Type.Union([Type.String(), Type.Number(), Type.Null()])),
});
export type Row = Static<typeof row>;
export const rowsReply = Type.Object({
  rows: Type.Array(row),
  nextPageToken: nullable(Type.String()),
});

export const countInput = Type.Object({ filter: query.filter, deleted: query.deleted });
export const countReply = Type.Object({ runs: Type.Integer() });

export const groupsInput = Type.Object({
  filter: query.filter,
  deleted: query.deleted,
  by: Type.String({ minLength: 1 }),
  metrics: Type.Array(Type.String({ minLength: 1 }), { maxItems: 50 }),
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 1000 })),
});
const groupMetric = Type.Object({
  /** Runs of the group with a finite value; the other figures are over these, and null when there are none. */
  runs: Type.Integer(),
  mean: nullable(Type.Number()),
  /** The sample's standard deviation; null below two runs. */
  deviation: nullable(Type.Number()),
  ...range,
});
export type GroupMetric = Static<typeof groupMetric>;
const group = Type.Object({
  /** Null: the runs without the param or tag. */
  value: text,
  runs: Type.Integer(),
  metrics: Type.Array(groupMetric),
});
export type Group = Static<typeof group>;
export const groupsReply = Type.Object({ groups: Type.Array(group), more: Type.Boolean() });

const selection = {
  runIds: Type.Optional(runIds),
  query: Type.Optional(
    Type.Object(
      { experimentId: Type.String(), filter: query.filter, deleted: query.deleted },
      { additionalProperties: false },
    ),
  ),
};
export const selectionInput = Type.Object(selection);
export const tagInput = Type.Object({ ...selection, key: Type.String({ minLength: 1 }), value: Type.String() });

export const findInput = Type.Object({ text: Type.String({ minLength: 1, maxLength: 250 }) });
export const findReply = Type.Object({
  runs: Type.Array(
    Type.Object({
      runId: Type.String(),
      name: Type.String(),
      experimentId: Type.String(),
      experimentName: Type.String(),
      status,
      startTime: nullable(time()),
    }),
  ),
});

export const documentsInput = Type.Object({
  runIds: Type.Array(Type.String({ minLength: 1 }), { minItems: 1, maxItems: 200 }),
});
export const documentsReply = Type.Unsafe<JsonText>(Type.Object({ runs: Type.Array(Type.Unknown()) }));

export const checkInput = Type.Object({ filter: Type.String() });
export const checkReply = Type.Object({
  problem: nullable(
    Type.Object({
      message: Type.String(),
      /** Where in the filter, in UTF-16 units. */
      start: Type.Integer(),
      end: Type.Integer(),
    }),
  ),
});
