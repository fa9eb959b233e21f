import { fromMetric, type Metric } from './metrics.ts';
import type { ModelOutput } from './runs.ts';
import type { CallOptions, Transport } from './transport.ts';
import { pairsOf, type Values } from './wire.ts';

export interface KeyValue {
  readonly key: string;
  readonly value: string;
}

/** What one call may log: at most 1000 metrics, 100 params, 100 tags, and 1000 of all. It is kept as a whole or refused. */
export interface LogBatch {
  readonly metrics?: readonly Metric[] | undefined;
  readonly params?: readonly KeyValue[] | undefined;
  readonly tags?: readonly KeyValue[] | undefined;
}

export interface MetricOptions {
  /** 0 unless said otherwise. */
  readonly step?: number | undefined;
  /** Milliseconds UTC; now unless said otherwise. */
  readonly timestamp?: number | undefined;
  readonly modelId?: string | undefined;
  readonly datasetName?: string | undefined;
  readonly datasetDigest?: string | undefined;
}

/** A data set as MLflow knows it: by name and digest. `source`, `schema` and `profile` hold JSON as text. */
export interface Dataset {
  readonly name: string;
  /** At most 36 characters. */
  readonly digest: string;
  readonly sourceType: string;
  readonly source: string;
  readonly schema?: string | undefined;
  readonly profile?: string | undefined;
}

export interface DatasetUse extends Dataset {
  /** What the run uses it for, such as `training`. */
  readonly context?: string | undefined;
  readonly tags?: Values | undefined;
}

export interface RunInputs {
  readonly datasets?: readonly DatasetUse[] | undefined;
  /** Ids of the logged models that the run reads. */
  readonly models?: readonly string[] | undefined;
}

/** What is written into a run. All of it also into a run that has ended; a deleted run refuses. */
export function loggingVerbs(transport: Transport) {
  return {
    async logMetric(runId: string, key: string, value: number, given: MetricOptions & CallOptions = {}): Promise<void> {
      const { signal, timeoutMs, ...about } = given;
      const metric = fromMetric({
        ...about,
        key,
        value,
        step: given.step ?? 0,
        timestamp: given.timestamp ?? Date.now(),
      });
      await transport.repeatable('POST', 'runs/log-metric', { run_id: runId, ...metric }, { signal, timeoutMs });
    },

    /** INVALID_PARAMETER_VALUE when the run already has this param with another value. */
    async logParam(runId: string, key: string, value: string, options?: CallOptions): Promise<void> {
      await transport.repeatable('POST', 'runs/log-parameter', { run_id: runId, key, value }, options);
    },

    async setTag(runId: string, key: string, value: string, options?: CallOptions): Promise<void> {
      await transport.repeatable('POST', 'runs/set-tag', { run_id: runId, key, value }, options);
    },

    /** RESOURCE_DOES_NOT_EXIST when the run has no such tag. */
    async deleteTag(runId: string, key: string, options?: CallOptions): Promise<void> {
      await transport.once('POST', 'runs/delete-tag', { run_id: runId, key }, options);
    },

    async logBatch(runId: string, batch: LogBatch, options?: CallOptions): Promise<void> {
      const body = {
        run_id: runId,
        metrics: (batch.metrics ?? []).map(fromMetric),
        params: batch.params ?? [],
        tags: batch.tags ?? [],
      };
      await transport.repeatable('POST', 'runs/log-batch', body, options);
    },

    async logInputs(runId: string, inputs: RunInputs, options?: CallOptions): Promise<void> {
      const body = {
        run_id: runId,
        datasets: (inputs.datasets ?? []).map((dataset) => ({
          dataset: {
            name: dataset.name,
            digest: dataset.digest,
            source_type: dataset.sourceType,
            source: dataset.source,
            schema: dataset.schema,
            profile: dataset.profile,
          },
          tags: pairsOf({
            ...(dataset.context !== undefined && { 'mlflow.data.context': dataset.context }),
            ...dataset.tags,
          }),
        })),
        models: (inputs.models ?? []).map((modelId) => ({ model_id: modelId })),
      };
      await transport.repeatable('POST', 'runs/log-inputs', body, options);
    },

    /** Says which logged models the run made. MLflow refuses a model that was said before, so this is not retried. */
    async logOutputs(runId: string, models: readonly ModelOutput[], options?: CallOptions): Promise<void> {
      const body = { run_id: runId, models: models.map(({ modelId, step }) => ({ model_id: modelId, step })) };
      await transport.once('POST', 'runs/outputs', body, options);
    },
  };
}
