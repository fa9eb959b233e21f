import { useState } from 'react';
import { Link } from 'react-router';
import { paths } from '../app/paths.ts';
import { useUrlState } from '../app/url-state.ts';
import { Tick } from '../kit/form.tsx';
import { count } from '../kit/format.ts';
import { Empty } from '../kit/states.tsx';
import type { ComparedRun } from './compare-page.tsx';
import { type Dimension, dimension, dimensionsOf } from './dimension.ts';
import { ColourKey, DimensionChoice } from './dimension-choice.tsx';
import css from './plot.module.css';
import { shadeOf } from './shade.ts';
import { useLogAxes } from './use-log-axes.ts';
import { useWidth } from './use-width.ts';

const height = 420;
const margin = { left: 84, right: 20, top: 16, bottom: 48 };

/** Runs by two of their values, coloured by a third; each mark is a link to its run. */
export function Scatter({ runs }: { readonly runs: readonly ComparedRun[] }) {
  const [params, change] = useUrlState();
  const [place, width] = useWidth<HTMLDivElement>();
  const [pointed, setPointed] = useState<number>();
  const known = dimensionsOf(runs);
  const [logs, setLog] = useLogAxes(known, runs);
  const target = known.find((id) => id.startsWith('metrics.')) ?? known[1];
  if (known.length < 2 || target === undefined) return <Empty title="These runs differ in too little to be drawn" />;
  const chosen = (key: string, otherwise: string) => {
    const id = known.find((each) => each === params.get(key)) ?? otherwise;
    return dimension(id, runs, logs.has(id));
  };
  const x = chosen('x', known.find((id) => id !== target) ?? target);
  const y = chosen('y', target);
  const colour = chosen('colour', target);
  const dots = runs.flatMap((run, i) => {
    const [px, py] = [x.places[i], y.places[i]];
    const at = { run, i, color: shadeOf(colour.places[i]) };
    return px === undefined || py === undefined ? [] : [{ ...at, px, py }];
  });
  const words = (i: number) => [x, y, colour].map(({ name, words }) => `${name} ${words[i] ?? 'none'}`).join(', ');
  const choices = [
    ['x', x],
    ['y', y],
  ] as const;
  return (
    <>
      <div className={css['bar']}>
        {choices.map(([key, axis]) => (
          <span key={key} className={css['axisChoice']}>
            <DimensionChoice label={key} ids={known} value={axis.id} onChoose={(id) => change({ [key]: id })} />
            {axis.canLog && (
              <Tick label="log" checked={axis.log} onChange={(event) => setLog(axis.id, event.target.checked)} />
            )}
          </span>
        ))}
        <DimensionChoice label="Colour" ids={known} value={colour.id} onChoose={(id) => change({ colour: id })} />
        <ColourKey of={colour} />
        {dots.length < runs.length && (
          <span className={css['count']} role="status">
            {count(runs.length - dots.length)} of {count(runs.length)} runs have no place here.
          </span>
        )}
      </div>
      <div ref={place} className={css['card']}>
        {width > 0 && (
          <svg width={width} height={height} className={css['plot']} aria-label={`${y.name} by ${x.name}`}>
            <Grid x={x} y={y} width={width} />
            {dots.map(({ run, i, px, py, color }) => (
              <Link
                key={run.runId}
                to={paths.run(run.runId)}
                aria-label={`${run.title}: ${words(i)}`}
                className={css['dot']}
                onPointerEnter={() => setPointed(i)}
                onPointerLeave={() => setPointed(undefined)}
                onFocus={() => setPointed(i)}
                onBlur={() => setPointed(undefined)}
              >
                <circle cx={xAt(px, width)} cy={yAt(py)} r={pointed === i ? 8 : 6} style={{ fill: color }} />
              </Link>
            ))}
          </svg>
        )}
      </div>
      <p className={css['reads']} aria-live="polite">
        {pointed !== undefined && (
          <>
            <b>{runs[pointed]?.title}</b> {words(pointed)}
          </>
        )}
      </p>
    </>
  );
}

const inset = 10;
const xAt = (place: number, width: number) =>
  margin.left + inset + place * (width - margin.left - margin.right - 2 * inset);
const yAt = (place: number) =>
  height - margin.bottom - inset - place * (height - margin.top - margin.bottom - 2 * inset);

function Grid({ x, y, width }: { readonly x: Dimension; readonly y: Dimension; readonly width: number }) {
  const low = height - margin.bottom;
  return (
    <g>
      {x.ticks.map(({ place, label }) => (
        <g key={label}>
          <line x1={xAt(place, width)} x2={xAt(place, width)} y1={margin.top} y2={low} className={css['grid']} />
          <text x={xAt(place, width)} y={low + 18} textAnchor="middle" className={css['tick']}>
            {label}
          </text>
        </g>
      ))}
      {y.ticks.map(({ place, label }) => (
        <g key={label}>
          <line x1={margin.left} x2={width - margin.right} y1={yAt(place)} y2={yAt(place)} className={css['grid']} />
          <text x={margin.left - 8} y={yAt(place) + 4} textAnchor="end" className={css['tick']}>
            {label}
          </text>
        </g>
      ))}
      <text x={(margin.left + width - margin.right) / 2} y={height - 8} textAnchor="middle" className={css['title']}>
        {x.name}
      </text>
      <text
        transform={`translate(14 ${(margin.top + low) / 2}) rotate(-90)`}
        textAnchor="middle"
        className={css['title']}
      >
        {y.name}
      </text>
    </g>
  );
}
