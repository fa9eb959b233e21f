import { bool, type Infer, int, list, message, nested, oneOf, required, str } from '../../http/message.ts';
import { type KeyValue, keyValue } from '../experiments/wire.ts';

export const modelStatusNumbers = {
  LOGGED_MODEL_STATUS_UNSPECIFIED: 0,
  LOGGED_MODEL_PENDING: 1,
  LOGGED_MODEL_READY: 2,
  LOGGED_MODEL_UPLOAD_FAILED: 3,
} as const;
export type ModelStatus = keyof typeof modelStatusNumbers;
const statusNames = new Map<number, string>(Object.entries(modelStatusNumbers).map(([name, number]) => [number, name]));

export const createModel = message({
  experimentId: required(str()),
  name: str(),
  modelType: str(),
  sourceRunId: str(),
  params: list(nested(keyValue)),
  tags: list(nested(keyValue)),
});
export type CreateModel = Infer<typeof createModel>;
export const getModel = message({ allowDeleted: bool() });
export const finalizeModel = message({ status: required(oneOf(modelStatusNumbers)) });
export const logModelParams = message({ params: list(nested(keyValue)) });
export const setModelTags = message({ tags: list(nested(keyValue)) });
export const nothing = message({});
export const searchModels = message({
  experimentIds: required(list(str())),
  filter: str(),
  datasets: list(nested(message({ datasetName: required(str()), datasetDigest: str() }))),
  maxResults: int(),
  orderBy: list(
    nested(message({ fieldName: required(str()), ascending: bool(), datasetName: str(), datasetDigest: str() })),
  ),
  pageToken: str(),
});
export type SearchModels = Infer<typeof searchModels>;

export interface ModelMetric {
  readonly key: string;
  readonly value: number;
  readonly timestamp: number;
  readonly step: number;
  readonly runId: string;
  readonly datasetName: string | null;
  readonly datasetDigest: string | null;
}

export interface LoggedModel {
  readonly modelId: string;
  readonly experimentId: number;
  readonly name: string;
  readonly modelType: string;
  readonly sourceRunId: string;
  readonly status: number;
  readonly statusMessage: string | null;
  readonly artifactUri: string;
  readonly creationTime: number;
  readonly lastUpdatedTime: number;
  readonly params: readonly KeyValue[];
  readonly tags: readonly KeyValue[];
  readonly metrics: readonly ModelMetric[];
}

const presentMetric = (modelId: string) => (metric: ModelMetric) => ({
  key: metric.key,
  value: Number.isNaN(metric.value) ? 'NaN' : metric.value,
  timestamp: metric.timestamp,
  step: metric.step,
  model_id: modelId,
  run_id: metric.runId,
  ...(metric.datasetName !== null && { dataset_name: metric.datasetName }),
  ...(metric.datasetDigest !== null && { dataset_digest: metric.datasetDigest }),
});

export function presentModel(model: LoggedModel) {
  return {
    info: {
      model_id: model.modelId,
      experiment_id: String(model.experimentId),
      name: model.name,
      creation_timestamp_ms: model.creationTime,
      last_updated_timestamp_ms: model.lastUpdatedTime,
      artifact_uri: model.artifactUri,
      status: statusNames.get(model.status),
      model_type: model.modelType,
      source_run_id: model.sourceRunId,
      ...(model.statusMessage !== null && { status_message: model.statusMessage }),
      ...(model.tags.length > 0 && { tags: model.tags }),
    },
    data: {
      ...(model.params.length > 0 && { params: model.params }),
      ...(model.metrics.length > 0 && { metrics: model.metrics.map(presentMetric(model.modelId)) }),
    },
  };
}
