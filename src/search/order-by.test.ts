import { describe, expect, test } from 'vitest';
import {
  type Entity,
  experimentGrammar,
  type Grammar,
  loggedModelGrammar,
  modelVersionGrammar,
  registeredModelGrammar,
  runGrammar,
} from './grammar.ts';
import { parseOrderBy, parseOrderField } from './order-by.ts';

test.each<[Grammar, string, Entity, string, boolean]>([
  [runGrammar, 'metrics.acc DESC', 'metric', 'acc', false],
  [runGrammar, 'metrics.acc desc', 'metric', 'acc', false],
  [runGrammar, 'metrics.acc', 'metric', 'acc', true],
  [runGrammar, ' metric.acc  Asc ', 'metric', 'acc', true],
  [runGrammar, 'metrics.`a b` DESC', 'metric', 'a b', false],
  [runGrammar, 'metrics."a/b" desc', 'metric', 'a/b', false],
  [runGrammar, "metrics.'a:b' desc", 'metric', 'a:b', false],
  [runGrammar, '`metrics`.acc', 'metric', 'acc', true],
  [runGrammar, 'metrics.desc', 'metric', 'desc', true],
  [runGrammar, 'metrics.desc desc', 'metric', 'desc', false],
  [runGrammar, 'metrics.1x desc', 'metric', '1x', false],
  [runGrammar, 'params.seed', 'param', 'seed', true],
  [runGrammar, 'tags.mlflow.runName', 'tag', 'mlflow.runName', true],
  [runGrammar, 'start_time', 'attribute', 'start_time', true],
  [runGrammar, 'attributes.start_time desc', 'attribute', 'start_time', false],
  [runGrammar, 'Created', 'attribute', 'start_time', true],
  [runGrammar, '`Run Name` DESC', 'attribute', 'run_name', false],
  [runGrammar, '"end_time"', 'attribute', 'end_time', true],
  [runGrammar, 'status DESC', 'attribute', 'status', false],
  [runGrammar, 'artifact_uri', 'attribute', 'artifact_uri', true],
  [experimentGrammar, 'name DESC', 'attribute', 'name', false],
  [experimentGrammar, 'attribute.experiment_id ASC', 'attribute', 'experiment_id', true],
  [experimentGrammar, 'last_update_time', 'attribute', 'last_update_time', true],
  [registeredModelGrammar, 'name', 'attribute', 'name', true],
  [registeredModelGrammar, 'timestamp DESC', 'attribute', 'last_updated_timestamp', false],
  [registeredModelGrammar, 'last_updated_timestamp', 'attribute', 'last_updated_timestamp', true],
  [modelVersionGrammar, 'version_number DESC', 'attribute', 'version_number', false],
  [modelVersionGrammar, 'creation_timestamp', 'attribute', 'creation_timestamp', true],
])('$noun: %s', (grammar, item, entity, key, ascending) => {
  expect(parseOrderBy([item], grammar)).toEqual([{ entity, key, ascending }]);
});

test('items keep their order', () => {
  expect(parseOrderBy(['params.a', 'metrics.a DESC', 'start_time'], runGrammar)).toEqual([
    { entity: 'param', key: 'a', ascending: true },
    { entity: 'metric', key: 'a', ascending: false },
    { entity: 'attribute', key: 'start_time', ascending: true },
  ]);
  expect(parseOrderBy([], runGrammar)).toEqual([]);
});

