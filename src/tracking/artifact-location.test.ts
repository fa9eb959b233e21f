import { expect, it } from 'vitest';
import { AppError } from '../errors.ts';
import { checkArtifactLocation, within } from './artifact-location.ts';

it.each([
  'mlflow-artifacts:/elsewhere',
  's3://bucket/path',
  's3://bucket/p?x=y',
  'gs://bucket/a',
  'wasbs://c@account/p',
  'dbfs:/a/b',
])('takes the artifact location %j', (location) => {
  expect(checkArtifactLocation(location)).toBe(location);
});

it.each([
  '/tmp/abc',
  'relative/path',
  'file:///etc',
  'C:\\x',
  'http://host/x',
  'https://host/x',
  'ftp://host/x',
  'hdfs://host/x',
  'runs:/x/y',
  'mlflow-artifacts://host/x',
  'mlflow-artifacts:/a/../b',
  'mlflow-artifacts:/a/%2e%2e/b',
  'mlflow-artifacts:/a/%252e%252e/b',
  's3://bucket/a#b',
  's3://bucket/a;b',
  's3://bucket/a?x=..',
  's3://bucket/..\\x',
  `s3://bucket/${'x'.repeat(2048)}`,
])('refuses the artifact location %j', (location) => {
  expect(() => checkArtifactLocation(location)).toThrow(AppError);
});

it('appends to the path of a location, before its query', () => {
  expect(within('mlflow-artifacts:/', '1')).toBe('mlflow-artifacts:/1');
  expect(within('s3://bucket/a/?x=y', 'b/c')).toBe('s3://bucket/a/b/c?x=y');
});
