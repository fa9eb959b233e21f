import { describe, expect, it } from 'vitest';
import { loadLines, modelPathsOfTag } from './load-lines.ts';

describe('the lines that load a model', () => {
  it('name the server and the model', () =>
    expect(loadLines('http://localhost:5000', 'models:/m-1')).toEqual([
      'import mlflow',
      'mlflow.set_tracking_uri("http://localhost:5000")',
      'model = mlflow.pyfunc.load_model("models:/m-1")',
    ]));
});

describe('the models of an MLflow 2 run', () => {
  it.each([
    [undefined, []],
    ['', []],
    ['not json', []],
    ['{"artifact_path":"model"}', []],
    ['[{"artifact_path":"model"},{"artifact_path":"model"},{"artifact_path":"other"}]', ['model', 'other']],
    ['[null, 3, {"artifact_path":7}]', []],
  ])('of the tag %j are %j', (tag, found) => expect(modelPathsOfTag(tag)).toEqual(found));
});
