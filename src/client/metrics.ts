import type { MetricSummaryReply } from '../tracking/metrics/wire.ts';
import { paged, pageOf } from './pages.ts';
import type { CallOptions, Transport } from './transport.ts';
import { type WireMetric, wireNumber } from './wire.ts';

/** A point of a metric's curve. */
export interface Metric {
  readonly key: string;
  readonly value: number;
  /** Milliseconds UTC. */
  readonly timestamp: number;
  readonly step: number;
  readonly modelId?: string | undefined;
  readonly datasetName?: string | undefined;
  readonly datasetDigest?: string | undefined;
}

export interface MetricOfRun extends Metric {
  readonly runId: string;
}

export const toMetric = (wire: WireMetric): Metric => ({
  key: wire.key,
  value: Number(wire.value),
  timestamp: wire.timestamp,
  step: wire.step ?? 0,
  ...(wire.model_id !== undefined && { modelId: wire.model_id }),
  ...(wire.dataset_name !== undefined && { datasetName: wire.dataset_name }),
  ...(wire.dataset_digest !== undefined && { datasetDigest: wire.dataset_digest }),
});

export const fromMetric = (metric: Metric) => ({
  key: metric.key,
  value: wireNumber(metric.value),
  timestamp: metric.timestamp,
  step: metric.step,
  model_id: metric.modelId,
  dataset_name: metric.datasetName,
  dataset_digest: metric.datasetDigest,
});

export interface HistoryInterval extends CallOptions {
  readonly startStep?: number | undefined;
  readonly endStep?: number | undefined;
  /** Points for each run, at most 2500. */
  readonly maxPoints?: number | undefined;
}

export interface MetricSample {
  /** By run id, step, timestamp and value. */
  readonly points: readonly MetricOfRun[];
  /** How many points those of each run stand for. A plain MLflow server does not say. */
  readonly counts: ReadonlyMap<string, number>;
}

export interface ValueAtStep {
  readonly value: number;
  readonly step: number;
}

export interface MetricSummary {
  readonly key: string;
  readonly points: number;
  readonly last: ValueAtStep;
  /** The lowest value and the first step that has it; absent when no value is a number. */
  readonly lowest: ValueAtStep | undefined;
  readonly highest: ValueAtStep | undefined;
}

export function metricVerbs(transport: Transport) {
  return {
    /** Every point of a run's metric, by timestamp, step and value. A run or metric that is unknown has none. */
    getMetricHistory: (runId: string, key: string, given: CallOptions & { pageSize?: number } = {}) =>
      paged(async (token) => {
        const query = { run_id: runId, metric_key: key, max_results: given.pageSize ?? 25_000, page_token: token };
        const reply = await transport.get<{ metrics?: WireMetric[]; next_page_token?: string }>(
          'metrics/get-history',
          query,
          given,
        );
        return pageOf(reply.metrics, reply.next_page_token, toMetric);
      }),

    /** A metric of up to 100 runs, thinned out to `maxPoints` a run for drawing. */
    async getMetricHistoryInterval(
      runIds: readonly string[],
      key: string,
      given: HistoryInterval = {},
    ): Promise<MetricSample> {
      const query = {
        run_ids: runIds,
        metric_key: key,
        start_step: given.startStep,
        end_step: given.endStep,
        max_results: given.maxPoints,
      };
      const reply = await transport.get<{ metrics?: WireMetric[]; points?: Record<string, number> }>(
        'metrics/get-history-bulk-interval',
        query,
        given,
      );
      return {
        points: (reply.metrics ?? []).map((wire) => ({ ...toMetric(wire), runId: wire.run_id ?? '' })),
        counts: new Map(Object.entries(reply.points ?? {})),
      };
    },

    /** Every metric of a run by key: how many points it has, its last one, its lowest and its highest. */
    async summarizeMetrics(runId: string, options?: CallOptions): Promise<MetricSummary[]> {
      const path = `runs/${encodeURIComponent(runId)}/metrics`;
      const { metrics } = await transport.own.get<MetricSummaryReply>(path, {}, options);
      return metrics.map(({ key, points, last, lowest, highest }) => ({
        key,
        points,
        last: toValue(last),
        lowest: lowest === null ? undefined : toValue(lowest),
        highest: highest === null ? undefined : toValue(highest),
      }));
    },
  };
}

const toValue = ({ value, step }: MetricSummaryReply['metrics'][number]['last']): ValueAtStep => ({
  value: Number(value),
  step,
});
