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
