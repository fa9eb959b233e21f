import { endpoint } from '../../http/api.ts';
import { get, JsonText, type Route } from '../../http/route.ts';
import type { MetricsService } from './service.ts';
import * as wire from './wire.ts';

/** `points` holds JSON objects, any number of them in a piece; `more` are fields that follow. */
function metricsReply(points: readonly Buffer[], more = ''): JsonText {
  const pieces = points.flatMap((piece, i) => (i === 0 ? [piece] : [comma, piece]));
  return new JsonText(Buffer.concat([Buffer.from('{"metrics":['), ...pieces, Buffer.from(`]${more}}`)]));
}

const comma = Buffer.from(',');

export function metricRoutes(metrics: MetricsService): Route[] {
  return [
    get('/mlflow/metrics/get-history', wire.getHistory, async (input) => {
      const { points, nextPageToken } = await metrics.getHistory(input);
      if (points.length === 0) return {};
      const token = nextPageToken === undefined ? '' : `,"next_page_token":"${nextPageToken}"`;
      return metricsReply(points, token);
    }),
    get(
      '/mlflow/metrics/get-history-bulk',
      wire.getHistoryBulk,
      async (input) => metricsReply(await metrics.getHistoryBulk(input)),
      { prefix: 'ajax' },
    ),
    // `points` is Cellar's own: how many points of each run the sample stands for.
    get('/mlflow/metrics/get-history-bulk-interval', wire.getHistoryInterval, async (input) => {
      const { points, counts } = await metrics.getHistoryInterval(input);
      if (points.length === 0) return {};
      return metricsReply(points, `,"points":${JSON.stringify(Object.fromEntries(counts))}`);
    }),
    endpoint(
      'GET',
      '/runs/:runId/metrics',
      {
        summary: 'Lists the metrics of a run: their points, last value, lowest and highest value with its first step.',
        tag: 'runs',
        path: wire.ofRun,
        reply: wire.metricSummaryReply,
      },
      async ({ path }) => ({ metrics: await metrics.summarize(path.runId) }),
    ),
  ];
}
