import { type Metric, toMetric } from './metrics.ts';
import { paged, pageOf } from './pages.ts';
import type { CallOptions, Transport } from './transport.ts';
import { mapOf, pairsOf, type Values, type WireLoggedModel } from './wire.ts';

export type LoggedModelStatus = 'PENDING' | 'READY' | 'UPLOAD_FAILED' | 'UNSPECIFIED';

/** A model that a run made (MLflow 3): it has its own artifacts, params, metrics and tags. */
export interface LoggedModel {
  readonly modelId: string;
  readonly experimentId: string;
  readonly name: string;
  readonly modelType: string;
  readonly sourceRunId: string;
  readonly status: LoggedModelStatus;
  readonly statusMessage: string | undefined;
  readonly artifactUri: string;
  readonly creationTime: number | undefined;
  readonly lastUpdatedTime: number | undefined;
  readonly params: ReadonlyMap<string, string>;
  readonly tags: ReadonlyMap<string, string>;
  readonly metrics: readonly Metric[];
}

export interface CreateLoggedModel extends CallOptions {
  /** A random one unless given. */
  readonly name?: string | undefined;
  readonly modelType?: string | undefined;
  readonly sourceRunId?: string | undefined;
  readonly params?: Values | undefined;
  readonly tags?: Values | undefined;
}

export interface LoggedModelOrder {
  /** An attribute such as `creation_timestamp`, or `metrics.<key>`. */
  readonly field: string;
  readonly ascending?: boolean | undefined;
  readonly datasetName?: string | undefined;
  readonly datasetDigest?: string | undefined;
}

export interface SearchLoggedModels extends CallOptions {
  readonly experimentIds: readonly string[];
  readonly filter?: string | undefined;
  /** Only metrics on these data sets count for the filter. */
  readonly datasets?: readonly { readonly name: string; readonly digest?: string | undefined }[] | undefined;
  readonly orderBy?: readonly LoggedModelOrder[] | undefined;
  readonly pageSize?: number | undefined;
}

interface ModelReply {
  model: WireLoggedModel;
}

const statusPrefix = 'LOGGED_MODEL_';
const statuses: readonly LoggedModelStatus[] = ['PENDING', 'READY', 'UPLOAD_FAILED'];

const toLoggedModel = ({ info, data }: WireLoggedModel): LoggedModel => ({
  modelId: info.model_id,
  experimentId: info.experiment_id,
  name: info.name ?? '',
  modelType: info.model_type ?? '',
  sourceRunId: info.source_run_id ?? '',
  status: statuses.find((status) => statusPrefix + status === info.status) ?? 'UNSPECIFIED',
  statusMessage: info.status_message,
  artifactUri: info.artifact_uri ?? '',
  creationTime: info.creation_timestamp_ms,
  lastUpdatedTime: info.last_updated_timestamp_ms,
  params: mapOf(data?.params),
  tags: mapOf(info.tags),
  metrics: (data?.metrics ?? []).map(toMetric),
});

const path = (modelId: string, rest = '') => `logged-models/${encodeURIComponent(modelId)}${rest}`;
const paramsPerCall = 100;

export function loggedModelVerbs(transport: Transport) {
  /** RESOURCE_DOES_NOT_EXIST when there is none, or it is deleted and `allowDeleted` is not given. */
  async function getLoggedModel(modelId: string, given: CallOptions & { allowDeleted?: boolean } = {}) {
    const query = { allow_deleted: given.allowDeleted };
    return toLoggedModel((await transport.get<ModelReply>(path(modelId), query, given)).model);
  }

  /** BAD_REQUEST when the model already has one of these params. */
  async function logLoggedModelParams(modelId: string, params: Values, options?: CallOptions): Promise<void> {
    const pairs = pairsOf(params);
    for (let from = 0; from < pairs.length; from += paramsPerCall) {
      const body = { model_id: modelId, params: pairs.slice(from, from + paramsPerCall) };
      await transport.once('POST', path(modelId, '/params'), body, options);
    }
  }

  return {
    getLoggedModel,
    logLoggedModelParams,

    /** A new logged model, PENDING until it is finalized. */
    async createLoggedModel(experimentId: string, given: CreateLoggedModel = {}): Promise<LoggedModel> {
      const params = Object.entries(given.params ?? {});
      const body = {
        experiment_id: experimentId,
        name: given.name,
        model_type: given.modelType,
        source_run_id: given.sourceRunId,
        params: pairsOf(Object.fromEntries(params.slice(0, paramsPerCall))),
        tags: pairsOf(given.tags),
      };
      const { model } = await transport.once<ModelReply>('POST', 'logged-models', body, given);
      if (params.length <= paramsPerCall) return toLoggedModel(model);
      await logLoggedModelParams(model.info.model_id, Object.fromEntries(params.slice(paramsPerCall)), given);
      return getLoggedModel(model.info.model_id, given);
    },

    async finalizeLoggedModel(
      modelId: string,
      status: 'READY' | 'UPLOAD_FAILED',
      options?: CallOptions,
    ): Promise<LoggedModel> {
      const body = { model_id: modelId, status: statusPrefix + status };
      return toLoggedModel((await transport.repeatable<ModelReply>('PATCH', path(modelId), body, options)).model);
    },

    async deleteLoggedModel(modelId: string, options?: CallOptions): Promise<void> {
      await transport.repeatable('DELETE', path(modelId), { model_id: modelId }, options);
    },

    async setLoggedModelTags(modelId: string, tags: Values, options?: CallOptions): Promise<void> {
      const body = { model_id: modelId, tags: pairsOf(tags) };
      await transport.repeatable('PATCH', path(modelId, '/tags'), body, options);
    },

    async deleteLoggedModelTag(modelId: string, key: string, options?: CallOptions): Promise<void> {
      await transport.once('DELETE', path(modelId, `/tags/${encodeURIComponent(key)}`), {}, options);
    },

    searchLoggedModels: (search: SearchLoggedModels) =>
      paged(async (token) => {
        const body = {
          experiment_ids: search.experimentIds,
          filter: search.filter,
          datasets: search.datasets?.map(({ name, digest }) => ({ dataset_name: name, dataset_digest: digest })),
          order_by: search.orderBy?.map((order) => ({
            field_name: order.field,
            ascending: order.ascending ?? true,
            dataset_name: order.datasetName,
            dataset_digest: order.datasetDigest,
          })),
          max_results: search.pageSize ?? 100,
          page_token: token,
        };
        const reply = await transport.repeatable<{ models?: WireLoggedModel[]; next_page_token?: string }>(
          'POST',
          'logged-models/search',
          body,
          search,
        );
        return pageOf(reply.models, reply.next_page_token, toLoggedModel);
      }),
  };
}
