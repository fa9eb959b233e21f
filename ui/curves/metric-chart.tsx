import { useQueries } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import type { MetricSample } from '../app/api.ts';
import { type Curve, CurveChart } from '../kit/chart.tsx';
import { count, duration, stamp } from '../kit/format.ts';
import { Failure, Loading } from '../kit/states.tsx';
import { curvesOf, type DrawnLines, type Line } from './curves-of.ts';
import css from './metric-chart.module.css';
import { sampleQuery } from './queries.ts';
import type { CurveSettings } from './settings.ts';

const xOf = {
  step: { label: 'Step', kind: 'count', write: (x: number) => count(Math.round(x)) },
  time: { label: 'At', kind: 'time', write: stamp },
  relative: { label: 'After', kind: 'duration', write: duration },
} as const;

interface MetricChartProps {
  readonly title: string;
  readonly lines: readonly Line[];
  readonly settings: CurveSettings;
  readonly onSettings: (change: Partial<CurveSettings>) => void;
  /** Some of the runs go on. */
  readonly running: boolean;
  /** Draws a line's name in the legend, where it is more than text. */
  readonly nameOf?: ((curve: Curve) => ReactNode) | undefined;
  readonly actions?: ReactNode;
}

/** The curves of some metrics of some runs in one chart, fetched as they are wanted. */
export function MetricChart({ title, lines, settings, onSettings, running, nameOf, actions }: MetricChartProps) {
  const { axis, log, smoothing, range } = settings;
  const metrics = [...new Set(lines.map((line) => line.metric))];
  const { samples, pending, stale, error, retry } = useQueries({
    queries: metrics.map((metric) =>
      sampleQuery({
        runIds: lines.filter((line) => line.metric === metric).map((line) => line.runId),
        metric,
        axis,
        range,
        lines: lines.length,
        live: running && settings.live,
      }),
    ),
    combine: combined,
  });
  const byMetric = new Map(
    metrics.flatMap((metric, i): [string, MetricSample][] => (samples[i] === undefined ? [] : [[metric, samples[i]]])),
  );
  const drawn = curvesOf(lines, byMetric, { axis, log, smoothing });
  return (
    <section className={css['card']}>
      <header className={css['head']}>
        <h2>{title}</h2>
        {actions}
      </header>
      {pending ? (
        <Loading what={title} rows={5} />
      ) : error !== undefined ? (
        <Failure error={error} onRetry={retry} />
      ) : drawn.curves.length === 0 ? (
        <p className={css['none']}>
          {range === undefined ? 'No points were logged.' : 'No points lie in the part that is shown.'}
        </p>
      ) : (
        <CurveChart
          label={title}
          curves={drawn.curves}
          x={xOf[axis]}
          log={log}
          range={range}
          onRange={(next) => onSettings({ range: next })}
          note={noteOn(drawn, settings)}
          nameOf={nameOf}
          stale={stale}
        />
      )}
    </section>
  );
}

interface Asked {
  readonly data: MetricSample | undefined;
  readonly isPending: boolean;
  readonly isPlaceholderData: boolean;
  readonly error: Error | null;
  readonly refetch: () => unknown;
}

/** Several questions as one: kept by the query cache while no answer changes. */
const combined = (asked: readonly Asked[]) => ({
  samples: asked.map(({ data }) => data),
  pending: asked.some(({ isPending }) => isPending),
  stale: asked.some(({ isPlaceholderData }) => isPlaceholderData),
  error: asked.find(({ error }) => error !== null)?.error ?? undefined,
  retry: () => {
    for (const { error, refetch } of asked) if (error !== null) refetch();
  },
});

/** What a reader would otherwise not know of these lines. */
function noteOn({ points, standFor, gaps, curves }: DrawnLines, { log, smoothing }: CurveSettings): string {
  const said = [
    points < standFor
      ? `${count(points)} of ${count(standFor)} points drawn; mark a part to see more of it`
      : `${count(points)} ${points === 1 ? 'point' : 'points'}`,
    curves.some(({ smooth }) => smooth !== undefined) && `smoothed by ${smoothing}, the logged values are faint`,
    gaps > 0 &&
      `${count(gaps)} ${gaps === 1 ? 'value is' : 'values are'} not drawn: ${log ? 'NaN, infinite, or not above 0' : 'NaN or infinite'}`,
  ];
  return `${said.filter((part) => part !== false).join(' · ')}.`;
}
