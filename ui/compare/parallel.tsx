import { useState } from 'react';
import { listFromUrl, listToUrl } from '../app/url-list.ts';
import { useUrlState } from '../app/url-state.ts';
import { Button } from '../kit/button.tsx';
import { count } from '../kit/format.ts';
import { Empty } from '../kit/states.tsx';
import type { ComparedRun } from './compare-page.tsx';
import { dimension, dimensionsOf } from './dimension.ts';
import { ColourKey, DimensionChoice } from './dimension-choice.tsx';
import { isMarked, type Mark, marksFromUrl, marksToUrl, moved } from './marks.ts';
import { ParallelAxis } from './parallel-axis.tsx';
import { ParallelLines } from './parallel-lines.tsx';
import css from './plot.module.css';
import { useLogAxes } from './use-log-axes.ts';
import { useWidth } from './use-width.ts';

interface ParallelProps {
  readonly runs: readonly ComparedRun[];
  /** Compares only these from now on. */
  readonly onKeep: (runIds: readonly string[]) => void;
}

const axesAtFirst = 7;
/** Full names and labels need so much room. */
const narrowestAxis = 128;

/** Parallel coordinates of what differs: axes, their order, their scales and the marks on them stand in the URL. */
export function Parallel({ runs, onKeep }: ParallelProps) {
  const [params, change] = useUrlState();
  const [place, width] = useWidth<HTMLDivElement>();
  const [pointed, setPointed] = useState<string>();
  const known = dimensionsOf(runs);
  const [logs, setLog] = useLogAxes(known, runs);
  if (known.length < 2) return <Empty title="These runs differ in too little to be drawn" />;
  const asked = params.get('axes');
  const ids = asked === null ? firstAxes(known) : listFromUrl(asked).filter((id) => known.includes(id));
  const marks = marksFromUrl(params.get('marks') ?? '');
  const axes = ids.map((id) => dimension(id, runs, logs.has(id)));
  const colour = known.find((id) => id === params.get('colour')) ?? targetOf(known);
  const shade = dimension(colour, runs, logs.has(colour));
  const isOn = runs.map((_, i) => isMarked(i, axes, marks));
  const on = runs.filter((_, i) => isOn[i]);
  const setAxes = (next: readonly string[]) => change({ axes: next.length === 0 ? ',' : listToUrl(next) });
  const setMark = (id: string, mark: Mark | undefined) => {
    const next = new Map(marks);
    if (mark === undefined) next.delete(id);
    else next.set(id, mark);
    change({ marks: marksToUrl(next) });
  };
  const read = runs.findIndex(({ runId }) => runId === pointed);
  const unused = known.filter((id) => !ids.includes(id));
  const whole = Math.max(width, axes.length * narrowestAxis);
  return (
    <>
      <div className={css['bar']}>
        <DimensionChoice label="Colour" ids={known} value={colour} onChoose={(id) => change({ colour: id })} />
        <ColourKey of={shade} />
        {unused.length > 0 && (
          <DimensionChoice label="Add an axis" ids={unused} value="" onChoose={(id) => setAxes([...ids, id])} />
        )}
        <span className={css['count']} role="status">
          {marks.size === 0
            ? 'Drag along an axis to mark a part of it.'
            : `${count(on.length)} of ${count(runs.length)} runs are marked.`}
        </span>
        {marks.size > 0 && (
          <>
            <Button onClick={() => change({ marks: '' })}>Clear the marks</Button>
            {on.length > 0 && on.length < runs.length && (
              <Button onClick={() => onKeep(on.map(({ runId }) => runId))}>Keep only these</Button>
            )}
          </>
        )}
      </div>
      <div ref={place} className={css['card']}>
        <div style={{ inlineSize: whole }}>
          <div className={css['heads']} style={{ gridTemplateColumns: `repeat(${axes.length}, minmax(0, 1fr))` }}>
            {axes.map((axis, i) => (
              <ParallelAxis
                key={axis.id}
                axis={axis}
                mark={marks.get(axis.id)}
                isFirst={i === 0}
                isLast={i === axes.length - 1}
                onMark={(mark) => setMark(axis.id, mark)}
                onLog={(log) => setLog(axis.id, log)}
                onMove={(by) => setAxes(moved(ids, axis.id, i + by))}
                onDrop={(id) => ids.includes(id) && setAxes(moved(ids, id, i))}
                onRemove={() => setAxes(ids.filter((id) => id !== axis.id))}
              />
            ))}
          </div>
          {width > 0 && (
            <ParallelLines
              width={whole}
              axes={axes}
              runs={runs}
              shade={shade}
              isOn={isOn}
              marks={marks}
              pointed={pointed}
              onPoint={setPointed}
              onMark={setMark}
            />
          )}
        </div>
      </div>
      <p className={css['reads']} aria-live="polite">
        {read >= 0 && (
          <>
            <b>{runs[read]?.title}</b>
            {axes.map(({ id, name, words }) => (
              <span key={id}>
                {name} <b>{words[read] ?? '–'}</b>
              </span>
            ))}
          </>
        )}
      </p>
    </>
  );
}

/** The metric that a reader most likely asks about. */
const targetOf = (known: readonly string[]) => known.find((id) => id.startsWith('metrics.')) ?? known[0]!;

const firstAxes = (known: readonly string[]) => {
  const target = targetOf(known);
  return [...known.filter((id) => id !== target && id.startsWith('params.')).slice(0, axesAtFirst - 1), target];
};
