import { monitorEventLoopDelay } from 'node:perf_hooks';
import type { FastifyInstance } from 'fastify';
import { collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';

const slowMs = 1000;
const samplingMs = 10;
/** Levels at which every request is logged. */
const chatty = new Set(['debug', 'trace']);

/** Tells of a request that has been answered; `route` is its path as it was bound. */
export type Observe = (reqId: string, method: string, route: string, status: number, elapsedMs: number) => void;

/**
 * Prometheus metrics at `/metrics`, with those that rooms keep themselves, and a log line for every slow request; all
 * others are logged at debug level (what failed on our side is logged where it is answered). Returns what tells of a
 * request that Fastify does not see.
 */
export function observeRequests(app: FastifyInstance, rooms: readonly Registry[]): Observe {
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

  const observe: Observe = (reqId, method, route, status, elapsedMs) => {
    durations.observe({ method, route, status }, elapsedMs / 1000);
    const slow = elapsedMs > slowMs;
    if (!slow && !chatty.has(app.log.level)) return;
    const line = { reqId, method, route, status, elapsedMs: Math.round(elapsedMs * 10) / 10 };
    if (slow) app.log.info(line, 'slow request');
    else app.log.debug(line, 'request');
  };
  app.addHook('onResponse', (request, reply, done) => {
    const { id, method, routeOptions } = request;
    observe(id, method, routeOptions.url ?? 'unknown', reply.statusCode, reply.elapsedTime);
    done();
  });
  app.get('/metrics', async (_request, reply) => {
    reply.type(registry.contentType);
    return (await Promise.all([registry, ...rooms].map((each) => each.metrics()))).join('\n');
  });
  app.addHook('onClose', async () => delay.disable());
  return observe;
}
