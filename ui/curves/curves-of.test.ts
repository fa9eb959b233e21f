import { describe, expect, it } from 'vitest';
import { curvesOf } from './curves-of.ts';

const point = (runId: string, step: number, value: number, timestamp = 1000 + step) => ({
  runId,
  key: 'loss',
  step,
  value,
  timestamp,
});
const samples = new Map([
  [
    'loss',
    {
      points: [
        point('a', 0, 4),
        point('a', 5, 2),
        point('a', 9, 0),
        point('b', 0, Number.NaN, 7000),
        point('b', 1, 1, 6000),
      ],
      counts: new Map([
        ['a', 1_000_000],
        ['b', 2],
      ]),
    },
  ],
]);
const line = (runId: string, look: number) => ({ runId, metric: 'loss', name: runId, look });
const lines = [line('a', 0), line('b', 1), line('c', 2)];
const plain = { axis: 'step', log: false, smoothing: 0 } as const;

describe('curves of runs', () => {
  it('are by step, and leave out who has no point', () => {
    const drawn = curvesOf(lines, samples, plain);
    expect(drawn.curves.map(({ name, look, x, y }) => ({ name, look, x, y }))).toEqual([
      { name: 'a', look: 0, x: [0, 5, 9], y: [4, 2, 0] },
      { name: 'b', look: 1, x: [0, 1], y: [Number.NaN, 1] },
    ]);
  });

  it('say how many points they draw and how many these stand for', () => {
    expect(curvesOf(lines, samples, plain)).toMatchObject({ points: 5, standFor: 1_000_002, gaps: 1 });
    expect(curvesOf(lines, samples, { ...plain, log: true }).gaps).toBe(2);
  });

  it('are in order of time over time, and begin at 0 over relative time', () => {
    expect(curvesOf(lines, samples, { ...plain, axis: 'time' }).curves[1]).toMatchObject({
      x: [6000, 7000],
      y: [1, Number.NaN],
    });
    expect(curvesOf(lines, samples, { ...plain, axis: 'relative' }).curves.map(({ x }) => x)).toEqual([
      [0, 5, 9],
      [0, 1000],
    ]);
  });

  it('are smoothed beside what was logged, unless there is nothing to smooth', () => {
    const [a, b] = curvesOf(lines, samples, { ...plain, smoothing: 0.5 }).curves;
    expect(a?.y).toEqual([4, 2, 0]);
    expect(a?.smooth).toHaveLength(3);
    expect(b?.smooth).toBeUndefined();
  });
});
