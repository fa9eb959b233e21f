import { AppError } from '../errors.ts';
import type { Executor, Outcome, Work } from './executor.ts';
import type { OnnxPlan } from './onnx-plan.ts';
import { type PythonWorker, startPythonWorker, type WorkerOptions } from './python-worker.ts';
import { joinTables, type Layout, mostLayouts } from './table.ts';

/** What a worker says of the model that it has loaded. */
export interface LoadedModel {
  /** The columns that the model was trained on, where it remembers them. */
  readonly features: readonly string[] | undefined;
  readonly warnings: readonly string[];
}

/** Rows of a Parquet file, as a body of the form `dataframe_split`. */
export interface StoredRows {
  readonly total: number;
  /** MLflow's types by the name of the column. */
  readonly types: Readonly<Record<string, string>>;
  readonly columns: readonly string[];
  readonly data: readonly (readonly unknown[])[];
}

/** A worker process as an executor. It must have loaded its model before it is given work. */
export interface PythonExecutor extends Executor {
  readonly pid: number;
  /** Throws BAD_REQUEST in the model's own words when it does not load. */
  load(modelFolder: string, limitMs: number): Promise<LoadedModel>;
  /** The first rows of a file, or all. Throws status 504 after `limitMs`, when the process is ended. */
  rows(file: string, limitMs: number, limit?: number): Promise<StoredRows>;
  /** Writes ONNX files of a model to a folder. The process is of no other use afterwards. */
  compile(modelFolder: string, out: string, columns: readonly string[], limitMs: number): Promise<CompiledPlans>;
}

/** Ways to ask a compiled model, the first to try in front; `reason` says why there is none. */
export interface CompiledPlans {
  readonly plans: readonly OnnxPlan[];
  readonly reason: string | undefined;
}

/** Starts a worker process. Throws PythonUnavailable. */
export async function startPythonExecutor(options: WorkerOptions): Promise<PythonExecutor> {
  const worker = await startPythonWorker(options);
  const layouts = new Map<Layout, number>();
  /** Once a model has answered several requests as one thing, it is asked one by one. */
  let together = true;

  return {
    runtime: 'python',
    depth: 1,
    pid: worker.pid,
    ended: worker.ended,
    memoryBytes: worker.memoryBytes,
    kill: worker.kill,

    async load(modelFolder, limitMs) {
      const { header } = await worker.ask({ op: 'load', model: modelFolder }, [], limitMs);
      return {
        features: Array.isArray(header['features']) ? header['features'].map(String) : undefined,
        warnings: Array.isArray(header['warnings']) ? header['warnings'].map(String) : [],
      };
    },

    async rows(file, limitMs, limit) {
      const { header, body } = await worker.ask({ op: 'rows', path: file, limit }, [], limitMs);
      const { columns, data } = JSON.parse(body.toString('utf8')) as Pick<StoredRows, 'columns' | 'data'>;
      return {
        total: Number(header['total']),
        types: header['types'] as Readonly<Record<string, string>>,
        columns,
        data,
      };
    },

    async compile(modelFolder, out, columns, limitMs) {
      const { header } = await worker.ask({ op: 'compile', model: modelFolder, out, columns }, [], limitMs);
      return {
        plans: header['plans'] as readonly OnnxPlan[],
        reason: header['reason'] === undefined ? undefined : String(header['reason']),
      };
    },

    async run(batch) {
      const [first] = batch;
      if (first?.kind === 'body') return [await invoke(worker, first)];
      if (together || batch.length === 1) {
        const answer = await predict(worker, layouts, batch);
        together &&= answer.together;
        return answer.outcomes;
      }
      const outcomes: Outcome[] = [];
      for (const work of batch) outcomes.push(...(await predict(worker, layouts, [work])).outcomes);
      return outcomes;
    },
  };
}

async function predict(worker: PythonWorker, layouts: Map<Layout, number>, batch: readonly Work[]) {
  const tables = batch.map((work) => {
    if (work.kind !== 'table') throw new Error('A body is not predicted with others.');
    return work.table;
  });
  const table = joinTables(tables);
  const [first] = batch;
  const known = layouts.get(table.layout);
  // The worker forgets a layout when its number is given to another one.
  if (known === undefined && layouts.size === mostLayouts) layouts.clear();
  const layoutId = known ?? layouts.size;
  if (known === undefined) layouts.set(table.layout, layoutId);
  const texts: Record<string, unknown> = {};
  const parts: Uint8Array[] = [];
  table.blocks.forEach((cells, i) => {
    if (Array.isArray(cells)) texts[i] = cells;
    else parts.push(new Uint8Array(cells.buffer, cells.byteOffset, cells.byteLength));
  });
  const { header, body } = await worker.ask(
    {
      op: 'predict',
      layoutId,
      ...(known === undefined && {
        layout: { blocks: table.layout.blocks, columns: table.layout.columns.map(({ name }) => name) },
      }),
      rows: table.rows,
      counts: tables.map(({ rows }) => rows),
      texts,
      ...(first?.kind === 'table' && first.params !== undefined && { params: first.params }),
    },
    parts,
  );
  let at = 0;
  const outcomes = (header['parts'] as (number | { message: string })[]).map((part): Outcome => {
    if (typeof part !== 'number') return modelFailed(part.message);
    const text = body.toString('utf8', at, at + part);
    at += part;
    return text;
  });
  return { outcomes, together: header['together'] === true || batch.length === 1 };
}

async function invoke(worker: PythonWorker, { body, contentType }: Extract<Work, { kind: 'body' }>): Promise<Outcome> {
  const { header, body: answer } = await worker.ask({ op: 'invoke', contentType }, [body]);
  const status = Number(header['status']);
  if (status === 200) return answer.toString('utf8');
  // What a model makes of a request that MLflow's code has let through is the caller's to mend, as MLflow sees it.
  const code = header['code'] === 'INVALID_PARAMETER_VALUE' ? 'INVALID_PARAMETER_VALUE' : 'BAD_REQUEST';
  return new AppError(code, String(header['message']), status >= 400 && status < 500 ? { status } : {});
}

/** As MLflow, a model that fails on a request blames the request. */
const modelFailed = (message: string) => new AppError('BAD_REQUEST', `The model failed on this request: ${message}`);
