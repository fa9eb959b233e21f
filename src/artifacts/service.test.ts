import { expect, test } from 'vitest';
import { storedFolder } from './service.ts';

test.each([
  ['mlflow-artifacts:/', ''],
  ['mlflow-artifacts:/0', '0'],
  ['mlflow-artifacts:/1/run/artifacts', '1/run/artifacts'],
  ['mlflow-artifacts:/1/run/artifacts/', '1/run/artifacts'],
  ['mlflow-artifacts:///1/run', '1/run'],
  ['MLFLOW-ARTIFACTS:/1', '1'],
  ['mlflow-artifacts:/my folder/é', 'my folder/é'],
  ['mlflow-artifacts:/my%20folder/a+b', 'my folder/a+b'],
])('%s is kept in %j', (uri, folder) => {
  expect(storedFolder(uri)).toBe(folder);
});

test.each([
  '',
  '/etc',
  'file:///etc',
  's3://bucket/path',
  'http://169.254.169.254/latest',
  'models:/m-1',
  'runs:/r/model',
  'mlflow-artifacts:',
  'mlflow-artifacts:1/run',
  'mlflow-artifacts://other-host/1/run',
  'mlflow-artifacts://other-host:5000/1',
  'mlflow-artifacts:////etc',
  'mlflow-artifacts:/../etc',
  'mlflow-artifacts:/1/%2e%2e/x',
  'mlflow-artifacts:/1/%252e%252e/x',
  'mlflow-artifacts:/1/run?x=y',
  'mlflow-artifacts:/1/run#x',
  'mlflow-artifacts:/1\\..\\x',
  'mlflow-artifacts:/1/\0',
  'mlflow-artifacts:/1/%ff',
  'mlflow-artifacts:/1\n/x',
])('%j is not followed', (uri) => {
  expect(() => storedFolder(uri)).toThrow(expect.objectContaining({ code: 'INVALID_PARAMETER_VALUE' }));
});
