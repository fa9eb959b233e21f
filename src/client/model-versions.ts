import { paged, pageOf } from './pages.ts';
import type { CallOptions, Transport } from './transport.ts';
import { mapOf, pairsOf, type Values, type WireModelVersion } from './wire.ts';

export type Stage = 'None' | 'Staging' | 'Production' | 'Archived';

export interface ModelVersion {
  readonly name: string;
  /** Counts up from '1' in each registered model. */
  readonly version: string;
  readonly currentStage: Stage;
  readonly description: string;
  readonly source: string;
  readonly runId: string;
  readonly runLink: string;
  readonly status: string;
  readonly statusMessage: string | undefined;
  readonly creationTime: number | undefined;
  readonly lastUpdatedTime: number | undefined;
  readonly tags: ReadonlyMap<string, string>;
  readonly aliases: readonly string[];
}

export interface CreateModelVersion extends CallOptions {
  readonly runId?: string | undefined;
  readonly modelId?: string | undefined;
  readonly runLink?: string | undefined;
  readonly description?: string | undefined;
  readonly tags?: Values | undefined;
}

export interface SearchRegistry extends CallOptions {
  readonly filter?: string | undefined;
  readonly orderBy?: readonly string[] | undefined;
  readonly pageSize?: number | undefined;
}

interface VersionReply {
  model_version: WireModelVersion;
}

const stages: readonly Stage[] = ['None', 'Staging', 'Production', 'Archived'];

export const toModelVersion = (wire: WireModelVersion): ModelVersion => ({
  name: wire.name,
  version: wire.version,
  currentStage: stages.find((stage) => stage === wire.current_stage) ?? 'None',
  description: wire.description ?? '',
  source: wire.source ?? '',
  runId: wire.run_id ?? '',
  runLink: wire.run_link ?? '',
  status: wire.status ?? '',
  statusMessage: wire.status_message,
  creationTime: wire.creation_timestamp,
  lastUpdatedTime: wire.last_updated_timestamp,
  tags: mapOf(wire.tags),
  aliases: wire.aliases ?? [],
});

export function modelVersionVerbs(transport: Transport) {
  return {
    /** The next version of a registered model, which must exist. Never made twice: see `Transport.once`. */
    async createModelVersion(name: string, source: string, given: CreateModelVersion = {}): Promise<ModelVersion> {
      const body = {
        name,
        source,
        run_id: given.runId,
        model_id: given.modelId,
        run_link: given.runLink,
        description: given.description,
        tags: pairsOf(given.tags),
      };
      return toModelVersion(
        (await transport.once<VersionReply>('POST', 'model-versions/create', body, given)).model_version,
      );
    },

    async getModelVersion(name: string, version: string, options?: CallOptions): Promise<ModelVersion> {
      const reply = await transport.get<VersionReply>('model-versions/get', { name, version }, options);
      return toModelVersion(reply.model_version);
    },

    async updateModelVersion(
      name: string,
      version: string,
      description: string,
      options?: CallOptions,
    ): Promise<ModelVersion> {
      const body = { name, version, description };
      const reply = await transport.repeatable<VersionReply>('PATCH', 'model-versions/update', body, options);
      return toModelVersion(reply.model_version);
    },

    /** With `archiveExistingVersions`, the other versions that are in that stage become Archived. */
    async transitionModelVersionStage(
      name: string,
      version: string,
      stage: Stage,
      given: CallOptions & { archiveExistingVersions?: boolean } = {},
    ): Promise<ModelVersion> {
      const body = { name, version, stage, archive_existing_versions: given.archiveExistingVersions ?? false };
      const reply = await transport.repeatable<VersionReply>('POST', 'model-versions/transition-stage', body, given);
      return toModelVersion(reply.model_version);
    },

    async deleteModelVersion(name: string, version: string, options?: CallOptions): Promise<void> {
      await transport.once('DELETE', 'model-versions/delete', { name, version }, options);
    },

    async setModelVersionTag(
      name: string,
      version: string,
      key: string,
      value: string,
      options?: CallOptions,
    ): Promise<void> {
      await transport.repeatable('POST', 'model-versions/set-tag', { name, version, key, value }, options);
    },

    async deleteModelVersionTag(name: string, version: string, key: string, options?: CallOptions): Promise<void> {
      await transport.repeatable('DELETE', 'model-versions/delete-tag', { name, version, key }, options);
    },

    /** Where the version's files are: its source, resolved when it was registered. */
    async getModelVersionDownloadUri(name: string, version: string, options?: CallOptions): Promise<string> {
      const query = { name, version };
      return (await transport.get<{ artifact_uri: string }>('model-versions/get-download-uri', query, options))
        .artifact_uri;
    },

    searchModelVersions: (search: SearchRegistry = {}) =>
      paged(async (token) => {
        const reply = await transport.get<{ model_versions?: WireModelVersion[]; next_page_token?: string }>(
          'model-versions/search',
          {
            filter: search.filter,
            order_by: search.orderBy,
            max_results: search.pageSize ?? 1000,
            page_token: token,
          },
          search,
        );
        return pageOf(reply.model_versions, reply.next_page_token, toModelVersion);
      }),
  };
}
