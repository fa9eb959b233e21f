import { Worker } from 'node:worker_threads';
import { AppError } from '../errors.ts';
import { type Executor, ExecutorEnded, type Outcome } from './executor.ts';
import type { OnnxPlan, Refusals, TensorInfo } from './onnx-plan.ts';
import { joinTables, type Layout, type Table } from './table.ts';

/** A thread with an ONNX session. `use` says how tables are given to it, before the first one. */
export interface OnnxExecutor extends Executor {
  readonly inputs: readonly TensorInfo[];
  readonly outputs: readonly TensorInfo[];
  use(plan: OnnxPlan, refusals: Refusals): void;
}

/** The library for ONNX is an optional dependency, and is not there; or the file is none that it can load. */
export class OnnxUnavailable extends Error {
  override readonly name = 'OnnxUnavailable';
}

interface Waiting {
  readonly resolve: (parts: readonly string[]) => void;
  readonly reject: (error: Error) => void;
}

/** Batches that are handed over while one is under way, so that the thread does not wait for the event loop. */
const depth = 2;

/** Loads an ONNX file into a thread of its own. Throws OnnxUnavailable, also when that takes longer than `limitMs`. */
export async function startOnnxExecutor(file: string, limitMs: number): Promise<OnnxExecutor> {
  const worker = new Worker(new URL('./onnx-thread.js', import.meta.url), { workerData: { file } });
  const waiting = new Map<number, Waiting>();
  let asked = 0;
  let gone: string | undefined;
  let failure: Error | undefined;
  const ended = new Promise<string>((resolve) => {
    worker.once('error', (error: Error) => {
      failure = error;
    });
    worker.once('exit', () => {
      gone = failure === undefined ? 'the thread of the ONNX model ended' : failure.message;
      for (const { reject } of waiting.values()) reject(new ExecutorEnded(gone));
      waiting.clear();
      resolve(gone);
    });
  });
  let refuse: (error: Error) => void = () => undefined;
  const ready = new Promise<{ inputs: readonly TensorInfo[]; outputs: readonly TensorInfo[] }>((resolve, reject) => {
    refuse = reject;
    worker.once('message', resolve);
    ended.then((reason) => reject(new OnnxUnavailable(reason)));
  });
  const timer = setTimeout(() => {
    refuse(new OnnxUnavailable(`the ONNX model did not load within ${limitMs} ms`));
    void worker.terminate();
  }, limitMs);
  const session = await ready.finally(() => clearTimeout(timer));
  worker.on('message', ({ id, parts, error }: { id: number; parts?: readonly string[]; error?: string }) => {
    const question = waiting.get(id);
    waiting.delete(id);
    if (parts === undefined) question?.reject(new Error(error));
    else question?.resolve(parts);
  });

  let plan: OnnxPlan | undefined;
  let refusals: Refusals = { missing: undefined, infinite: undefined };

  function ask(table: Table, counts: readonly number[]): Promise<readonly string[]> {
    return new Promise((resolve, reject) => {
      if (gone !== undefined) return reject(new ExecutorEnded(gone));
      const id = asked++;
      waiting.set(id, { resolve, reject });
      worker.postMessage({ id, plan, rows: table.rows, counts, blocks: blocksOf(table) });
    });
  }

  return {
    runtime: 'onnx',
    depth,
    ...session,
    ended,
    memoryBytes: () => undefined,
    kill: () => void worker.terminate(),
    use(wanted, refused) {
      plan = wanted;
      refusals = refused;
    },

    async run(batch) {
      const outcomes = new Array<Outcome>(batch.length);
      const tables: Table[] = [];
      const places: number[] = [];
      batch.forEach((work, i) => {
        if (work.kind !== 'table') throw new Error('An ONNX model takes tables only.');
        const refusal = refusalOf(work.table, refusals);
        if (refusal !== undefined) {
          outcomes[i] = new AppError('BAD_REQUEST', refusal);
          return;
        }
        tables.push(work.table);
        places.push(i);
      });
      if (tables.length === 0) return outcomes;
      const parts = await ask(
        joinTables(tables),
        tables.map(({ rows }) => rows),
      );
      parts.forEach((part, i) => {
        outcomes[places[i]!] = part;
      });
      return outcomes;
    },
  };
}

const columnPlaces = new WeakMap<Layout, readonly (readonly number[])[]>();

function placesOf(layout: Layout): readonly (readonly number[])[] {
  let places = columnPlaces.get(layout);
  if (places === undefined) {
    const at = new Map(layout.columns.map(({ name }, i) => [name, i]));
    places = layout.blocks.map(({ columns }) => columns.map((name) => at.get(name)!));
    columnPlaces.set(layout, places);
  }
  return places;
}

function blocksOf({ layout, blocks }: Table) {
  return placesOf(layout).map((columns, i) => ({ columns, cells: blocks[i]! }));
}

function refusalOf({ blocks }: Table, { missing, infinite }: Refusals): string | undefined {
  if (missing === undefined && infinite === undefined) return undefined;
  for (const cells of blocks) {
    if (!(cells instanceof Float64Array || cells instanceof Float32Array)) continue;
    for (const cell of cells) {
      if (Number.isFinite(cell)) continue;
      const refusal = Number.isNaN(cell) ? missing : infinite;
      if (refusal !== undefined) return refusal;
    }
  }
  return undefined;
}
