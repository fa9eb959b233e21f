import uPlot from 'uplot';
import type { Curve } from './chart.tsx';

/**
 * The curves as uPlot draws them: one ascending x for all, and a column for each line. Where a curve has no point of its
 * own the line goes on; where its value is not finite, or not above zero on a logarithmic axis, the line breaks.
 */
export function tableOf(curves: readonly Curve[], log: boolean): uPlot.AlignedData {
  if (curves.length === 0) return [[], []];
  const drawable = (value: number) => (Number.isFinite(value) && (!log || value > 0) ? value : null);
  const tables = curves.map(({ x, y, smooth }): uPlot.AlignedData => {
    const lines = smooth === undefined ? [y] : [y, smooth];
    return [[...x], ...lines.map((line) => line.map(drawable))];
  });
  const breaking = tables.map((table) => table.map(() => 2 as const));
  return tables.length === 1 ? tables[0]! : uPlot.join(tables, breaking);
}
