import Type from 'typebox';
import { nullable, time } from '../../http/api.ts';
import { type Infer, int, list, message, nested, oneOf, required, str } from '../../http/message.ts';

export const viewType = () => oneOf({ ACTIVE_ONLY: 1, DELETED_ONLY: 2, ALL: 3 });
export type ViewType = 'ACTIVE_ONLY' | 'DELETED_ONLY' | 'ALL';

/** A key and its value; an absent value is the empty string. */
export const keyValue = message({ key: required(str()), value: str() });
export interface KeyValue {
  readonly key: string;
  readonly value: string;
}
export const withValue = (pair: { key: string; value: string | undefined }): KeyValue => ({
  key: pair.key,
  value: pair.value ?? '',
});

export const createExperiment = message({
  name: required(str()),
  artifactLocation: str(),
  tags: list(nested(keyValue)),
});
export const getExperiment = message({ experimentId: required(str()) });
export const getExperimentByName = message({ experimentName: required(str()) });
export const searchExperiments = message({
  maxResults: int(),
  viewType: viewType(),
  filter: str(),
  orderBy: list(str()),
  pageToken: str(),
});
export type SearchExperiments = Infer<typeof searchExperiments>;
export const updateExperiment = message({ experimentId: required(str()), newName: required(str()) });
export const setExperimentTag = message({ experimentId: required(str()), key: required(str()), value: str() });
export const deleteExperimentTag = message({ experimentId: required(str()), key: required(str()) });
export const searchDatasets = message({ experimentIds: required(list(str())) });

export interface Experiment {
  readonly id: number;
  readonly name: string;
  readonly artifactLocation: string;
  readonly deleted: boolean;
  readonly creationTime: number;
  readonly lastUpdateTime: number;
  readonly tags: readonly KeyValue[];
}

export function presentExperiment(experiment: Experiment) {
  return {
    experiment_id: String(experiment.id),
    name: experiment.name,
    artifact_location: experiment.artifactLocation,
    lifecycle_stage: experiment.deleted ? 'deleted' : 'active',
    creation_time: experiment.creationTime,
    last_update_time: experiment.lastUpdateTime,
    workspace: 'default',
    ...(experiment.tags.length > 0 && { tags: experiment.tags }),
  };
}

export interface DatasetSummary {
  readonly experimentId: number;
  readonly name: string;
  readonly digest: string;
  readonly context: string | null;
}

export const presentDatasetSummary = (summary: DatasetSummary) => ({
  experiment_id: String(summary.experimentId),
  name: summary.name,
  digest: summary.digest,
  ...(summary.context !== null && { context: summary.context }),
});

export const activityInput = Type.Object({ deleted: Type.Optional(Type.Boolean()) });
export const activityReply = Type.Object({
  experiments: Type.Array(
    Type.Object({
      experimentId: Type.String(),
      name: Type.String(),
      creationTime: time(),
      runs: Type.Integer(),
      lastRunTime: nullable(time()),
    }),
  ),
  more: Type.Boolean(),
});
