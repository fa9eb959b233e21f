import { expect, it } from 'vitest';
import { AppError } from '../errors.ts';
import { checkArtifactLocation, within } from './artifact-location.ts';
import { checkKey, codePointLength, randomName, truncate } from './names.ts';

it.each([
  'a',
  'loss',
  'val/loss',
  'a.b-c_d e:f',
  'Ünïcödé',
  '精度',
  '.hidden',
  'a..b',
  '1',
  'x'.repeat(250),
  '𝒳'.repeat(250),
])('takes the key %j', (key) => {
  expect(() => checkKey('metric', key)).not.toThrow();
});

it.each([
  '/a',
  'a/',
  'a//b',
  './a',
  'a/./b',
  'a/../b',
  '.',
  '..',
  '..a',
  'a#b',
  'a?b',
  'a%b',
  'a\nb',
  'a"b',
  "a'b",
  'x'.repeat(251),
  '𝒳'.repeat(251),
  'a\u0301',
])('refuses the key %j, saying where it stands', (key) => {
  const refusal = () => checkKey('param', key, 'params', 3);
  expect(refusal).toThrow(AppError);
  expect(refusal).toThrow(/params\[3\]\.key/);
});

it('counts and cuts code points, as Python does', () => {
  expect(codePointLength('a𝒳b')).toBe(3);
  expect(truncate('𝒳𝒳𝒳', 2)).toBe('𝒳𝒳');
  expect(truncate('abc', 3)).toBe('abc');
  expect(truncate('abcd', 3)).toBe('abc');
});

it('makes up names of at most 20 characters', () => {
  for (let i = 0; i < 1000; i++) expect(randomName()).toMatch(/^(?=.{5,20}$)[a-z]+-[a-z]+-\d{1,3}$/);
});

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
