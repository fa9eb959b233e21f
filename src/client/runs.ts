import type { LifecycleStage, ViewType } from './experiments.ts';
import { type Metric, toMetric } from './metrics.ts';
import { paged, pageOf } from './pages.ts';
import type { CallOptions, Transport } from './transport.ts';
import { mapOf, pairsOf, type Values, type WireRun, type WireRunInfo } from './wire.ts';

export type RunStatus = 'RUNNING' | 'SCHEDULED' | 'FINISHED' | 'FAILED' | 'KILLED';

export interface RunInfo {
  readonly runId: string;
  readonly runName: string;
  readonly experimentId: string;
  readonly userId: string;
  readonly status: RunStatus;
  readonly startTime: number | undefined;
  readonly endTime: number | undefined;
  readonly artifactUri: string;
  readonly lifecycleStage: LifecycleStage;
}

export interface Run extends RunInfo {
  /** The latest point of each metric. */
  readonly metrics: ReadonlyMap<string, Metric>;
  readonly params: ReadonlyMap<string, string>;
  readonly tags: ReadonlyMap<string, string>;
  readonly datasets: readonly DatasetInput[];
  /** The logged models that the run read. */
  readonly modelInputs: readonly string[];
  readonly modelOutputs: readonly ModelOutput[];
}

export interface DatasetInput {
  readonly name: string;
  readonly digest: string;
  readonly sourceType: string;
  readonly source: string;
  readonly schema: string | undefined;
  readonly profile: string | undefined;
  /** What the run used it for, such as `training`. */
  readonly context: string | undefined;
  readonly tags: ReadonlyMap<string, string>;
}

/** A logged model that the run made. */
export interface ModelOutput {
  readonly modelId: string;
  readonly step: number;
}

export interface CreateRun extends CallOptions {
  readonly runName?: string | undefined;
  readonly userId?: string | undefined;
  readonly startTime?: number | undefined;
  readonly tags?: Values | undefined;
}

export interface UpdateRun extends CallOptions {
  readonly status?: RunStatus | undefined;
  readonly endTime?: number | undefined;
  readonly runName?: string | undefined;
}

export interface SearchRuns extends CallOptions {
  readonly experimentIds: readonly string[];
  /** MLflow's filter language: `metrics.F1 > 0.9 AND tags.model_name = 'Wineforest'`. */
  readonly filter?: string | undefined;
  readonly orderBy?: readonly string[] | undefined;
  readonly viewType?: ViewType | undefined;
  readonly pageSize?: number | undefined;
}

const runStatuses: readonly RunStatus[] = ['RUNNING', 'SCHEDULED', 'FINISHED', 'FAILED', 'KILLED'];

const toRunInfo = (wire: WireRunInfo): RunInfo => ({
  runId: wire.run_id,
  runName: wire.run_name ?? '',
  experimentId: wire.experiment_id,
  userId: wire.user_id ?? '',
  status: runStatuses.find((status) => status === wire.status) ?? 'RUNNING',
  // Clients that give no time send 0.
  startTime: wire.start_time || undefined,
  endTime: wire.end_time || undefined,
  artifactUri: wire.artifact_uri ?? '',
  lifecycleStage: wire.lifecycle_stage === 'deleted' ? 'deleted' : 'active',
});

export const toRun = ({ info, data, inputs, outputs }: WireRun): Run => ({
  ...toRunInfo(info),
  metrics: new Map((data?.metrics ?? []).map((metric) => [metric.key, toMetric(metric)])),
  params: mapOf(data?.params),
  tags: mapOf(data?.tags),
  datasets: (inputs?.dataset_inputs ?? []).map(({ dataset, tags }) => ({
    name: dataset.name,
    digest: dataset.digest,
    sourceType: dataset.source_type ?? '',
    source: dataset.source ?? '',
    schema: dataset.schema,
    profile: dataset.profile,
    context: mapOf(tags).get('mlflow.data.context'),
    tags: mapOf(tags),
  })),
  modelInputs: (inputs?.model_inputs ?? []).map((input) => input.model_id),
  modelOutputs: (outputs?.model_outputs ?? []).map((output) => ({ modelId: output.model_id, step: output.step ?? 0 })),
});

export function runVerbs(transport: Transport) {
  /** Changes what is given and leaves the rest. */
  async function updateRun(runId: string, change: UpdateRun): Promise<RunInfo> {
    const body = { run_id: runId, status: change.status, end_time: change.endTime, run_name: change.runName };
    const reply = await transport.repeatable<{ run_info: WireRunInfo }>('POST', 'runs/update', body, change);
    return toRunInfo(reply.run_info);
  }

  return {
    updateRun,

    /** A new run that is RUNNING; it starts now unless said otherwise. */
    async createRun(experimentId: string, given: CreateRun = {}): Promise<Run> {
      const body = {
        experiment_id: experimentId,
        run_name: given.runName,
        user_id: given.userId,
        start_time: given.startTime ?? Date.now(),
        tags: pairsOf(given.tags),
      };
      return toRun((await transport.once<{ run: WireRun }>('POST', 'runs/create', body, given)).run);
    },

    /** RESOURCE_DOES_NOT_EXIST when there is none. Deleted runs are found too. */
    async getRun(runId: string, options?: CallOptions): Promise<Run> {
      return toRun((await transport.get<{ run: WireRun }>('runs/get', { run_id: runId }, options)).run);
    },

    /** Ends a run, now unless said otherwise. */
    setTerminated: (runId: string, status: RunStatus = 'FINISHED', given: CallOptions & { endTime?: number } = {}) =>
      updateRun(runId, { ...given, status, endTime: given.endTime ?? Date.now() }),

    async deleteRun(runId: string, options?: CallOptions): Promise<void> {
      await transport.repeatable('POST', 'runs/delete', { run_id: runId }, options);
    },

    async restoreRun(runId: string, options?: CallOptions): Promise<void> {
      await transport.repeatable('POST', 'runs/restore', { run_id: runId }, options);
    },

    searchRuns: (search: SearchRuns) =>
      paged(async (token) => {
        const body = {
          experiment_ids: search.experimentIds,
          filter: search.filter,
          order_by: search.orderBy,
          run_view_type: search.viewType,
          max_results: search.pageSize ?? 1000,
          page_token: token,
        };
        const reply = await transport.repeatable<{ runs?: WireRun[]; next_page_token?: string }>(
          'POST',
          'runs/search',
          body,
          search,
        );
        return pageOf(reply.runs, reply.next_page_token, toRun);
      }),
  };
}
