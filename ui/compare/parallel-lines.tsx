import { type PointerEvent, useState } from 'react';
import { Link } from 'react-router';
import { paths } from '../app/paths.ts';
import type { ComparedRun } from './compare-page.tsx';
import type { Dimension } from './dimension.ts';
import type { Mark, Marks } from './marks.ts';
import css from './plot.module.css';
import { shadeOf } from './shade.ts';

interface ParallelLinesProps {
  readonly width: number;
  readonly axes: readonly Dimension[];
  readonly runs: readonly ComparedRun[];
  readonly shade: Dimension;
  readonly isOn: readonly boolean[];
  readonly marks: Marks;
  readonly pointed: string | undefined;
  readonly onPoint: (runId: string | undefined) => void;
  readonly onMark: (id: string, mark: Mark | undefined) => void;
}

const height = 380;
const top = 14;
/** Places go from `top` down to here; below it is where runs without a value pass. */
const bottom = 330;
const nowhere = 362;
const brushWidth = 36;
const leastMark = 0.02;

const yOf = (place: number | undefined) => (place === undefined ? nowhere : bottom - place * (bottom - top));
const placeOf = (y: number) => Math.min(1, Math.max(0, (bottom - y) / (bottom - top)));

/** A line for each run, which is a link to it, across all axes. */
export function ParallelLines(props: ParallelLinesProps) {
  const { width, axes, runs, shade, isOn, marks, pointed, onPoint, onMark } = props;
  const xOf = (i: number) => ((i + 0.5) * width) / axes.length;
  const lines = runs.map((run, i) => ({
    run,
    isOn: isOn[i] === true,
    color: shadeOf(shade.places[i]),
    path: axes
      .map(({ places }, at) => `${at === 0 ? 'M' : 'L'}${xOf(at).toFixed(1)} ${yOf(places[i]).toFixed(1)}`)
      .join(''),
    says: `${run.title}: ${axes.map(({ name, words }) => `${name} ${words[i] ?? 'none'}`).join(', ')}`,
  }));
  const someMissing = axes.some(({ places }) => places.includes(undefined));
  return (
    <svg width={width} height={height} className={css['plot']} aria-label="Runs across the axes">
      {lines
        // What is marked, and what is pointed to, lies in front.
        .toSorted(
          (a, b) =>
            Number(a.isOn) - Number(b.isOn) || Number(a.run.runId === pointed) - Number(b.run.runId === pointed),
        )
        .map(({ run, isOn: on, color, path, says }) => (
          <Link
            key={run.runId}
            to={paths.run(run.runId)}
            tabIndex={on ? 0 : -1}
            aria-label={says}
            className={`${css['line']} ${on ? '' : css['off']} ${run.runId === pointed ? css['pointed'] : ''}`}
            onPointerEnter={() => onPoint(run.runId)}
            onPointerLeave={() => onPoint(undefined)}
            onFocus={() => onPoint(run.runId)}
            onBlur={() => onPoint(undefined)}
          >
            <path d={path} style={{ stroke: color }} />
          </Link>
        ))}
      {axes.map((axis, i) => (
        <Axis
          key={axis.id}
          axis={axis}
          x={xOf(i)}
          isLast={i === axes.length - 1}
          mark={marks.get(axis.id)}
          onMark={(mark) => onMark(axis.id, mark)}
        />
      ))}
      {someMissing && (
        <text x={8} y={nowhere + 4} className={css['tick']}>
          no value
        </text>
      )}
    </svg>
  );
}

interface AxisProps {
  readonly axis: Dimension;
  readonly x: number;
  readonly isLast: boolean;
  readonly mark: Mark | undefined;
  readonly onMark: (mark: Mark | undefined) => void;
}

/** One axis: a drag along it marks a part, a click takes the mark away. */
function Axis({ axis, x, isLast, mark, onMark }: AxisProps) {
  const [drag, setDrag] = useState<{ readonly start: number; readonly now: number }>();
  const shown =
    drag === undefined ? mark : { from: Math.min(drag.start, drag.now), to: Math.max(drag.start, drag.now) };
  const at = (event: PointerEvent<SVGRectElement>) =>
    placeOf(event.clientY - (event.currentTarget.ownerSVGElement?.getBoundingClientRect().top ?? 0));
  return (
    <g>
      <line x1={x} x2={x} y1={top} y2={bottom} className={css['axis']} />
      {axis.ticks.map(({ place, label }) => (
        <g key={label}>
          <line x1={x - 3} x2={x + 3} y1={yOf(place)} y2={yOf(place)} className={css['axis']} />
          <text
            x={isLast ? x - 7 : x + 7}
            y={yOf(place) + 4}
            textAnchor={isLast ? 'end' : 'start'}
            className={css['tick']}
          >
            {label}
          </text>
        </g>
      ))}
      {shown !== undefined && (
        <rect
          x={x - 7}
          width={14}
          y={yOf(shown.to)}
          height={Math.max(0, yOf(shown.from) - yOf(shown.to))}
          className={css['mark']}
        />
      )}
      <rect
        x={x - brushWidth / 2}
        width={brushWidth}
        y={top - 8}
        height={bottom - top + 16}
        className={css['brush']}
        data-axis={axis.id}
        onPointerDown={(event) => {
          event.currentTarget.setPointerCapture(event.pointerId);
          setDrag({ start: at(event), now: at(event) });
        }}
        onPointerMove={(event) => drag !== undefined && setDrag({ ...drag, now: at(event) })}
        onPointerUp={() => {
          if (shown !== undefined) onMark(shown.to - shown.from < leastMark ? undefined : shown);
          setDrag(undefined);
        }}
      />
    </g>
  );
}
