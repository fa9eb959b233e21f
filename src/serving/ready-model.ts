import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { AppError } from '../errors.ts';
import type { Champion } from './champions.ts';
import { type Compilation, type CompiledModel, compileAndCompare, impossible, readCompiled } from './compilation.ts';
import { type Executor, ExecutorEnded } from './executor.ts';
import { ModelFault, ModelTooSlow } from './faults.ts';
import { type ModelReader, modelReader } from './model-reader.ts';
import { OnnxUnavailable, startOnnxExecutor } from './onnx-executor.ts';
import { type LoadedModel, type PythonExecutor, type StoredRows, startPythonExecutor } from './python-executor.ts';
import { type ModelDescription, type ModelInput, readModelDescription } from './signature.ts';
import { checkAgainst, checkedRows, warmWithExample } from './warm-up.ts';
import type { WorkerLog } from './worker-log.ts';

/** Milliseconds that each step of a start may take. */
export interface StartLimits {
  readonly pythonMs: number;
  readonly loadMs: number;
  readonly warmMs: number;
  readonly compileMs: number;
}

export const defaultStartLimits: StartLimits = {
  pythonMs: 120_000,
  loadMs: 300_000,
  warmMs: 60_000,
  compileMs: 600_000,
};

/** What came of compiling models, by the digest of the model and that of what it was compared on. */
export interface CompilationRecords {
  find(artifactDigest: string, holdout: string): Promise<Compilation | undefined>;
  record(artifactDigest: string, holdout: string, compilation: Compilation): Promise<void>;
}

export interface ModelStart {
  readonly champion: Champion;
  /** The model's files, whose digest was computed. */
  readonly folder: string;
  readonly python: string;
  /** Where workers have their own temporary folders, and where compiled models are kept. */
  readonly workFolder: string;
  readonly compiledFolder: string;
  readonly limits: StartLimits;
  readonly compilations: CompilationRecords;
  readonly log: WorkerLog;
  /** Aborted when the start is called off; what it has started is ended. */
  readonly signal: AbortSignal;
}

/** A model that has predicted what it should: one executor that is ready, and a way to more of them. */
export interface ReadyModel {
  readonly runtime: 'python' | 'onnx';
  /** Why it runs that way, for people. */
  readonly reason: string;
  /** What was compared before it was let at callers. */
  readonly checked: string;
  readonly description: ModelDescription;
  readonly input: ModelInput;
  readonly reader: ModelReader;
  readonly first: Executor;
  readonly another: () => Promise<Executor>;
}

/**
 * Loads a model, warms it up with its example and has it predict rows of its holdout. Throws ModelFault when the model
 * is at fault; PythonUnavailable, OnnxUnavailable and others when it is not.
 */
export async function makeReady(start: ModelStart): Promise<ReadyModel> {
  const description = await describe(start.folder);
  const { champion } = start;
  const compiled = champion.serve.runtime === 'python' ? undefined : await knownCompilation(start);
  if (compiled !== undefined) return onOnnx(start, description, compiled.model, compiled.reason);
  return withPython(start, description);
}

async function describe(folder: string): Promise<ModelDescription> {
  const text = await readFile(path.join(folder, 'MLmodel'), 'utf8').catch(() => {
    throw new ModelFault("The model's folder has no file MLmodel at its top.");
  });
  try {
    return readModelDescription(text);
  } catch (error) {
    throw new ModelFault((error as Error).message);
  }
}

/** What predictions are compared on, as a short key. */
const holdoutKey = ({ holdout }: Champion) =>
  holdout === null
    ? 'none'
    : createHash('sha256').update(`${holdout.path}\0${holdout.target}`).digest('hex').slice(0, 16);

const compiledPlace = ({ compiledFolder, champion }: ModelStart) =>
  path.join(compiledFolder, `${champion.artifactDigest}-${holdoutKey(champion)}`);

async function knownCompilation(start: ModelStart): Promise<{ model: CompiledModel; reason: string } | undefined> {
  const known = await start.compilations.find(start.champion.artifactDigest, holdoutKey(start.champion));
  if (known?.status !== 'equal' || known.fileDigest === null) return undefined;
  const model = await readCompiled(compiledPlace(start), known.fileDigest);
  return model === undefined ? undefined : { model, reason: known.reason };
}

async function onOnnx(
  start: ModelStart,
  description: ModelDescription,
  { plan, refusals, input, sample }: CompiledModel,
  reason: string,
): Promise<ReadyModel> {
  const { folder, limits } = start;
  const reader = modelReader(input);
  const another = async () => {
    const executor = await startOnnxExecutor(path.join(compiledPlace(start), plan.file), limits.loadMs);
    executor.use(plan, refusals);
    return endedWith(start.signal, executor);
  };
  const first = await another();
  try {
    await warmWithExample(first, reader, { folder, exampleFile: description.exampleFile, limitMs: limits.warmMs });
    const checked = await checkAgainst(first, reader, sample, limits.warmMs);
    return { runtime: 'onnx', reason, checked, description, input, reader, first, another };
  } catch (error) {
    first.kill();
    throw error;
  }
}

