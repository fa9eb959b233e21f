import { describe, expect, it } from 'vitest';
import { readModelFile } from './model-file.ts';

describe('an MLmodel file', () => {
  it('names flavors, signature and example', () =>
    expect(
      readModelFile(`flavors:
  python_function: {loader_module: mlflow.sklearn}
  sklearn: {code: null}
mlflow_version: 3.17.0
saved_input_example_info:
  artifact_path: input_example.json
  type: dataframe
signature:
  inputs: '[{"type": "double", "name": "Alcohol", "required": true}, {"type": "long", "name": "Ash", "required": false}]'
  outputs: '[{"type": "tensor", "tensor-spec": {"dtype": "int64", "shape": [-1]}}]'
  params: null
`),
    ).toEqual({
      flavors: ['python_function', 'sklearn'],
      mlflowVersion: '3.17.0',
      inputs: [
        { name: 'Alcohol', type: 'double', required: true },
        { name: 'Ash', type: 'long', required: false },
      ],
      outputs: [{ name: undefined, type: 'int64 tensor (any)', required: true }],
      params: undefined,
      inputExample: 'input_example.json',
    }));

  it('tells arrays and objects by what is in them', () =>
    expect(
      readModelFile(
        `signature: {inputs: '[{"type":"array","items":{"type":"object","properties":{"a":{"type":"long"}}}}]'}`,
      ).inputs,
    ).toEqual([{ name: undefined, type: 'array of object of a: long', required: true }]));

  it.each(['', '3', '[]', 'flavors: 3', 'signature: {inputs: "{"}', 'signature: {inputs: "3"}'])(
    'says nothing where it is %j',
    (text) => expect(readModelFile(text)).toMatchObject({ flavors: [], inputs: undefined, inputExample: undefined }),
  );
});
