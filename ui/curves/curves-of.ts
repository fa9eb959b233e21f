import type { MetricOfRun, MetricSample } from '../app/api.ts';
import type { Curve } from '../kit/chart.tsx';
import type { Axis, CurveSettings } from './settings.ts';
import { smoothed } from './smoothing.ts';

/** A curve that is wanted: one metric of one run. */
export interface Line {
  readonly runId: string;
  readonly metric: string;
  /** What the legend calls it. */
  readonly name: string;
  /** Its place in the palette. */
  readonly look: number;
}

export interface DrawnLines {
  readonly curves: readonly Curve[];
  readonly points: number;
  /** How many logged points the drawn ones stand for. */
  readonly standFor: number;
  /** Drawn points without a place on the y axis: not finite, or not above zero on a logarithmic one. */
  readonly gaps: number;
}

/** The curves of lines from the samples of their metrics, by metric. Lines without a point are left out. */
export function curvesOf(
  lines: readonly Line[],
  samples: ReadonlyMap<string, MetricSample>,
  { axis, log, smoothing }: Pick<CurveSettings, 'axis' | 'log' | 'smoothing'>,
): DrawnLines {
  const curves: Curve[] = [];
  let standFor = 0;
  let gaps = 0;
  for (const { runId, metric, name, look } of lines) {
    const sample = samples.get(metric);
    const points = (sample?.points ?? []).filter((point) => point.runId === runId);
    if (points.length === 0) continue;
    const along = axis === 'step' ? points : points.toSorted((a, b) => a.timestamp - b.timestamp || a.step - b.step);
    const y = along.map((point) => point.value);
    const drawsSmooth = smoothing > 0 && y.length > 2;
    curves.push({
      id: `${runId} ${metric}`,
      name,
      look,
      x: along.map((point) => placeOf(axis, point, along[0]!)),
      y,
      smooth: drawsSmooth ? smoothed(y, smoothing) : undefined,
    });
    standFor += sample?.counts.get(runId) ?? points.length;
    gaps += y.filter((value) => !Number.isFinite(value) || (log && value <= 0)).length;
  }
  return { curves, points: curves.reduce((sum, { x }) => sum + x.length, 0), standFor, gaps };
}

/** Milliseconds since 1970, milliseconds since the curve began, or the step. */
function placeOf(axis: Axis, point: MetricOfRun, first: MetricOfRun): number {
  if (axis === 'step') return point.step;
  return axis === 'time' ? point.timestamp : point.timestamp - first.timestamp;
}
