import { type KeyboardEvent, useEffect, useRef } from 'react';
import 'uplot/dist/uPlot.min.css';
import css from './chart.module.css';
import type { CanvasProps } from './chart.tsx';
import { type Drawing, drawChart } from './chart-drawing.ts';
import { useShownTheme } from './colors.ts';

/** The drawing in the page; a chunk of its own, since it brings the library. Its keyboard reads it like a slider. */
export default function ChartCanvas({ at, reads, ...chart }: CanvasProps) {
  const theme = useShownTheme();
  const place = useRef<HTMLDivElement>(null);
  const drawing = useRef<Drawing>(undefined);
  useEffect(() => {
    const { current } = place;
    if (current === null) return;
    const made = drawChart(current);
    drawing.current = made;
    const size = new ResizeObserver(made.fit);
    size.observe(current);
    return () => {
      size.disconnect();
      made.remove();
    };
  }, []);
  useEffect(() => drawing.current?.show(chart, theme));

  const walk = (event: KeyboardEvent) => {
    const direction = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (direction === undefined) return;
    event.preventDefault();
    drawing.current?.walk(direction);
  };
  return (
    <div
      ref={place}
      className={css['canvas']}
      role="slider"
      aria-label={`Read ${chart.label}`}
      aria-valuenow={at ?? 0}
      aria-valuetext={reads}
      tabIndex={0}
      onKeyDown={walk}
      onBlur={() => chart.onPoint(undefined)}
      onDoubleClick={() => chart.onRange?.(undefined)}
    />
  );
}
