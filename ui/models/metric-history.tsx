import type { ModelVersion, Run } from '../app/api.ts';
import { CurveChart } from '../kit/chart.tsx';
import { Section } from '../kit/page.tsx';

interface MetricHistoryProps {
  readonly versions: readonly ModelVersion[];
  readonly runOf: ReadonlyMap<string, Run>;
  readonly metric: string;
}

/** A metric of the runs that versions came from, over the versions; nothing where there is no line to draw. */
export function MetricHistory({ versions, runOf, metric }: MetricHistoryProps) {
  const points = versions
    .flatMap(({ version, runId }) => {
      const value = runOf.get(runId)?.metrics.get(metric)?.value;
      return value === undefined || !Number.isFinite(value) ? [] : [{ x: Number(version), y: value }];
    })
    .toSorted((a, b) => a.x - b.x);
  if (points.length < 2) return null;
  return (
    <Section title={`${metric} over versions`}>
      <CurveChart
        label={`${metric} over versions`}
        curves={[{ id: metric, name: metric, look: 0, x: points.map(({ x }) => x), y: points.map(({ y }) => y) }]}
        x={{ label: 'version', kind: 'count', write: (x) => (Number.isInteger(x) ? `v${x}` : '') }}
        note="As logged by each version's source run; their test data may differ."
      />
    </Section>
  );
}
