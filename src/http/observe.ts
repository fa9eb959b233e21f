import { monitorEventLoopDelay } from 'node:perf_hooks';
import type { FastifyInstance } from 'fastify';
import { collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';

const slowMs = 1000;
const samplingMs = 10;

/**
 * Prometheus metrics at `/metrics`, with those that rooms keep themselves, and a log line for every slow request; all others are logged at debug level (what
 * failed on our side is logged where it is answered).
 */
export function observeRequests(app: FastifyInstance, rooms: readonly Registry[]): void {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry, prefix: 'cellar_' });
  const durations = new Histogram({
    name: 'cellar_http_request_duration_seconds',
    help: 'Time from the head of a request to the end of its answer.',
    labelNames: ['method', 'route', 'status'],
    buckets: [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10],
    registers: [registry],
  });
  const delay = monitorEventLoopDelay({ resolution: samplingMs });
  delay.enable();
  new Gauge({
    name: 'cellar_event_loop_delay_p99_seconds',
    help: '99th percentile of the event loop delay since the last scrape.',
    registers: [registry],
    collect() {
      // What is measured includes the wait for the sample itself.
      this.set(Math.max(0, delay.percentile(99) / 1e9 - samplingMs / 1000));
      delay.reset();
    },
  });

  app.addHook('onResponse', (request, reply, done) => {
    const elapsedMs = reply.elapsedTime;
    const route = request.routeOptions.url ?? 'unknown';
    durations.observe({ method: request.method, route, status: reply.statusCode }, elapsedMs / 1000);
    const line = {
      reqId: request.id,
      method: request.method,
      route,
      status: reply.statusCode,
      elapsedMs: Math.round(elapsedMs * 10) / 10,
    };
    if (elapsedMs > slowMs) request.log.info(line, 'slow request');
    else request.log.debug(line, 'request');
    done();
  });
  app.get('/metrics', async (_request, reply) => {
    reply.type(registry.contentType);
    return (await Promise.all([registry, ...rooms].map((each) => each.metrics()))).join('\n');
  });
  app.addHook('onClose', async () => delay.disable());
}
