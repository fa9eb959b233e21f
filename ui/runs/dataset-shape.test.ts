import { expect, it } from 'vitest';
import { datasetShape } from './dataset-shape.ts';

it.each([
  ['{"num_rows":133,"num_elements":1729}', '{"mlflow_colspec":[{"name":"a"},{"name":"b"}]}', 133, 2],
  [undefined, undefined, undefined, undefined],
  ['{', '[]', undefined, undefined],
  ['null', '{"mlflow_tensorspec":{}}', undefined, undefined],
  ['{"num_rows":"many"}', '{"mlflow_colspec":3}', undefined, undefined],
])('profile %s and schema %s', (profile, schema, rows, columns) =>
  expect(datasetShape({ profile, schema })).toEqual({ rows, columns }),
);
