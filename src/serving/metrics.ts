import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { Champion } from './champions.ts';
import type { QueueEvents } from './queue.ts';
import type { ServedSlot } from './reconciler.ts';

/** Counts for one deployment, bound to its labels once. */
export interface DeploymentMeter extends QueueEvents {
  answered(status: number, seconds: number): void;
  restarted(): void;
}

export interface ServingMetrics {
  readonly registry: Registry;
  meter(champion: Champion): DeploymentMeter;
}

const place = ['environment', 'service'] as const;
const labels = [...place, 'registered_model', 'version'] as const;

/** Prometheus metrics of what is served; gauges read the slots when they are scraped. */
export function servingMetrics(slots: () => readonly ServedSlot[]): ServingMetrics {
  const registry = new Registry();
  const registers = [registry];
  const requests = new Counter({
    name: 'cellar_serving_requests_total',
    help: 'Answered requests for predictions.',
    labelNames: [...labels, 'status'],
    registers,
  });
  const durations = new Histogram({
    name: 'cellar_serving_request_duration_seconds',
    help: 'Time from a whole request to its predictions.',
    labelNames: labels,
    buckets: [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10, 30],
    registers,
  });
  const batches = new Histogram({
    name: 'cellar_serving_batch_requests',
    help: 'Requests that were predicted together.',
    labelNames: labels,
    buckets: [1, 2, 4, 8, 16, 32, 64, 128],
    registers,
  });
  const batchRows = new Counter({
    name: 'cellar_serving_rows_total',
    help: 'Rows that were given to a model.',
    labelNames: labels,
    registers,
  });
  const retries = new Counter({
    name: 'cellar_serving_retries_total',
    help: 'Requests that were predicted again because a worker ended.',
    labelNames: labels,
    registers,
  });
  const restarts = new Counter({
    name: 'cellar_serving_worker_restarts_total',
    help: 'Workers that ended and were started again.',
    labelNames: labels,
    registers,
  });
  const gauge = (name: string, help: string, read: (live: NonNullable<ServedSlot['live']>) => number) =>
    new Gauge({
      name,
      help,
      labelNames: labels,
      registers,
      collect() {
        this.reset();
        for (const { live } of slots())
          if (live !== undefined) this.set(labelsOf(live.deployment.champion), read(live));
      },
    });
  gauge(
    'cellar_serving_queue_requests',
    'Requests that wait or are being predicted.',
    (live) => live.deployment.queue.pending,
  );
  gauge('cellar_serving_workers', 'Workers that are ready.', (live) => live.deployment.workers);
  gauge('cellar_serving_worker_memory_bytes', 'Memory of all worker processes.', (live) => live.deployment.memoryBytes);

  return {
    registry,
    meter(champion) {
      const its = labelsOf(champion);
      const duration = durations.labels(its);
      const batch = batches.labels(its);
      const rows = batchRows.labels(its);
      const byStatus = new Map<number, { inc(): void }>();
      const statusCounter = (status: number) => {
        const known = byStatus.get(status);
        if (known !== undefined) return known;
        const made = requests.labels({ ...its, status: String(status) });
        byStatus.set(status, made);
        return made;
      };
      return {
        answered(status, seconds) {
          statusCounter(status).inc();
          duration.observe(seconds);
        },
        batch(count, rowCount) {
          batch.observe(count);
          rows.inc(rowCount);
        },
        retried: () => retries.labels(its).inc(),
        restarted: () => restarts.labels(its).inc(),
      };
    },
  };
}

const labelsOf = ({ environment, service, registeredModel, version }: Champion) => ({
  environment,
  service,
  registered_model: registeredModel,
  version: String(version),
});
