import { int, list, message, nested, required, str } from '../../http/message.ts';
import { presentVersion } from '../model-versions/wire.ts';
import type { RegisteredModel } from './service.ts';

const tag = message({ key: required(str()), value: str() });

export const createRequest = message({ name: required(str()), tags: list(nested(tag)), description: str() });
export const nameRequest = message({ name: required(str()) });
export const updateRequest = message({ name: required(str()), description: str() });
export const renameRequest = message({ name: required(str()), newName: required(str()) });
export const searchRequest = message({ filter: str(), maxResults: int(), orderBy: list(str()), pageToken: str() });
export const latestVersionsRequest = message({ name: required(str()), stages: list(str()) });
export const setTagRequest = message({ name: required(str()), key: required(str()), value: str() });
export const deleteTagRequest = message({ name: required(str()), key: required(str()) });
export const aliasRequest = message({ name: required(str()), alias: required(str()) });
export const setAliasRequest = message({ name: required(str()), alias: required(str()), version: required(str()) });

export type RegisteredModelReply = ReturnType<typeof presentModel>;

/** Empty lists and an empty description are absent; versions are text, as everywhere on the wire. */
export function presentModel(model: RegisteredModel) {
  return {
    name: model.name,
    creation_timestamp: model.creationTime,
    last_updated_timestamp: model.lastUpdatedTime,
    description: model.description || undefined,
    latest_versions: model.latestVersions.length === 0 ? undefined : model.latestVersions.map(presentVersion),
    tags: model.tags.length === 0 ? undefined : model.tags,
    aliases:
      model.aliases.length === 0
        ? undefined
        : model.aliases.map(({ alias, version }) => ({ alias, version: `${version}` })),
  };
}
