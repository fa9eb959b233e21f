import type { ReactNode } from 'react';
import type { ModelVersion } from '../app/api.ts';
import { CurveChart } from '../kit/chart.tsx';
import { Section } from '../kit/page.tsx';

interface VersionHistoryProps {
  readonly versions: readonly ModelVersion[];
  readonly figureOf: (version: ModelVersion) => number | undefined;
  /** What the values are. */
  readonly name: string;
  /** What a reader must know of them. */
  readonly note: ReactNode;
}

/** Values over the versions of a model; nothing where there is no line to draw. */
export function VersionHistory({ versions, figureOf, name, note }: VersionHistoryProps) {
  const points = versions
    .flatMap((version) => {
      const y = figureOf(version);
      return y === undefined || !Number.isFinite(y) ? [] : [{ x: Number(version.version), y }];
    })
    .toSorted((a, b) => a.x - b.x);
  if (points.length < 2) return null;
  const title = `${name} over versions`;
  return (
    <Section title={title}>
      <CurveChart
        label={title}
        curves={[{ id: name, name, look: 0, x: points.map(({ x }) => x), y: points.map(({ y }) => y) }]}
        x={{ label: 'version', kind: 'count', write: (x) => (Number.isInteger(x) ? `v${x}` : '') }}
        note={note}
      />
    </Section>
  );
}
