import uPlot from 'uplot';
import type { Chart, Curve, Range } from './chart.tsx';
import { lookOf } from './chart-colors.ts';
import { tableOf } from './chart-table.ts';
import { computedColors } from './colors.ts';
import { number } from './format.ts';

export interface Drawing {
  /** Draws what is new about `chart`: all of it, its points, or only the part of x. */
  show(chart: Drawn, theme: string): void;
  /** Moves the reading by a hundredth of what is shown, to the left (-1) or to the right. */
  walk(direction: number): void;
  fit(): void;
  remove(): void;
}

type Drawn = Chart & { readonly onPoint: (x: number | undefined) => void };

const inks = ['--ink-soft', '--line', '--edge'] as const;

/** A drawing by uPlot that fills `element`. */
export function drawChart(element: HTMLElement): Drawing {
  let plot: uPlot | undefined;
  let shown: Drawn | undefined;
  let shape = '';
  const current = () => shown;
  return {
    show(chart, theme) {
      const before = shown;
      shown = chart;
      const next = shapeOf(chart, theme);
      if (plot === undefined || next !== shape) {
        plot?.destroy();
        plot = new uPlot(optionsOf(element, chart, current), tableOf(chart.curves, chart.log === true), element);
        shape = next;
      } else if (before?.curves !== chart.curves || before.range?.join() !== chart.range?.join()) {
        plot.setData(tableOf(chart.curves, chart.log === true));
      }
    },
    walk(direction) {
      if (plot === undefined) return;
      const width = plot.over.clientWidth;
      const { left = -1 } = plot.cursor;
      const from = left < 0 ? width / 2 : left;
      plot.setCursor({ left: Math.min(width, Math.max(0, from + (direction * width) / 100)), top: 0 });
    },
    fit: () => plot?.setSize({ width: element.clientWidth, height: element.clientHeight }),
    remove: () => plot?.destroy(),
  };
}

/** What cannot change in a drawing that stands. */
const shapeOf = ({ log, x, curves, onRange }: Drawn, theme: string) =>
  JSON.stringify([
    theme,
    log,
    x.label,
    onRange === undefined,
    curves.map((c) => [c.id, c.look, c.smooth === undefined]),
  ]);

function optionsOf(element: HTMLElement, chart: Drawn, current: () => Drawn | undefined): uPlot.Options {
  const { curves, log = false, x } = chart;
  const colors = computedColors([...inks, ...curves.map(({ look }) => lookOf(look).token)]);
  const [ink = '', line = '', edge = ''] = inks.map((token) => colors.get(token));
  const axis = {
    stroke: ink,
    font: `12px ${getComputedStyle(element).fontFamily}`,
    grid: { stroke: line, width: 1 },
    ticks: { stroke: edge, width: 1, size: 4 },
  };
  return {
    width: element.clientWidth,
    height: element.clientHeight,
    ms: 1,
    padding: [8, 12, 0, 0],
    legend: { show: false },
    scales: {
      x: { time: x.kind === 'time', range: (_, min, max) => partOf(current()?.range, min, max) },
      y: { distr: log ? 3 : 1, ...(log && { range: (_: uPlot, min: number, max: number) => decades(min, max) }) },
    },
    axes: [
      {
        ...axis,
        size: 30,
        ...(x.kind !== 'time' && { values: (_, splits) => splits.map((at) => x.write(at)), space: 80 }),
      },
      { ...axis, values: (_, splits) => splits.map((at) => (at === null ? '' : number(at))), size: widthOfLabels },
    ],
    cursor: { y: false, points: { size: 7 }, drag: { x: chart.onRange !== undefined, y: false, setScale: false } },
    series: [{}, ...curves.flatMap((curve) => seriesOf(curve, colors))],
    hooks: {
      setCursor: [
        ({ cursor: { left = -1 }, posToVal }) => current()?.onPoint(left < 0 ? undefined : posToVal(left, 'x')),
      ],
      setSelect: [
        ({ select: { left, width }, posToVal }) => {
          if (width >= 4) current()?.onRange?.([posToVal(left, 'x'), posToVal(left + width, 'x')]);
        },
      ],
    },
  };
}

/** One drawn line, or the faint raw one and the smooth one in front of it. */
function seriesOf({ look, smooth }: Curve, colors: ReadonlyMap<string, string>): uPlot.Series[] {
  const { token, dash } = lookOf(look);
  const front = { stroke: colors.get(token) ?? '', width: 1.75, dash: [...dash] };
  if (smooth === undefined) return [front];
  const behind = { ...front, width: 1, alpha: 0.35, dash: [], points: { show: false } };
  return [behind, { ...front, width: 2.25 }];
}

function partOf(asked: Range | undefined, min: number | null, max: number | null): uPlot.Range.MinMax {
  if (asked !== undefined) return [asked[0], asked[1]];
  const [from, to] = [min ?? 0, max ?? 1];
  // One point alone stands in the middle.
  return to > from ? [from, to] : [from - 1, from + 1];
}

function decades(min: number | null, max: number | null): uPlot.Range.MinMax {
  if (min === null || max === null) return [0.1, 1];
  return min === max ? [min / 10, max * 10] : uPlot.rangeLog(min, max, 10, false);
}

/** The y axis is as wide as its longest label. */
function widthOfLabels(plot: uPlot, labels: string[] | null): number {
  const longest = (labels ?? []).reduce((a, b) => (b.length > a.length ? b : a), '');
  plot.ctx.save();
  plot.ctx.font = `${12 * devicePixelRatio}px ${getComputedStyle(plot.root).fontFamily}`;
  const width = plot.ctx.measureText(longest).width / devicePixelRatio;
  plot.ctx.restore();
  return Math.ceil(width) + 18;
}
