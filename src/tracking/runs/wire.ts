import { double, type Infer, int, list, message, nested, oneOf, required, str } from '../../http/message.ts';
import { keyValue, viewType } from '../experiments/wire.ts';

export const runStatusNumbers = { RUNNING: 1, SCHEDULED: 2, FINISHED: 3, FAILED: 4, KILLED: 5 } as const;
export type RunStatus = keyof typeof runStatusNumbers;
export const runStatusNames = new Map<number, RunStatus>(
  Object.entries(runStatusNumbers).map(([name, number]) => [number, name as RunStatus]),
);

const runId = () => required(str(), { alias: 'run_uuid' });

export const createRun = message({
  experimentId: str(),
  userId: str(),
  runName: str(),
  startTime: int(),
  tags: list(nested(keyValue)),
});
export type CreateRun = Infer<typeof createRun>;
export const getRun = message({ runId: runId() });
export const onlyRunId = message({ runId: required(str()) });
export const updateRun = message({
  runId: runId(),
  status: oneOf(runStatusNumbers),
  endTime: int(),
  runName: str(),
});
export type UpdateRun = Infer<typeof updateRun>;
export const searchRuns = message({
  experimentIds: list(str()),
  filter: str(),
  runViewType: viewType(),
  maxResults: int(),
  orderBy: list(str()),
  pageToken: str(),
});
export type SearchRuns = Infer<typeof searchRuns>;

const metricFields = {
  key: required(str()),
  value: required(double()),
  timestamp: required(int()),
  step: int(),
  modelId: str(),
  datasetName: str(),
  datasetDigest: str(),
};
export const logMetric = message({ runId: runId(), ...metricFields });
export const logParam = message({ runId: runId(), key: required(str()), value: str() });
export const setTag = message({ runId: runId(), key: required(str()), value: str() });
export const deleteTag = message({ runId: required(str()), key: required(str()) });
export const logBatch = message({
  runId: required(str()),
  metrics: list(nested(message(metricFields))),
  params: list(nested(keyValue)),
  tags: list(nested(keyValue)),
});
export type LogBatch = Infer<typeof logBatch>;
export type WireMetric = LogBatch['metrics'][number];
export const logModel = message({ runId: required(str()), modelJson: required(str()) });

const dataset = message({
  name: required(str()),
  digest: required(str()),
  sourceType: str(),
  source: str(),
  schema: str(),
  profile: str(),
});
const datasetInput = message({ tags: list(nested(keyValue)), dataset: required(nested(dataset)) });
const modelInput = message({ modelId: required(str()) });
const modelOutput = message({ modelId: required(str()), step: int() });
export const logInputs = message({
  runId: required(str()),
  datasets: list(nested(datasetInput)),
  models: list(nested(modelInput)),
});
export type LogInputs = Infer<typeof logInputs>;
export const logOutputs = message({ runId: required(str()), models: required(list(nested(modelOutput))) });
export type LogOutputs = Infer<typeof logOutputs>;

export interface RunInfo {
  readonly run_id: string;
  readonly exp_id: number;
  readonly name: string;
  readonly user_id: string;
  readonly status: number;
  readonly start_time: number;
  readonly end_time: number | null;
  readonly deleted: number;
  readonly artifact_uri: string;
}

export const presentRunInfo = (run: RunInfo) => ({
  run_id: run.run_id,
  run_uuid: run.run_id,
  run_name: run.name,
  experiment_id: String(run.exp_id),
  user_id: run.user_id,
  status: runStatusNames.get(run.status) ?? 'RUNNING',
  start_time: run.start_time,
  ...(run.end_time !== null && run.end_time > 0 && { end_time: run.end_time }),
  artifact_uri: run.artifact_uri,
  lifecycle_stage: run.deleted === 1 ? 'deleted' : 'active',
});
