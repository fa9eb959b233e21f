import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { type CompileTask, compileAndCompare } from './compilation.ts';
import type { Outcome, Work } from './executor.ts';
import { ModelTooSlow } from './faults.ts';
import { startOnnxExecutor } from './onnx-executor.ts';
import type { PythonExecutor } from './python-executor.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'cellar-compilation-'));
});
afterEach(() => {
  vi.useRealTimers();
  rmSync(folder, { recursive: true, force: true });
});

const numbersOf = (work: Work | undefined) =>
  work?.kind === 'table' ? [...(work.table.blocks[0] as Float64Array)] : [];

/** A model of one column that answers its rows, and hangs on those that `hangs` names. */
function taskOf(hangs: (cell: number) => boolean) {
  const seen = { killed: false };
  const original: Partial<PythonExecutor> = {
    run: ([work]) => {
      const cells = numbersOf(work);
      if (cells.some(hangs)) return new Promise<Outcome[]>(() => undefined);
      return Promise.resolve([JSON.stringify(cells)]);
    },
    kill: () => {
      seen.killed = true;
    },
  };
  const task: CompileTask = {
    folder,
    flavors: ['sklearn'],
    input: {
      kind: 'columns',
      columns: [{ name: 'x', type: 'double', required: true }],
      params: [],
      declared: true,
    },
    original: original as PythonExecutor,
    compile: () =>
      Promise.resolve({
        plans: [
          {
            file: 'model.onnx',
            title: 'one matrix',
            input: { kind: 'matrix', name: 'x', type: 'float64' },
            output: { kind: 'values', name: 'y' },
          },
        ],
        reason: undefined,
      }),
    holdout: { total: 1, types: { x: 'double' }, columns: ['x'], data: [[1]] },
    out: path.join(folder, 'out'),
    limits: { holdoutMs: 1, sampleMs: 1, loadMs: 1 },
  };
  return { seen, task };
}

test.each([
  ['a row of the holdout', (cell: number) => cell === 1],
  ['a missing number', (cell: number) => Number.isNaN(cell)],
  ['an infinite number', (cell: number) => cell === Number.POSITIVE_INFINITY],
])('an original that does not end with %s is ended', async (_, hangs) => {
  const { task, seen } = taskOf(hangs);
  await expect(compileAndCompare(task)).rejects.toThrow(ModelTooSlow);
  expect(seen.killed).toBe(true);
});

test('an ONNX file that does not end loading is given up', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  const started = startOnnxExecutor(path.join(folder, 'model.onnx'), 1000);
  vi.advanceTimersByTime(1000);
  await expect(started).rejects.toThrow('the ONNX model did not load within 1000 ms');
});
