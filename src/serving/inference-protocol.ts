import { AppError, shown } from '../errors.ts';
import type { JsonRecord, Rows } from './rows.ts';
import { rowsOfColumns, rowsOfLists } from './rows.ts';
import { kindOf, parseJson } from './scoring-body.ts';
import type { ModelDescription, ModelInput } from './signature.ts';

/** A request of the Open Inference Protocol (V2), as rows of a table. */
export interface InferenceRequest {
  readonly id: string | undefined;
  readonly rows: Rows;
  readonly params: JsonRecord | undefined;
  /** Names of the outputs that are wanted; undefined is all. */
  readonly outputs: readonly string[] | undefined;
}

export interface OutputTensor {
  readonly name: string;
  readonly shape: readonly number[];
  readonly datatype: string;
  readonly data: readonly unknown[];
}

const bad = (message: string) => new AppError('BAD_REQUEST', message);

const datatypes: Readonly<Record<string, 'number' | 'boolean' | 'string'>> = {
  BOOL: 'boolean',
  UINT8: 'number',
  UINT16: 'number',
  UINT32: 'number',
  UINT64: 'number',
  INT8: 'number',
  INT16: 'number',
  INT32: 'number',
  INT64: 'number',
  FP16: 'number',
  FP32: 'number',
  FP64: 'number',
  BYTES: 'string',
};

/**
 * Reads an inference request: a tensor of one column for each input, or one matrix of all columns in their order.
 * Throws BAD_REQUEST naming the tensor and what is wrong with it.
 */
export function readInference(body: Buffer, input: ModelInput): InferenceRequest {
  const request = asRecord(parseJson(body), 'The request');
  const { id, inputs, outputs, parameters } = request;
  if (id !== undefined && typeof id !== 'string') throw bad(`'id' must be text; it is ${kindOf(id)}.`);
  if (!Array.isArray(inputs) || inputs.length === 0)
    throw bad(`'inputs' must be a list of at least one tensor; it is ${kindOf(inputs)}.`);
  const tensors = inputs.map((each, i) => readTensor(each, `inputs[${i}]`));
  return {
    id,
    rows: rowsOf(tensors, input),
    params: parameters === undefined ? undefined : asRecord(parameters, "'parameters'"),
    outputs: outputs === undefined ? undefined : outputNames(outputs),
  };
}

interface Tensor {
  readonly name: string;
  readonly rows: number;
  readonly width: number;
  readonly data: readonly unknown[];
}

function readTensor(value: unknown, where: string): Tensor {
  const { name, shape, datatype, data } = asRecord(value, `'${where}'`);
  if (typeof name !== 'string') throw bad(`'${where}.name' must be text; it is ${kindOf(name)}.`);
  const kind = typeof datatype === 'string' ? datatypes[datatype] : undefined;
  if (kind === undefined)
    throw bad(`'${where}.datatype' must be one of ${Object.keys(datatypes).join(', ')}; it is ${kindOf(datatype)}.`);
  if (!Array.isArray(shape) || shape.length === 0 || shape.length > 2 || !shape.every(isCount))
    throw bad(`'${where}.shape' must be one or two whole numbers, rows first; it is ${shown(shape)}.`);
  if (!Array.isArray(data)) throw bad(`'${where}.data' must be a list; it is ${kindOf(data)}.`);
  const flat = data.some(Array.isArray) ? data.flat() : data;
  const [rows, width = 1] = shape as number[];
  // No value stands for such rows, so nothing in the body bounds how many there are.
  if (width === 0 && rows! > 0)
    throw bad(`'${where}.shape' must have at least one value in a row; it is ${shown(shape)}. No rows are [0].`);
  if (flat.length !== rows! * width)
    throw bad(`The tensor '${name}' of shape ${shown(shape)} needs ${rows! * width} values; it has ${flat.length}.`);
  const odd = flat.findIndex((cell) => typeof cell !== kind && cell !== null);
  if (odd !== -1)
    throw bad(
      `The tensor '${name}' of datatype ${datatype}, value ${odd}: expected ${kind}, found ${kindOf(flat[odd])}.`,
    );
  return { name, rows: rows!, width, data: flat };
}

const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0;

