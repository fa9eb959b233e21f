import { describe, expect, test } from 'vitest';
import { outputTensors, readInference, tensorMetadata } from './inference-protocol.ts';
import type { ModelDescription, ModelInput } from './signature.ts';

const input: ModelInput = {
  kind: 'columns',
  declared: true,
  params: [],
  columns: [
    { name: 'alcohol', type: 'double', required: true },
    { name: 'hue', type: 'float', required: true },
  ],
};
const description: ModelDescription = {
  flavors: ['sklearn', 'python_function'],
  mlflowVersion: '3.1.0',
  input,
  outputs: [{ name: undefined, type: 'int64' }],
  exampleFile: undefined,
};
const read = (request: unknown) => readInference(Buffer.from(JSON.stringify(request)), input);
const cells = (request: unknown) => {
  const { rows } = read(request);
  const names = rows.names ?? [];
  return Array.from({ length: rows.count }, (_, row) => names.map((name, column) => [name, rows.at(row, column)]));
};
const tensor = (name: string, data: unknown[], shape = [data.length]) => ({ name, datatype: 'FP64', shape, data });

describe('an inference request', () => {
  test('has a tensor for each column', () => {
    expect(cells({ inputs: [tensor('hue', [1, 2]), tensor('alcohol', [13, 14], [2, 1])] })).toEqual([
      [
        ['hue', 1],
        ['alcohol', 13],
      ],
      [
        ['hue', 2],
        ['alcohol', 14],
      ],
    ]);
  });

  test.each([
    ['flat', [13, 1, 14, 2]],
    [
      'nested',
      [
        [13, 1],
        [14, 2],
      ],
    ],
  ])('or one %s matrix of all columns in their order', (_, data) => {
    expect(cells({ inputs: [tensor('x', data, [2, 2])] })).toEqual([
      [
        ['alcohol', 13],
        ['hue', 1],
      ],
      [
        ['alcohol', 14],
        ['hue', 2],
      ],
    ]);
  });

  test.each([
    [{}, "'inputs' must be a list of at least one tensor; it is absent."],
    [{ inputs: [tensor('x', [1, 2, 3], [1, 3])] }, "The model takes 2 columns; the tensor 'x' has 3."],
    [{ inputs: [tensor('hue', [1], [2])] }, "The tensor 'hue' of shape [2] needs 2 values; it has 1."],
    [
      { inputs: [tensor('hue', ['a'])] },
      `The tensor 'hue' of datatype FP64, value 0: expected number, found the string "a".`,
    ],
    [{ inputs: [{ ...tensor('hue', [1]), datatype: 'FLOAT' }] }, "'inputs[0].datatype' must be one of BOOL"],
    [{ inputs: [tensor('hue', [1]), tensor('alcohol', [1, 2])] }, "The tensor 'alcohol' has 2 rows, and 'hue' has 1."],
    [
      { inputs: [tensor('x', [], [1_000_000, 0])] },
      "'inputs[0].shape' must have at least one value in a row; it is [1000000,0].",
    ],
    [{ inputs: [tensor('hue', [], [0, 0.5])] }, "'inputs[0].shape' must be one or two whole numbers"],
    [{ inputs: [tensor('hue', [], [-1, 0])] }, "'inputs[0].shape' must be one or two whole numbers"],
    [{ inputs: [tensor('hue', [], [2 ** 53, 0])] }, "'inputs[0].shape' must be one or two whole numbers"],
    [
      { inputs: [tensor('hue', [1])], outputs: [{ name: 'score' }, { name: 'score' }] },
      `'outputs[1].name' must be another than those before it; it is "score".`,
    ],
  ])('%j is refused: %s', (request, message) => {
    expect(() => read(request)).toThrow(message);
  });
});

test.each(['shape', 'data'])('a %s that nests deep is refused', (field) => {
  const nested = '['.repeat(70) + ']'.repeat(70);
  const body = `{"inputs": [{"name": "x", "datatype": "FP64", "shape": [1], "data": [1], "${field}": ${nested}}]}`;
  expect(() => readInference(Buffer.from(body), input)).toThrow('The request body nests deeper than 64 levels.');
});

test('a request that is no UTF-8 is refused', () => {
  expect(() => readInference(Buffer.of(0x22, 0xff, 0x22), input)).toThrow('The request body is not valid UTF-8.');
});

test.each([[[0]], [[0, 2]]])('no rows have the shape %j', (shape) => {
  expect(read({ inputs: [tensor(shape.length === 1 ? 'hue' : 'x', [], shape)] }).rows.count).toBe(0);
});

describe('the answer', () => {
  test('is a tensor with a datatype that follows its values', () => {
    expect(outputTensors([1, 2], description, undefined)).toEqual([
      { name: 'predictions', shape: [2], datatype: 'INT64', data: [1, 2] },
    ]);
    expect(outputTensors([[0.5, 0.5]], description, undefined)).toEqual([
      { name: 'predictions', shape: [1, 2], datatype: 'FP64', data: [0.5, 0.5] },
    ]);
  });

  test('is a tensor for each key of records, of which some can be asked for', () => {
    const predictions = [
      { label: 'a', score: 0.1 },
      { label: 'b', score: 0.2 },
    ];
    expect(outputTensors(predictions, description, ['score'])).toEqual([
      { name: 'score', shape: [2], datatype: 'FP64', data: [0.1, 0.2] },
    ]);
    expect(() => outputTensors(predictions, description, ['odds'])).toThrow("There is no output 'odds'");
  });

  test('is refused for answers that are no tensors', () => {
    expect(() => outputTensors('text', description, undefined)).toThrow('are no tensors');
    expect(() => outputTensors([[1], [1, 2]], description, undefined)).toThrow('are no tensors');
  });

  test('is described by the signature', () => {
    expect(tensorMetadata(input, description)).toEqual({
      inputs: [
        { name: 'alcohol', datatype: 'FP64', shape: [-1] },
        { name: 'hue', datatype: 'FP32', shape: [-1] },
      ],
      outputs: [{ name: 'predictions', datatype: 'INT64', shape: [-1] }],
    });
  });
});
