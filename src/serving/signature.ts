import { parse } from 'yaml';
import { AppError } from '../errors.ts';

/** MLflow's scalar column types. */
export const columnTypes = ['boolean', 'integer', 'long', 'float', 'double', 'string', 'binary', 'datetime'] as const;
export type ColumnType = (typeof columnTypes)[number];

export interface Column {
  readonly name: string;
  readonly type: ColumnType;
  readonly required: boolean;
}

export interface Param {
  readonly name: string;
  readonly type: ColumnType;
  readonly default: unknown;
  /** Undefined for a scalar; `[-1]` for a list. */
  readonly shape: readonly number[] | undefined;
}

/**
 * What a model takes. `columns`: a table of named scalar columns, which the gateway checks and casts itself; where the
 * model has no signature they were learned from its holdout, and rows without names are then taken in their order.
 * `anything`: tensors, nested types or nothing known: MLflow's own code reads the body beside the model.
 */
export type ModelInput =
  | {
      readonly kind: 'columns';
      readonly columns: readonly Column[];
      readonly params: readonly Param[];
      readonly declared: boolean;
    }
  | { readonly kind: 'anything'; readonly why: string };

export interface ModelDescription {
  readonly flavors: readonly string[];
  readonly mlflowVersion: string | undefined;
  readonly input: ModelInput;
  readonly outputs: readonly OutputSpec[];
  /** The file with an example in the form of a request's body; undefined where the model has none. */
  readonly exampleFile: string | undefined;
}

export interface OutputSpec {
  readonly name: string | undefined;
  readonly type: string;
}

/** What an `MLmodel` file says. Throws INVALID_PARAMETER_VALUE when it is not one. */
export function readModelDescription(text: string): ModelDescription {
  const model = asRecord(parseYaml(text));
  const flavors = Object.keys(asRecord(model['flavors']));
  if (flavors.length === 0) throw unreadable('it lists no flavors');
  const signature = asRecord(model['signature']);
  const example = asRecord(model['saved_input_example_info'])['serving_input_path'];
  return {
    flavors,
    mlflowVersion: asText(model['mlflow_version']),
    input: readInput(signature, model['is_signature_from_type_hint'] === true),
    outputs: readOutputs(signature['outputs']),
    exampleFile: asText(example),
  };
}

function readInput(signature: Record<string, unknown>, fromTypeHint: boolean): ModelInput {
  const specs = readSpecs(signature['inputs']);
  if (specs === undefined) return { kind: 'anything', why: 'the model has no signature' };
  if (fromTypeHint) return { kind: 'anything', why: 'the signature comes from a type hint' };
  const columns: Column[] = [];
  for (const spec of specs) {
    const { name, type } = spec;
    if (typeof name !== 'string' || !isColumnType(type))
      return { kind: 'anything', why: `the signature has an input of type ${String(type)}` };
    columns.push({ name, type, required: spec['required'] !== false && spec['optional'] !== true });
  }
  return { kind: 'columns', columns, params: readParams(signature['params']), declared: true };
}

function readParams(value: unknown): Param[] {
  const params: Param[] = [];
  for (const spec of readSpecs(value) ?? [])
    if (typeof spec['name'] === 'string' && isColumnType(spec['type']))
      params.push({
        name: spec['name'],
        type: spec['type'],
        default: spec['default'],
        shape: Array.isArray(spec['shape']) ? spec['shape'].map(Number) : undefined,
      });
  return params;
}

function readOutputs(value: unknown): OutputSpec[] {
  return (readSpecs(value) ?? []).map((spec) => {
    const tensor = asRecord(spec['tensor-spec']);
    return { name: asText(spec['name']), type: asText(tensor['dtype']) ?? asText(spec['type']) ?? 'unknown' };
  });
}

/** MLflow keeps each part of a signature as JSON text inside the YAML. */
function readSpecs(value: unknown): Record<string, unknown>[] | undefined {
  if (value === undefined || value === null) return undefined;
  let list = value;
  if (typeof value === 'string')
    try {
      list = JSON.parse(value);
    } catch {
      throw unreadable('its signature is not JSON');
    }
  return Array.isArray(list) ? list.map(asRecord) : undefined;
}

function parseYaml(text: string): unknown {
  try {
    return parse(text);
  } catch (cause) {
    throw unreadable((cause as Error).message);
  }
}

const unreadable = (why: string) =>
  new AppError('INVALID_PARAMETER_VALUE', `The model's file MLmodel cannot be read: ${why}.`);
const isColumnType = (value: unknown): value is ColumnType => (columnTypes as readonly unknown[]).includes(value);
const asText = (value: unknown) => (typeof value === 'string' ? value : undefined);
const asRecord = (value: unknown): Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : {};
