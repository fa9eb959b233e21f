import { expect, it } from 'vitest';
import type { RunRow } from '../app/api.ts';
import { linesOf } from './tree.ts';

const aRun = (runId: string): RunRow => ({
  runId,
  name: runId,
  status: 'FINISHED',
  user: '',
  startTime: 0,
  endTime: 0,
  parentRunId: null,
  children: 0,
  source: null,
  commit: null,
  models: [],
  datasets: [],
  cells: [],
});

const forest = (open: string[], children: Record<string, string[]>) => ({
  roots: 4,
  rootAt: (index: number) => ['a', 'b', 'c', undefined].map((id) => (id === undefined ? undefined : aRun(id)))[index],
  loaded: [0, 1, 2],
  isOpen: (id: string) => open.includes(id),
  childrenOf: (id: string) => children[id]?.map(aRun),
});

const drawn = (open: string[], children: Record<string, string[]>) => {
  const lines = linesOf(forest(open, children));
  return Array.from({ length: lines.count }, (_, i) => {
    const line = lines.at(i);
    return line === undefined ? '?' : '>'.repeat(line.depth) + line.run.runId;
  });
};

it('puts nested runs below the run that they are nested in', () => {
  expect(drawn([], {})).toEqual(['a', 'b', 'c', '?']);
  expect(drawn(['a', 'c'], { a: ['a1', 'a2'], c: ['c1'] })).toEqual(['a', '>a1', '>a2', 'b', 'c', '>c1', '?']);
});

it('opens runs inside nested runs', () => {
  expect(drawn(['a', 'a1'], { a: ['a1', 'a2'], a1: ['x'] })).toEqual(['a', '>a1', '>>x', '>a2', 'b', 'c', '?']);
});

it('draws nothing of nested runs that are still on their way', () => {
  expect(drawn(['b'], {})).toEqual(['a', 'b', 'c', '?']);
});

it('ends where a run is nested in itself', () => {
  expect(drawn(['a', 'a1'], { a: ['a1'], a1: ['a'] })).toEqual(['a', '>a1', '>>a', 'b', 'c', '?']);
});