function rowsOf(tensors: readonly Tensor[], input: ModelInput): Rows {
  const [first] = tensors;
  const columns = input.kind === 'columns' ? input.columns.map(({ name }) => name) : undefined;
  const isMatrix = tensors.length === 1 && (columns === undefined || !columns.includes(first!.name));
  if (isMatrix && first !== undefined) {
    if (columns !== undefined && first.width !== columns.length)
      throw bad(
        `The model takes ${columns.length} columns; the tensor '${first.name}' has ${first.width}. Send a tensor named like each column, or one matrix of all.`,
      );
    const lists = Array.from({ length: first.rows }, (_, row) =>
      first.data.slice(row * first.width, (row + 1) * first.width),
    );
    return rowsOfLists(lists, columns);
  }
  const byName = new Map<string, readonly unknown[]>();
  for (const { name, rows, width, data } of tensors) {
    if (width !== 1) throw bad(`The tensor '${name}' stands for one column, and its shape has ${width}.`);
    if (rows !== first!.rows)
      throw bad(`The tensor '${name}' has ${rows} rows, and '${first!.name}' has ${first!.rows}.`);
    if (byName.has(name)) throw bad(`The tensor '${name}' is there twice.`);
    byName.set(name, data);
  }
  return rowsOfColumns(byName);
}

function outputNames(outputs: unknown): string[] {
  if (!Array.isArray(outputs)) throw bad(`'outputs' must be a list; it is ${kindOf(outputs)}.`);
  const names = new Set<string>();
  outputs.forEach((each, i) => {
    const { name } = asRecord(each, `'outputs[${i}]'`);
    if (typeof name !== 'string') throw bad(`'outputs[${i}].name' must be text; it is ${kindOf(name)}.`);
    if (names.has(name)) throw bad(`'outputs[${i}].name' must be another than those before it; it is ${shown(name)}.`);
    names.add(name);
  });
  return [...names];
}

const defaultOutput = 'predictions';

/** Predictions as tensors. Throws BAD_REQUEST for answers that have no such form, and for outputs that are not there. */
export function outputTensors(
  predictions: unknown,
  { outputs }: ModelDescription,
  wanted: readonly string[] | undefined,
): OutputTensor[] {
  const all = tensorsOf(predictions, outputs[0]?.name ?? defaultOutput);
  if (wanted === undefined) return all;
  return wanted.map((name) => {
    const found = all.find((tensor) => tensor.name === name);
    if (found === undefined)
      throw bad(`There is no output '${name}'; the model has ${all.map((tensor) => `'${tensor.name}'`).join(', ')}.`);
    return found;
  });
}

function tensorsOf(predictions: unknown, name: string): OutputTensor[] {
  if (!Array.isArray(predictions)) throw noTensor();
  const [first] = predictions;
  if (typeof first === 'object' && first !== null && !Array.isArray(first))
    return Object.keys(first).map((key) =>
      tensorOf(
        key,
        predictions.map((row) => (row as JsonRecord)[key]),
      ),
    );
  return [tensorOf(name, predictions)];
}

function tensorOf(name: string, values: readonly unknown[]): OutputTensor {
  const shape = [values.length];
  let data = values;
  while (Array.isArray(data[0])) {
    const width = data[0].length;
    if (!data.every((each) => Array.isArray(each) && each.length === width)) throw noTensor();
    shape.push(width);
    data = data.flat();
  }
  return { name, shape, datatype: datatypeOf(data), data };
}

function datatypeOf(data: readonly unknown[]): string {
  const known = data.filter((cell) => cell !== null);
  if (known.every((cell) => typeof cell === 'number')) return known.every(Number.isInteger) ? 'INT64' : 'FP64';
  if (known.every((cell) => typeof cell === 'boolean')) return 'BOOL';
  if (known.every((cell) => typeof cell === 'string')) return 'BYTES';
  throw noTensor();
}

const noTensor = () =>
  bad("The model's answers are no tensors. Ask it by MLflow's protocol, at …/invocations, which takes any JSON.");

const columnDatatypes = {
  boolean: 'BOOL',
  integer: 'INT32',
  long: 'INT64',
  float: 'FP32',
  double: 'FP64',
  string: 'BYTES',
  binary: 'BYTES',
  datetime: 'BYTES',
} as const;

/** The model's inputs and outputs as the protocol describes them. */
export function tensorMetadata(input: ModelInput, { outputs }: ModelDescription) {
  return {
    inputs:
      input.kind === 'columns'
        ? input.columns.map(({ name, type }) => ({ name, datatype: columnDatatypes[type], shape: [-1] }))
        : [],
    outputs: (outputs.length === 0 ? [{ name: undefined, type: 'unknown' }] : outputs).map(({ name, type }) => ({
      name: name ?? defaultOutput,
      datatype: outputDatatypes[type] ?? 'FP64',
      shape: [-1],
    })),
  };
}

const outputDatatypes: Readonly<Record<string, string>> = {
  ...columnDatatypes,
  int64: 'INT64',
  int32: 'INT32',
  float64: 'FP64',
  float32: 'FP32',
  bool: 'BOOL',
  str: 'BYTES',
  object: 'BYTES',
};

function asRecord(value: unknown, what: string): JsonRecord {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as JsonRecord;
  throw bad(`${what} must be an object; it is ${kindOf(value)}.`);
}
