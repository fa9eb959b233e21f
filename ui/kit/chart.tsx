import { lazy, type ReactNode, Suspense, useState } from 'react';
import css from './chart.module.css';
import { lookOf } from './chart-colors.ts';
import { number } from './format.ts';
import { Loading } from './states.tsx';

/** One line of a chart. `x` ascends; a `y` that is not finite breaks the line. */
export interface Curve {
  readonly id: string;
  /** What the legend calls it, in full. */
  readonly name: string;
  /** Its place in the palette, see `lookOf`. */
  readonly look: number;
  readonly x: readonly number[];
  readonly y: readonly number[];
  /** A smoothed `y`: drawn in front, with the raw line faint behind it. */
  readonly smooth?: readonly number[] | undefined;
}

export type Range = readonly [from: number, to: number];

/** What a chart draws. */
export interface Chart {
  /** What the chart shows, for those who do not see it. */
  readonly label: string;
  readonly curves: readonly Curve[];
  /** What x means, and how it is written. */
  readonly x: {
    readonly label: string;
    readonly kind: 'count' | 'time' | 'duration';
    readonly write: (x: number) => string;
  };
  readonly log?: boolean;
  /** The part of x that is shown; all of it unless given. */
  readonly range?: Range | undefined;
  /** A part of x was marked with the mouse, or the whole is wanted again. */
  readonly onRange?: ((range: Range | undefined) => void) | undefined;
}

export interface CanvasProps extends Chart {
  /** Where the reader points, and what stands there in words. */
  readonly at: number | undefined;
  readonly reads: string;
  /** The reader points to an x, or no longer. */
  readonly onPoint: (x: number | undefined) => void;
}

const Canvas = lazy(() => import('./chart-canvas.tsx'));

interface CurveChartProps extends Chart {
  /** An earlier answer is drawn while the next one is on its way. */
  readonly stale?: boolean;
  /** What a reader must know of these lines, such as how many points they stand for. */
  readonly note?: ReactNode;
  /** Draws a name of the legend, where it is more than text. */
  readonly nameOf?: ((curve: Curve) => ReactNode) | undefined;
}

/** The one chart of curves: the drawing, a legend that reads the values where one points, and a note below it. */
export function CurveChart({ note, nameOf, stale = false, ...chart }: CurveChartProps) {
  const [at, setAt] = useState<number>();
  const values = chart.curves.map((curve) => number(valueNear(curve, at) ?? Number.NaN));
  const place = at === undefined ? 'last values' : `${chart.x.label} ${chart.x.write(at)}`;
  const reads = `${place}: ${chart.curves.map(({ name }, i) => `${name} ${values[i]}`).join(', ')}`;
  return (
    <figure className={css['chart']} aria-label={chart.label} aria-busy={stale}>
      <Suspense fallback={<Loading what="the chart" rows={4} />}>
        <Canvas {...chart} at={at} reads={reads} onPoint={setAt} />
      </Suspense>
      <figcaption className={css['caption']}>
        <ul className={css['legend']}>
          {at !== undefined && <li className={css['at']}>{place}</li>}
          {chart.curves.map((curve, i) => (
            <li key={curve.id}>
              <Swatch look={curve.look} />
              <span className={css['name']}>{nameOf?.(curve) ?? curve.name}</span>
              <b>{values[i]}</b>
            </li>
          ))}
        </ul>
        {note !== undefined && <p className={css['note']}>{note}</p>}
      </figcaption>
    </figure>
  );
}

/** A piece of a curve's line. */
export function Swatch({ look }: { readonly look: number }) {
  const { token, dash } = lookOf(look);
  return (
    <svg width="18" height="10" viewBox="0 0 18 10" className={css['swatch']} aria-hidden="true">
      <path d="M1 5h16" strokeDasharray={dash.join(' ')} style={{ stroke: `var(${token})` }} />
    </svg>
  );
}

/** The value of the point nearest to `at`, of the last one when nobody points. */
function valueNear({ x, y, smooth }: Curve, at: number | undefined): number | undefined {
  const values = smooth ?? y;
  if (at === undefined) return values.at(-1);
  let low = 0;
  let high = x.length - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (x[middle]! < at) low = middle + 1;
    else high = middle;
  }
  const before = low > 0 && at - x[low - 1]! <= x[low]! - at ? low - 1 : low;
  return values[before];
}
