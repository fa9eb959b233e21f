// @ts-check
// A thread that holds one ONNX session: a run of it blocks, and must not block the server. Plain JavaScript, because a
// worker is started from a file and nothing compiles it on the way when tests run from source.
import { parentPort, workerData } from 'node:worker_threads';
import { InferenceSession, Tensor } from 'onnxruntime-node';

/** @typedef {import('./onnx-plan.ts').OnnxPlan} OnnxPlan */
/** @typedef {import('./onnx-plan.ts').TensorType} TensorType */
/** @typedef {Float64Array | Float32Array | Int32Array | BigInt64Array | Uint8Array} Numbers */
/**
 * @typedef {object} Question
 * @property {number} id
 * @property {OnnxPlan} plan
 * @property {number} rows
 * @property {readonly number[]} counts rows of each request
 * @property {readonly { columns: readonly number[], cells: Numbers }[]} blocks places of the columns, and their cells
 */

const port = parentPort;
if (port === null) throw new Error('This file is started as a worker thread.');

// One thread a session: the batches of several sessions run beside each other instead.
const session = await InferenceSession.create(workerData.file, { intraOpNumThreads: 1, interOpNumThreads: 1 });

/** @param {readonly InferenceSession.ValueMetadata[]} metadata */
const described = (metadata) =>
  metadata.map((each) => ({
    name: each.name,
    type: each.isTensor ? each.type : 'no tensor',
    dimensions: each.isTensor ? each.shape.length : 0,
  }));

/**
 * The cells of all columns in their order, as one type.
 * @param {Question} question @param {TensorType} type @param {number} width
 */
function matrix({ rows, blocks }, type, width) {
  const [only] = blocks;
  if (blocks.length === 1 && only !== undefined) return convert(only.cells, type);
  const whole = new Float64Array(rows * width);
  for (const { columns, cells } of blocks)
    for (let row = 0, at = 0; row < rows; row++)
      for (const column of columns) whole[row * width + column] = Number(cells[at++]);
  return convert(whole, type);
}

/** @param {Numbers} cells @param {TensorType} type */
function convert(cells, type) {
  const own = ofType[type];
  if (cells instanceof own) return cells;
  const numbers = new own(cells.length);
  for (let at = 0; at < cells.length; at++) {
    const cell = cells[at] ?? 0;
    numbers[at] = type === 'int64' ? BigInt(cell) : type === 'bool' ? Number(cell !== 0) : Number(cell);
  }
  return numbers;
}

/** @type {Readonly<Record<TensorType, new (length: number) => Numbers>>} */
const ofType = {
  float32: Float32Array,
  float64: Float64Array,
  int32: Int32Array,
  int64: BigInt64Array,
  bool: Uint8Array,
};

/** @param {Question} question */
function feedsOf(question) {
  const { plan, rows, blocks } = question;
  const width = blocks.reduce((sum, { columns }) => sum + columns.length, 0);
  if (plan.input.kind === 'matrix') {
    const { name, type } = plan.input;
    return { [name]: new Tensor(type, matrix(question, type, width), [rows, width]) };
  }
  /** @type {Record<string, Tensor>} */
  const feeds = {};
  for (const { columns, cells } of blocks)
    columns.forEach((column, offset) => {
      const input = plan.input.kind === 'columns' ? plan.input.inputs[column] : undefined;
      if (input === undefined) throw new Error(`The plan has no input for column ${column}.`);
      const own = cells.filter((_, at) => at % columns.length === offset);
      feeds[input.name] = new Tensor(input.type, convert(/** @type {Numbers} */ (own), input.type), [rows, 1]);
    });
  return feeds;
}

/**
 * A value of a tensor as Python would write it: a float keeps its point, what JSON does not have is null.
 * @param {unknown} value @param {boolean} isFloat
 */
function cell(value, isFloat) {
  if (typeof value === 'string') return JSON.stringify(value);
  if (!isFloat) return String(value);
  const number = Number(value);
  if (!Number.isFinite(number)) return 'null';
  const text = String(number);
  return Number.isInteger(number) && !text.includes('e') ? `${text}.0` : text;
}

/**
 * For each row, its value of an output: text of JSON.
 * @param {import('onnxruntime-node').Tensor} tensor @param {number} rows @param {boolean} asList
 */
function valuesOf(tensor, rows, asList) {
  const isFloat = tensor.type.startsWith('float');
  const data = /** @type {ArrayLike<unknown>} */ (
    tensor.type === 'bool' ? Array.from(tensor.data, Boolean) : tensor.data
  );
  const width = data.length / rows;
  if (!asList) {
    if (width !== 1) throw new Error(`The model answers ${rows} rows with ${data.length} values.`);
    return Array.from(data, (value) => cell(value, isFloat));
  }
  return Array.from({ length: rows }, (_, row) => {
    const texts = [];
    for (let at = row * width; at < (row + 1) * width; at++) texts.push(cell(data[at], isFloat));
    return `[${texts.join(',')}]`;
  });
}

/** @param {OnnxPlan['output']} output @param {Record<string, import('onnxruntime-node').Tensor>} tensors @param {number} rows */
function render(output, tensors, rows) {
  /** @param {string} name */
  const tensor = (name) => {
    const found = tensors[name];
    if (found === undefined) throw new Error(`The model has no output '${name}'.`);
    return found;
  };
  if (output.kind !== 'records') return valuesOf(tensor(output.name), rows, output.kind === 'rows');
  const columns = output.names.map((name) => ({
    key: JSON.stringify(name),
    values: valuesOf(tensor(name), rows, false),
  }));
  return Array.from(
    { length: rows },
    (_, row) => `{${columns.map(({ key, values }) => `${key}:${values[row]}`).join(',')}}`,
  );
}

/** @param {Question} question */
async function answer(question) {
  const { plan, rows, counts } = question;
  const fetches = plan.output.kind === 'records' ? plan.output.names : [plan.output.name];
  const texts = render(plan.output, await session.run(feedsOf(question), fetches), rows);
  let at = 0;
  return counts.map((count) => {
    at += count;
    return `[${texts.slice(at - count, at).join(',')}]`;
  });
}

port.on('message', async (/** @type {Question} */ question) => {
  try {
    port.postMessage({ id: question.id, parts: await answer(question) });
  } catch (error) {
    port.postMessage({ id: question.id, error: error instanceof Error ? error.message : String(error) });
  }
});
port.postMessage({ inputs: described(session.inputMetadata), outputs: described(session.outputMetadata) });
