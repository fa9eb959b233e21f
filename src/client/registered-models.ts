import { type ModelVersion, type SearchRegistry, type Stage, toModelVersion } from './model-versions.ts';
import { paged, pageOf } from './pages.ts';
import type { CallOptions, Transport } from './transport.ts';
import { mapOf, pairsOf, type Values, type WireModelVersion, type WireRegisteredModel } from './wire.ts';

export interface RegisteredModel {
  readonly name: string;
  readonly description: string;
  readonly creationTime: number | undefined;
  readonly lastUpdatedTime: number | undefined;
  /** The newest version of each stage that has one. */
  readonly latestVersions: readonly ModelVersion[];
  readonly tags: ReadonlyMap<string, string>;
  /** Alias to version. */
  readonly aliases: ReadonlyMap<string, string>;
}

interface ModelReply {
  registered_model: WireRegisteredModel;
}

const toRegisteredModel = (wire: WireRegisteredModel): RegisteredModel => ({
  name: wire.name,
  description: wire.description ?? '',
  creationTime: wire.creation_timestamp,
  lastUpdatedTime: wire.last_updated_timestamp,
  latestVersions: (wire.latest_versions ?? []).map(toModelVersion),
  tags: mapOf(wire.tags),
  aliases: new Map((wire.aliases ?? []).map(({ alias, version }) => [alias, version])),
});

export function registeredModelVerbs(transport: Transport) {
  return {
    /** RESOURCE_ALREADY_EXISTS when the name is taken. */
    async createRegisteredModel(
      name: string,
      given: CallOptions & { description?: string; tags?: Values } = {},
    ): Promise<RegisteredModel> {
      const body = { name, description: given.description, tags: pairsOf(given.tags) };
      const reply = await transport.once<ModelReply>('POST', 'registered-models/create', body, given);
      return toRegisteredModel(reply.registered_model);
    },

    async getRegisteredModel(name: string, options?: CallOptions): Promise<RegisteredModel> {
      const reply = await transport.get<ModelReply>('registered-models/get', { name }, options);
      return toRegisteredModel(reply.registered_model);
    },

    searchRegisteredModels: (search: SearchRegistry = {}) =>
      paged(async (token) => {
        const reply = await transport.get<{ registered_models?: WireRegisteredModel[]; next_page_token?: string }>(
          'registered-models/search',
          {
            filter: search.filter,
            order_by: search.orderBy,
            max_results: search.pageSize ?? 100,
            page_token: token,
          },
          search,
        );
        return pageOf(reply.registered_models, reply.next_page_token, toRegisteredModel);
      }),

    async updateRegisteredModel(name: string, description: string, options?: CallOptions): Promise<RegisteredModel> {
      const body = { name, description };
      const reply = await transport.repeatable<ModelReply>('PATCH', 'registered-models/update', body, options);
      return toRegisteredModel(reply.registered_model);
    },

    async renameRegisteredModel(name: string, newName: string, options?: CallOptions): Promise<RegisteredModel> {
      const body = { name, new_name: newName };
      const reply = await transport.once<ModelReply>('POST', 'registered-models/rename', body, options);
      return toRegisteredModel(reply.registered_model);
    },

    /** Deletes the model with all its versions, for good. */
    async deleteRegisteredModel(name: string, options?: CallOptions): Promise<void> {
      await transport.once('DELETE', 'registered-models/delete', { name }, options);
    },

    async setRegisteredModelTag(name: string, key: string, value: string, options?: CallOptions): Promise<void> {
      await transport.repeatable('POST', 'registered-models/set-tag', { name, key, value }, options);
    },

    async deleteRegisteredModelTag(name: string, key: string, options?: CallOptions): Promise<void> {
      await transport.repeatable('DELETE', 'registered-models/delete-tag', { name, key }, options);
    },

    /** Points the alias at this version, wherever it pointed before. */
    async setRegisteredModelAlias(name: string, alias: string, version: string, options?: CallOptions): Promise<void> {
      await transport.repeatable('POST', 'registered-models/alias', { name, alias, version }, options);
    },

    async deleteRegisteredModelAlias(name: string, alias: string, options?: CallOptions): Promise<void> {
      await transport.repeatable('DELETE', 'registered-models/alias', { name, alias }, options);
    },

    /** INVALID_PARAMETER_VALUE when the model has no such alias. */
    async getModelVersionByAlias(name: string, alias: string, options?: CallOptions): Promise<ModelVersion> {
      const query = { name, alias };
      const reply = await transport.get<{ model_version: WireModelVersion }>('registered-models/alias', query, options);
      return toModelVersion(reply.model_version);
    },

    /** The newest version of each of these stages that has one; of every stage when none is named. */
    async getLatestVersions(name: string, stages?: readonly Stage[], options?: CallOptions): Promise<ModelVersion[]> {
      const reply = await transport.repeatable<{ model_versions?: WireModelVersion[] }>(
        'POST',
        'registered-models/get-latest-versions',
        { name, stages },
        options,
      );
      return (reply.model_versions ?? []).map(toModelVersion);
    },
  };
}