describe('refused', () => {
  test.each<[Grammar, string, string]>([
    [runGrammar, '', 'blank'],
    [runGrammar, '   ', 'blank'],
    [runGrammar, 'foo', 'cannot be ordered by the attribute "foo": expected run_id, run_name'],
    [runGrammar, 'desc', 'cannot be ordered by the attribute "desc"'],
    [runGrammar, 'duration', 'cannot be ordered'],
    [runGrammar, 'experiment_id', 'cannot be ordered'],
    [runGrammar, 'datasets.name', 'Runs cannot be ordered by datasets'],
    [runGrammar, 'foo.bar', 'expected metrics, params, tags or attributes.'],
    [runGrammar, 'metrics.acc FOO', 'column 13 near "metrics.acc FOO": Expected ASC or DESC'],
    [runGrammar, 'metrics.acc DESC ASC', 'Expected ASC or DESC'],
    [runGrammar, 'metrics.acc DESC NULLS LAST', 'Expected ASC or DESC'],
    [runGrammar, 'start_time DESC, run_id', 'send several fields as several items'],
    [runGrammar, 'metrics.a-b', 'needs backticks'],
    [runGrammar, 'metrics.a/b DESC', 'needs backticks'],
    [runGrammar, 'metrics.a b', 'Expected ASC or DESC'],
    [runGrammar, 'metrics.`a', 'never closed'],
    [runGrammar, 'metrics.', 'Expected a key'],
    [runGrammar, '5', 'Expected one of run_id'],
    [runGrammar, 'metrics.a = 1', 'Expected ASC or DESC'],
    [runGrammar, `metrics.${'a'.repeat(2000)}`, 'at most 2000'],
    [experimentGrammar, 'tags.owner', 'Experiments cannot be ordered by tags: expected name, experiment_id'],
    [experimentGrammar, 'attributes.name', 'is not a prefix'],
    [registeredModelGrammar, 'creation_timestamp', 'expected name or last_updated_timestamp'],
    [registeredModelGrammar, 'name ASC, timestamp', 'several items'],
    [modelVersionGrammar, 'timestamp', 'cannot be ordered'],
    [modelVersionGrammar, 'version', 'cannot be ordered'],
    [modelVersionGrammar, 'run_id', 'cannot be ordered'],
  ])('$noun: %s', (grammar, item, says) => {
    const parse = () => parseOrderBy([item], grammar);
    expect(parse).toThrow(expect.objectContaining({ code: 'INVALID_PARAMETER_VALUE' }));
    expect(parse).toThrow(says);
  });

  test.each([
    [['metrics.acc DESC', 'metrics.acc ASC']],
    [['start_time', 'params.a', 'attributes.Created']],
    [['metrics.acc', 'metric.`acc`']],
  ])('the same field twice: %s', (items) => {
    const parse = () => parseOrderBy(items, runGrammar);
    expect(parse).toThrow(expect.objectContaining({ code: 'INVALID_PARAMETER_VALUE' }));
    expect(parse).toThrow(`order_by item ${items.length}`);
  });

  test('a metric and a param of one name are two fields', () => {
    expect(parseOrderBy(['metrics.a', 'params.a'], runGrammar)).toHaveLength(2);
  });

  test('more than 20 items', () => {
    const items = Array.from({ length: 21 }, (_, i) => `metrics.m${i}`);
    expect(parseOrderBy(items.slice(1), runGrammar)).toHaveLength(20);
    expect(() => parseOrderBy(items, runGrammar)).toThrow('order_by has 21 items: expected at most 20.');
  });
});

describe('a field that stands alone', () => {
  test.each<[string, Entity, string]>([
    ['metrics.acc', 'metric', 'acc'],
    ['metrics.a-b/c d', 'metric', 'a-b/c d'],
    ['metrics.`a b`', 'metric', 'a b'],
    ['metrics.loss DESC', 'metric', 'loss DESC'],
    ['creation_time', 'attribute', 'creation_timestamp'],
    [' name ', 'attribute', 'name'],
    ['status', 'attribute', 'status'],
  ])('%s', (name, entity, key) => {
    expect(parseOrderField(name, loggedModelGrammar)).toEqual({ entity, key });
  });

  test.each([
    ['foo', 'cannot be ordered by the attribute "foo"'],
    ['', 'the attribute ""'],
    ['params.a', 'cannot be ordered by params'],
    ['metric.a', 'is not a prefix'],
    ['metrics.', 'is empty'],
    ['last_updated_time', 'cannot be ordered'],
    ['name ASC', 'the attribute "name ASC"'],
  ])('refuses %s', (name, says) => {
    const parse = () => parseOrderField(name, loggedModelGrammar);
    expect(parse).toThrow(expect.objectContaining({ code: 'INVALID_PARAMETER_VALUE' }));
    expect(parse).toThrow(says);
  });
});
