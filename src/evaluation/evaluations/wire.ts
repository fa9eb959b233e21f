import Type, { type Static } from 'typebox';
import { invalid, shown } from '../../errors.ts';
import { nullable, time } from '../../http/api.ts';
import { checkKey } from '../../names.ts';
import { expectedKey } from '../../schema.ts';
import { type Evaluation, evaluationStatuses, type NamedModel } from './evaluation.ts';

export const evaluationPath = Type.Object({ evaluationId: Type.String() });

const status = () => Type.Enum([...evaluationStatuses]);
const figure = Type.Union([Type.Number(), Type.Enum(['NaN', 'Infinity', '-Infinity'])]);
const percentiles = Type.Object({ p50: Type.Number(), p95: Type.Number() });

export const evaluationSchema = Type.Object({
  evaluationId: Type.String(),
  status: status(),
  label: Type.String({ description: 'The model: `AImodel 3`.' }),
  holdout: Type.Object({ name: Type.String(), version: Type.Integer(), digest: Type.String() }),
  metrics: Type.Record(Type.String(), figure, { description: 'Empty until it has succeeded.' }),
  external: Type.Boolean({ description: 'Somebody posted it: `actor` says who, `endTime` when.' }),
  actor: Type.String(),
  evaluator: Type.String({ description: 'What scored it: the worker’s version, and the digest of metric functions.' }),
  artifactDigest: Type.String(),
  location: Type.String({ description: 'Of the model’s files.' }),
  modelId: nullable(Type.String({ description: 'The logged model.' })),
  sourceRunId: nullable(Type.String({ description: 'The run that made the model.' })),
  runId: nullable(Type.String({ description: 'The run of `cellar/evaluations` that shows it.' })),
  jobId: nullable(Type.String()),
  attempts: Type.Integer(),
  creationTime: time(),
  startTime: nullable(time()),
  endTime: nullable(time()),
  rows: nullable(Type.Integer()),
  classes: nullable(Type.Array(Type.Union([Type.String(), Type.Number(), Type.Boolean()]))),
  latencyMs: nullable(
    Type.Object({
      row: percentiles,
      batch: Type.Object({ p50: Type.Number(), p95: Type.Number(), rows: Type.Integer() }),
    }),
  ),
  sizeBytes: nullable(Type.Integer()),
  warnings: Type.Array(Type.String()),
  hasPredictions: Type.Boolean(),
  error: nullable(Type.Object({ type: Type.String(), message: Type.String() })),
});
export type WireEvaluation = Static<typeof evaluationSchema>;

export const evaluationList = Type.Object({ evaluations: Type.Array(evaluationSchema) });

const modelFields = {
  modelId: Type.Optional(Type.String({ minLength: 1, description: 'A logged model.' })),
  name: Type.Optional(Type.String({ minLength: 1, description: 'A registered model; with `version`.' })),
  version: Type.Optional(Type.Integer({ minimum: 1 })),
  runId: Type.Optional(Type.String({ minLength: 1, description: 'The run that made the model.' })),
};
type ModelFields = Static<ReturnType<typeof modelObject>>;
const modelObject = () => Type.Object(modelFields);

export const listInput = Type.Object({
  ...modelFields,
  holdout: Type.Optional(
    Type.String({ minLength: 1, description: '`wine-holdout`, or one version: `wine-holdout@2`.' }),
  ),
  status: Type.Optional(status()),
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 1000 })),
});

export const postInput = Type.Object({
  ...modelFields,
  holdout: Type.String({ minLength: 1, description: '`wine-holdout@2`' }),
  metrics: Type.Record(Type.String(), Type.Number({ [expectedKey]: 'a finite number' }), { minProperties: 1 }),
});
export type PostInput = Static<typeof postInput>;

export const presentEvaluation = ({ evaluationNo, signature, latency, ...evaluation }: Evaluation): WireEvaluation => ({
  ...evaluation,
  metrics: Object.fromEntries(
    [...evaluation.metrics].map(([name, value]) => [name, Number.isFinite(value) ? value : spelled(value)]),
  ),
  classes: evaluation.classes === null ? null : [...evaluation.classes],
  warnings: [...evaluation.warnings],
  latencyMs:
    latency === null
      ? null
      : {
          row: { p50: latency.rowP50Ms, p95: latency.rowP95Ms },
          batch: { p50: latency.batchP50Ms, p95: latency.batchP95Ms, rows: latency.batchRows },
        },
});

const spelled = (value: number) => (Number.isNaN(value) ? 'NaN' : value > 0 ? 'Infinity' : '-Infinity');

/** The model that a request names; undefined where it names none. Throws INVALID_PARAMETER_VALUE for more or for half. */
export function modelOf({ modelId, name, version, runId }: ModelFields): NamedModel | undefined {
  if ((name === undefined) !== (version === undefined))
    throw invalid(`'name' and 'version' go together: expected the other of them too.`);
  const named: NamedModel[] = [
    ...(modelId === undefined ? [] : [{ modelId }]),
    ...(runId === undefined ? [] : [{ runId }]),
    ...(name === undefined || version === undefined ? [] : [{ name, version }]),
  ];
  if (named.length > 1)
    throw invalid(`The model is named twice: expected one of 'modelId', 'runId', or 'name' and 'version'.`);
  return named[0];
}

/** `wine-holdout@2`, or without a version. Throws INVALID_PARAMETER_VALUE. */
export function holdoutOf(text: string): { name: string; version: number | undefined } {
  const match = /^([^@]+)(?:@([1-9]\d{0,8}))?$/.exec(text);
  if (match === null)
    throw invalid(
      `Invalid value ${shown(text)} for parameter 'holdout' supplied: expected one such as wine-holdout@2.`,
    );
  return { name: match[1]!, version: match[2] === undefined ? undefined : Number(match[2]) };
}

/** Figures under names that MLflow's metrics may have. Throws INVALID_PARAMETER_VALUE. */
export function figuresOf(metrics: PostInput['metrics']): Map<string, number> {
  for (const name of Object.keys(metrics)) checkKey('metric', name);
  return new Map(Object.entries(metrics));
}
