import Type, { type Static } from 'typebox';
import { nullable } from '../../http/api.ts';
import { type Infer, int, list, message, required, str } from '../../http/message.ts';

export const getHistory = message({
  runId: required(str(), { alias: 'run_uuid' }),
  metricKey: required(str()),
  maxResults: int(),
  pageToken: str(),
});
export type GetHistory = Infer<typeof getHistory>;
export const getHistoryBulk = message({ runId: required(list(str())), metricKey: required(str()), maxResults: int() });
export type GetHistoryBulk = Infer<typeof getHistoryBulk>;
export const getHistoryInterval = message({
  runIds: required(list(str())),
  metricKey: required(str()),
  startStep: int(),
  endStep: int(),
  maxResults: int(),
});
export type GetHistoryInterval = Infer<typeof getHistoryInterval>;

export const ofRun = Type.Object({ runId: Type.String() });

const number = Type.Object({ value: Type.Number(), step: Type.Integer() });

/** A value that is no number travels as the text `NaN`. */
const value = Type.Object({ value: Type.Union([Type.Number(), Type.Literal('NaN')]), step: Type.Integer() });

export const metricSummaryReply = Type.Object({
  metrics: Type.Array(
    Type.Object({
      key: Type.String(),
      points: Type.Integer(),
      last: value,
      lowest: nullable(number),
      highest: nullable(number),
    }),
  ),
});
export type MetricSummaryReply = Static<typeof metricSummaryReply>;
