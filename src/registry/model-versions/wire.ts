import { bool, int, list, message, nested, required, str } from '../../http/message.ts';
import type { ModelVersion } from './store.ts';

const tag = message({ key: required(str()), value: str() });
const version = { name: required(str()), version: required(str()) };

export const createRequest = message({
  name: required(str()),
  source: required(str()),
  runId: str(),
  modelId: str(),
  tags: list(nested(tag)),
  runLink: str(),
  description: str(),
});
export const versionRequest = message(version);
export const updateRequest = message({ ...version, description: str() });
export const transitionRequest = message({ ...version, stage: required(str()), archiveExistingVersions: bool() });
export const searchRequest = message({ filter: str(), maxResults: int(), orderBy: list(str()), pageToken: str() });
export const setTagRequest = message({ ...version, key: required(str()), value: str() });
export const deleteTagRequest = message({ ...version, key: required(str()) });

export type ModelVersionReply = ReturnType<typeof presentVersion>;

/** `version` is text. An empty description is present, a cleared one is absent, as in MLflow. */
export function presentVersion(row: ModelVersion) {
  return {
    name: row.name,
    version: `${row.version}`,
    creation_timestamp: row.creationTime,
    last_updated_timestamp: row.lastUpdatedTime,
    current_stage: row.stage,
    description: row.description ?? undefined,
    source: row.source,
    run_id: row.runId,
    status: row.status,
    status_message: row.statusMessage ?? undefined,
    tags: row.tags.length === 0 ? undefined : row.tags,
    run_link: row.runLink,
    aliases: row.aliases.length === 0 ? undefined : row.aliases,
  };
}
