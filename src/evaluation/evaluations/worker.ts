import type { Readable, Writable } from 'node:stream';
import Type, { type Static } from 'typebox';
import type { StartedJob } from '../../jobs/service.ts';
import { pythonPackage } from '../../python-package.ts';
import { checker } from '../../schema.ts';
import { workerEvaluator } from './evaluation.ts';

/** A line of an answer is no longer than this; a model of thousands of classes has a few hundred kilobytes. */
const longestLine = 16 * 1024 ** 2;

/** What the Python worker is asked; its README describes each field. */
export interface WorkerRequest {
  readonly id: string;
  /** Folder of the model, absolute as all paths here. */
  readonly model: string;
  readonly holdout: { readonly path: string; readonly target: string; readonly task: string };
  readonly metricFunctions: readonly { readonly name: string; readonly path: string; readonly function: string }[];
  /** Where it writes the predictions. */
  readonly predictions: string;
  readonly latency: { readonly rowCalls: number; readonly batchRows: number; readonly batchCalls: number };
}

const failure = Type.Object({ type: Type.String(), message: Type.String() });
const figure = Type.Union([Type.Number(), Type.Enum(['NaN', 'Infinity', '-Infinity'])]);
const percentiles = Type.Object({ p50: Type.Number(), p95: Type.Number() });
const success = Type.Object({
  id: Type.String(),
  status: Type.Literal('succeeded'),
  metrics: Type.Record(Type.String(), figure),
  rows: Type.Integer(),
  classes: Type.Union([Type.Array(Type.Union([Type.String(), Type.Number(), Type.Boolean()])), Type.Null()]),
  latencyMs: Type.Union([
    Type.Object({
      row: percentiles,
      batch: Type.Object({ p50: Type.Number(), p95: Type.Number(), rows: Type.Integer() }),
    }),
    Type.Null(),
  ]),
  sizeBytes: Type.Integer(),
  signature: Type.Unknown(),
  warnings: Type.Array(Type.String()),
});
export type WorkerSuccess = Static<typeof success>;
const answer = checker(Type.Union([success, Type.Object({ status: Type.Literal('failed'), error: failure })]));
export type WorkerAnswer = Static<(typeof answer)['schema']>;

const greeting = checker(
  Type.Union([
    Type.Object({ ready: Type.Literal(true), evaluator: Type.String() }),
    Type.Object({ ready: Type.Literal(false), error: failure }),
  ]),
);

export const workerCommand = (python: string): readonly [string, ...string[]] => [
  python,
  '-m',
  'cellar_worker',
  'evaluate',
];
export const workerEnvironment = { PYTHONPATH: pythonPackage, PYTHONDONTWRITEBYTECODE: '1', PYTHONUTF8: '1' };

/** Python cannot evaluate anything: no model's fault. */
export class NoPython extends Error {
  override readonly name = 'NoPython';
}

/** The process is gone, or does not keep to the protocol. */
export class WorkerEnded extends Error {
  override readonly name = 'WorkerEnded';
}

export interface Worker {
  /** Rejects with WorkerEnded when the process ends first. */
  ask(request: WorkerRequest): Promise<WorkerAnswer>;
  /** Lets it end by itself. */
  dismiss(): void;
}

/** Speaks with a job that was started with `workerCommand`. Throws NoPython when it cannot evaluate. */
export async function speakWith(job: StartedJob): Promise<Worker> {
  const started = await job.process.catch((cause: Error) => {
    throw new NoPython(`${cause.message} Expected a Python that has mlflow, as --python or CELLAR_PYTHON names it.`, {
      cause,
    });
  });
  const stdin: Writable = started.stdin!;
  const lines = linesOf(started.stdout!);
  const hello = await next(lines);
  if (hello === undefined) throw new WorkerEnded('It ended before it was ready.');
  if (!greeting.matches(hello)) throw new NoPython('It does not speak as cellar_worker does.');
  if (!hello.ready) throw new NoPython(hello.error.message);
  if (hello.evaluator !== workerEvaluator)
    throw new NoPython(`cellar_worker is of evaluator ${hello.evaluator}, this server needs ${workerEvaluator}.`);
  return {
    async ask(request) {
      stdin.write(`${JSON.stringify(request)}\n`);
      for (let said = await next(lines); said !== undefined; said = await next(lines)) {
        const { id, progress } = said as { id?: unknown; progress?: unknown };
        if (id !== request.id || progress !== undefined) continue;
        if (answer.matches(said)) return said;
        throw new WorkerEnded('Its answer is not one of cellar_worker.');
      }
      throw new WorkerEnded('It ended before it answered.');
    },
    dismiss: () => void stdin.end(),
  };
}

async function next(lines: AsyncIterator<string>): Promise<unknown> {
  const { value, done } = await lines.next();
  if (done) return undefined;
  try {
    return JSON.parse(value);
  } catch (cause) {
    throw new WorkerEnded('It wrote a line that is no JSON.', { cause });
  }
}

/** Lines of bounded length; what is left at the end without its line break is none. */
async function* linesOf(stream: Readable): AsyncGenerator<string, undefined> {
  stream.setEncoding('utf8');
  let rest = '';
  for await (const chunk of toItsEnd(stream)) {
    const parts = (rest + chunk).split('\n');
    rest = parts.pop()!;
    if (rest.length > longestLine) throw new WorkerEnded(`It wrote a line of more than ${longestLine} characters.`);
    yield* parts;
  }
  return undefined;
}

/** A pipe that breaks has come to its end. */
async function* toItsEnd(stream: Readable): AsyncGenerator<string> {
  try {
    yield* stream;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ERR_STREAM_PREMATURE_CLOSE') throw error;
  }
}

/** JSON has no NaN and no infinities; the worker spells them. */
export const metricsOf = (answered: WorkerSuccess): Map<string, number> =>
  new Map(Object.entries(answered.metrics).map(([name, value]) => [name, Number(value)]));