async function withPython(start: ModelStart, description: ModelDescription): Promise<ReadyModel> {
  const { champion, folder, limits } = start;
  let first = await startPython(start);
  try {
    const loaded = await load(first, folder, limits.loadMs);
    const input = await inputOf(start, description, loaded, first);
    const reader = modelReader(input);
    const warm = (executor: Executor) =>
      warmWithExample(executor, reader, { folder, exampleFile: description.exampleFile, limitMs: limits.warmMs });
    const another = async () => {
      const executor = await startPython(start);
      try {
        await load(executor, folder, limits.loadMs);
        await warm(executor);
        return executor;
      } catch (error) {
        executor.kill();
        throw error;
      }
    };
    await warm(first);
    const checked = await checkRecorded(start, first, reader);
    const { runtime } = champion.serve;
    let reason = 'the service asks for Python';
    if (runtime !== 'python') {
      const { compilation, model, originalEnded } = await compile(start, { description, input, original: first });
      if (model !== undefined) {
        first.kill();
        return await onOnnx(start, description, model, compilation.reason);
      }
      if (runtime === 'onnx') throw new ModelFault(`The service asks for ONNX, and ${compilation.reason}.`);
      reason = compilation.reason;
      if (originalEnded) first = await another();
    }
    return { runtime: 'python', reason, checked, description, input, reader, first, another };
  } catch (error) {
    first.kill();
    throw error;
  }
}

async function startPython({ python, workFolder, log, limits, signal }: ModelStart): Promise<PythonExecutor> {
  signal.throwIfAborted();
  const executor = await startPythonExecutor({ python, workFolder, log, startMs: limits.pythonMs });
  return endedWith(signal, executor);
}

function endedWith<E extends Executor>(signal: AbortSignal, executor: E): E {
  if (signal.aborted) executor.kill();
  signal.addEventListener('abort', executor.kill, { once: true });
  executor.ended.then(() => signal.removeEventListener('abort', executor.kill));
  return executor;
}

async function load(executor: PythonExecutor, folder: string, limitMs: number): Promise<LoadedModel> {
  try {
    return await executor.load(folder, limitMs);
  } catch (error) {
    if (error instanceof ExecutorEnded) throw error;
    throw new ModelFault((error as Error).message);
  }
}

/** What the model takes; where it has no signature, the columns of its holdout that it remembers. */
async function inputOf(
  { champion, limits }: ModelStart,
  { input }: ModelDescription,
  { features }: LoadedModel,
  executor: PythonExecutor,
): Promise<ModelInput> {
  if (input.kind === 'columns' || champion.holdout === null) return input;
  const { types, columns } = await withoutTarget(executor, champion.holdout, limits.loadMs, 1);
  const names = features ?? (input.why === 'the model has no signature' ? columns : []);
  const known = names.filter((name) => columns.includes(name));
  if (known.length === 0 || known.length !== names.length) return input;
  return {
    kind: 'columns',
    declared: false,
    params: [],
    columns: known.map((name) => ({ name, type: asColumnType(types[name]), required: true })),
  };
}

/** Without a signature a whole number may be a measurement as well, and doubles hold both. */
const asColumnType = (type: string | undefined) =>
  type === 'string' || type === 'datetime' || type === 'boolean' ? type : 'double';

async function withoutTarget(
  executor: PythonExecutor,
  holdout: NonNullable<Champion['holdout']>,
  limitMs: number,
  limit?: number,
): Promise<StoredRows> {
  const rows = await executor.rows(holdout.path, limitMs, limit);
  const at = rows.columns.indexOf(holdout.target);
  if (at === -1) return rows;
  return {
    ...rows,
    columns: rows.columns.toSpliced(at, 1),
    data: rows.data.map((row) => row.toSpliced(at, 1)),
  };
}

/** Has the model predict some rows of its holdout again, and compares with what its evaluation recorded of them. */
async function checkRecorded(
  { champion, limits }: ModelStart,
  executor: PythonExecutor,
  reader: ModelReader,
): Promise<string> {
  const { holdout, predictionsPath } = champion;
  if (holdout === null || predictionsPath === null) return 'it has no evaluation to be compared with';
  const rows = await withoutTarget(executor, holdout, limits.loadMs, checkedRows);
  const answers = await executor.rows(predictionsPath, limits.loadMs, checkedRows);
  return checkAgainst(executor, reader, { columns: rows.columns, data: rows.data, answers }, limits.warmMs);
}

async function compile(
  start: ModelStart,
  { description, input, original }: { description: ModelDescription; input: ModelInput; original: PythonExecutor },
): Promise<{ compilation: Compilation; model?: CompiledModel | undefined; originalEnded: boolean }> {
  const { champion, folder, limits, compilations } = start;
  const key = holdoutKey(champion);
  const known = await compilations.find(champion.artifactDigest, key);
  if (known?.status === 'different') return { compilation: known, originalEnded: false };
  const out = compiledPlace(start);
  let originalEnded = false;
  const compilation = await compileAndCompare({
    folder,
    flavors: description.flavors,
    input,
    original,
    out,
    limits: { holdoutMs: limits.compileMs, sampleMs: limits.warmMs, loadMs: limits.loadMs },
    holdout: champion.holdout === null ? undefined : await withoutTarget(original, champion.holdout, limits.loadMs),
    compile: async (target, columns) => {
      const compiler = await startPython(start);
      try {
        return await compiler.compile(folder, target, columns, limits.compileMs);
      } finally {
        compiler.kill();
      }
    },
  }).catch((error: unknown): Compilation => {
    originalEnded = error instanceof ModelTooSlow;
    if (error instanceof ModelFault || error instanceof OnnxUnavailable || error instanceof AppError)
      return impossible(error.message);
    throw error;
  });
  await compilations.record(champion.artifactDigest, key, compilation);
  return {
    compilation,
    originalEnded,
    model: compilation.fileDigest === null ? undefined : await readCompiled(out, compilation.fileDigest),
  };
}
