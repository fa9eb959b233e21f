import { createHash } from 'node:crypto';
import { mkdirSync, rmSync } from 'node:fs';
import { readFile, rename, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { AppError } from '../errors.ts';
import { type Answer, answersOf, compareAnswers, isEqual, tolerance } from './compare.ts';
import type { Executor, Outcome, Work } from './executor.ts';
import { modelReader } from './model-reader.ts';
import { type OnnxExecutor, startOnnxExecutor } from './onnx-executor.ts';
import { type OnnxPlan, ownPlan, type Refusals, unfitForOnnx } from './onnx-plan.ts';
import type { CompiledPlans, PythonExecutor, StoredRows } from './python-executor.ts';
import { rowsOfLists } from './rows.ts';
import type { ModelInput } from './signature.ts';
import { answerOnce, checkedRows, predictionsOf } from './warm-up.ts';

/** What came of compiling a model and comparing it with its original over a holdout. */
export interface Compilation {
  /** `equal` alone is served. `different` will not change; `impossible` may, when a converter is installed. */
  readonly status: 'equal' | 'different' | 'impossible';
  /** In words, for people. */
  readonly reason: string;
  readonly rows: number;
  readonly differing: number;
  readonly largestDifference: number;
  readonly tolerance: number;
  /** SHA-256 of the file that describes the compiled model; null unless equal. */
  readonly fileDigest: string | null;
}

/** A compiled model on disk, and what it takes to start it without its original. */
export interface CompiledModel {
  readonly plan: OnnxPlan;
  readonly onnxDigest: string;
  readonly refusals: Refusals;
  readonly input: Extract<ModelInput, { kind: 'columns' }>;
  /** Rows of the holdout with the original's answers: what a new executor is checked with. */
  readonly sample: Sample;
}

interface Sample {
  readonly columns: readonly string[];
  readonly data: readonly (readonly unknown[])[];
  readonly answers: readonly Answer[];
}

export interface CompileTask {
  readonly folder: string;
  readonly flavors: readonly string[];
  readonly input: ModelInput;
  /** The original, loaded. */
  readonly original: PythonExecutor;
  /** Compiles in a process of its own, which is ended. */
  readonly compile: (out: string, columns: readonly string[]) => Promise<CompiledPlans>;
  /** Every row of the holdout, without its target; undefined where there is none. */
  readonly holdout: StoredRows | undefined;
  /** Where the result is put. */
  readonly out: string;
  readonly limits: CompareLimits;
}

/** Milliseconds that a model may take, asked or loaded as ONNX. */
export interface CompareLimits {
  /** For every row of the holdout. */
  readonly holdoutMs: number;
  /** For some rows of it. */
  readonly sampleMs: number;
  readonly loadMs: number;
}

/** What is recorded of a model that cannot be compiled. */
export const impossible = (reason: string): Compilation => ({
  status: 'impossible',
  reason,
  rows: 0,
  differing: 0,
  largestDifference: 0,
  tolerance,
  fileDigest: null,
});

const description = 'compiled.json';

/**
 * Compiles a model, or takes the ONNX that it is, and compares its predictions with the original's on every row. Throws
 * ModelTooSlow when the original does not answer in time; it is ended then.
 */
export async function compileAndCompare(task: CompileTask): Promise<Compilation> {
  const { input, holdout, original, out, limits } = task;
  if (input.kind !== 'columns') return impossible(input.why);
  const unfit = unfitForOnnx(input.columns);
  if (unfit !== undefined) return impossible(unfit);
  if (input.params.length > 0) return impossible('it takes parameters');
  if (holdout === undefined || holdout.data.length === 0) return impossible('there is no holdout to compare it on');
  rmSync(out, { recursive: true, force: true });
  mkdirSync(out, { recursive: true, mode: 0o700 });
  const { plans, reason } = await plansOf(task, input);
  if (plans.length === 0) return impossible(reason ?? 'no converter takes it');

  const read = (data: readonly (readonly unknown[])[]) =>
    modelReader(input).readRows(rowsOfLists(data, holdout.columns), undefined);
  const whole = read(holdout.data);
  const expected = answersOf(predictionsOf(await ask(original, whole, limits.holdoutMs), whole));
  if (expected === undefined) return impossible('its answers have a form that cannot be compared');
  const probes: Probe[] = [];
  for (const work of probesOf(holdout, input).map(read))
    probes.push({ work, wanted: await ask(original, work, limits.sampleMs) });
  let best: Compilation | undefined;
  for (const plan of plans) {
    const tried = await attempt(plan, { out, whole, expected, probes, limits });
    if (tried.compilation.status === 'equal') {
      const sample = {
        columns: holdout.columns,
        data: holdout.data.slice(0, checkedRows),
        answers: expected.slice(0, checkedRows),
      };
      const onnxDigest = await digestOf(path.join(out, plan.file));
      const model: CompiledModel = { plan, onnxDigest, refusals: tried.refusals, input, sample };
      const file = path.join(out, description);
      await writeFile(`${file}.part`, JSON.stringify(model), { mode: 0o600 });
      await rename(`${file}.part`, file);
      return { ...tried.compilation, fileDigest: await digestOf(file) };
    }
    if (best === undefined || tried.compilation.differing < best.differing) best = tried.compilation;
  }
  return best!;
}

/** Reads back what `compileAndCompare` wrote; undefined when a file is missing or is not the one that was compared. */
export async function readCompiled(out: string, fileDigest: string): Promise<CompiledModel | undefined> {
  const file = path.join(out, description);
  try {
    if ((await digestOf(file)) !== fileDigest) return undefined;
    const model = JSON.parse(await readFile(file, 'utf8')) as CompiledModel;
    return (await digestOf(path.join(out, model.plan.file))) === model.onnxDigest ? model : undefined;
  } catch (error) {
    if ((error as { code?: string }).code === 'ENOENT') return undefined;
    throw error;
  }
}

async function plansOf(
  { folder, flavors, compile, out, limits }: CompileTask,
  input: Extract<ModelInput, { kind: 'columns' }>,
): Promise<CompiledPlans> {
  if (!flavors.includes('onnx'))
    return compile(
      out,
      input.columns.map(({ name }) => name),
    );
  const file = path.join(folder, 'model.onnx');
  const copy = path.join(out, 'model.onnx');
  await writeFile(copy, await readFile(file));
  const session = await startOnnxExecutor(copy, limits.loadMs);
  session.kill();
  const plan = ownPlan('model.onnx', input.columns, session);
  return typeof plan === 'string' ? { plans: [], reason: plan } : { plans: [plan], reason: undefined };
}

interface Trial {
  readonly out: string;
  readonly whole: Work;
  readonly expected: readonly Answer[];
  readonly probes: readonly Probe[];
  readonly limits: CompareLimits;
}

/** Odd rows, and what the original makes of them. */
interface Probe {
  readonly work: Work;
  readonly wanted: Outcome;
}

async function attempt(plan: OnnxPlan, trial: Trial): Promise<{ compilation: Compilation; refusals: Refusals }> {
  const executor = await startOnnxExecutor(path.join(trial.out, plan.file), trial.limits.loadMs);
  const [missing, infinite] = trial.probes;
  const refusals = { missing: refusalOf(missing), infinite: refusalOf(infinite) };
  executor.use(plan, refusals);
  try {
    const found = predictionsOf(await ask(executor, trial.whole, trial.limits.holdoutMs), trial.whole);
    const difference = compareAnswers(answersOf(found) ?? [], trial.expected);
    const odd = isEqual(difference) ? await oddRow(executor, trial) : undefined;
    const equal = isEqual(difference) && odd === undefined;
    return {
      refusals,
      compilation: {
        status: equal ? 'equal' : 'different',
        reason: reasonOf(plan, difference, odd),
        rows: difference.rows,
        differing: difference.differing,
        largestDifference: difference.largest,
        tolerance,
        fileDigest: null,
      },
    };
  } catch (error) {
    return { refusals, compilation: { ...impossible((error as Error).message), status: 'different' } };
  } finally {
    executor.kill();
  }
}

function reasonOf({ title }: OnnxPlan, difference: ReturnType<typeof compareAnswers>, odd: string | undefined): string {
  if (!isEqual(difference))
    return `compiled to ONNX (${title}) it predicts ${difference.differing} of ${difference.rows} rows of the holdout otherwise (${difference.first})`;
  if (odd !== undefined) return `compiled to ONNX (${title}) it answers missing or infinite numbers otherwise (${odd})`;
  const precisely =
    difference.largest === 0 ? 'identically' : `within ${difference.largest.toExponential(1)} of the original`;
  return `compiled to ONNX (${title}) it predicts all ${difference.rows} rows of the holdout ${precisely}`;
}

/** The first row with missing or infinite numbers on which the compiled model differs. */
async function oddRow(executor: OnnxExecutor, { probes, limits }: Trial): Promise<string | undefined> {
  for (const { work, wanted } of probes) {
    const found = await ask(executor, work, limits.sampleMs);
    if (wanted instanceof AppError && found instanceof AppError) continue;
    if (wanted instanceof AppError || found instanceof AppError) return 'the original refuses them';
    const difference = compareAnswers(
      answersOf(predictionsOf(found, work)) ?? [],
      answersOf(predictionsOf(wanted, work)) ?? [],
    );
    if (!isEqual(difference)) return difference.first;
  }
  return undefined;
}

/** Rows of the holdout in which a number is missing, and rows in which one is infinite. */
function probesOf(holdout: StoredRows, { columns }: Extract<ModelInput, { kind: 'columns' }>) {
  const places = columns
    .filter(({ type }) => type === 'double' || type === 'float')
    .map(({ name }) => holdout.columns.indexOf(name));
  if (places.length === 0) return [];
  const rows = holdout.data.slice(0, checkedRows);
  return [null, Number.POSITIVE_INFINITY].map((odd) => rows.map((row, i) => row.with(places[i % places.length]!, odd)));
}

const refusalOf = (probe: Probe | undefined) => (probe?.wanted instanceof AppError ? probe.wanted.message : undefined);

const ask = (executor: Executor, work: Work, limitMs: number) =>
  answerOnce(executor, work, limitMs, 'was compared with its compiled form');

const digestOf = async (file: string) =>
  createHash('sha256')
    .update(await readFile(file))
    .digest('hex');
