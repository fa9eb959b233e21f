import { keepPreviousData, queryOptions } from '@tanstack/react-query';
import { client } from '../app/api.ts';
import type { CurveSettings } from './settings.ts';

const runsAtOnce = 100;
/** The server's own limit for a run. */
const mostPoints = 2500;
/** Points of all lines of a chart together: more are not told apart, and take long to draw. */
const pointsOfAChart = 25_000;
const liveMs = 3_000;

interface Wanted extends Pick<CurveSettings, 'axis' | 'range'> {
  readonly runIds: readonly string[];
  readonly metric: string;
  /** How many lines share the chart. */
  readonly lines: number;
  readonly live: boolean;
}

/** A metric of some runs, thinned out for drawing; over steps, the part that is shown is asked for by itself. */
export function sampleQuery({ runIds, metric, axis, range, lines, live }: Wanted) {
  const maxPoints = Math.max(150, Math.min(mostPoints, Math.floor(pointsOfAChart / lines)));
  const part =
    axis === 'step' && range !== undefined ? { startStep: Math.floor(range[0]), endStep: Math.ceil(range[1]) } : {};
  const asked = runIds.slice(0, runsAtOnce);
  return queryOptions({
    queryKey: ['metrics', 'sample', metric, asked, part, maxPoints],
    queryFn: ({ signal }) => client.getMetricHistoryInterval(asked, metric, { ...part, maxPoints, signal }),
    placeholderData: keepPreviousData,
    refetchInterval: live ? liveMs : false,
  });
}
