import { describe, expect, test } from 'vitest';
import { type Comparator, type Comparison, type Entity, type Filter, parseFilter } from './filter.ts';
import {
  experimentGrammar,
  type Grammar,
  loggedModelGrammar,
  modelVersionGrammar,
  registeredModelGrammar,
  runGrammar,
} from './grammar.ts';
import type { Value } from './values.ts';

type Row = [text: string, entity: Entity, key: string, comparator: Comparator, value: Value];

const compare = (entity: Entity, key: string, comparator: Comparator, value: Value): Comparison => ({
  kind: 'compare',
  entity,
  key,
  comparator,
  value,
});

function accepts(noun: string, grammar: Grammar, rows: Row[]) {
  test.each(rows)(`${noun}: %j`, (text, entity, key, comparator, value) => {
    expect(parseFilter(text, grammar)).toEqual(compare(entity, key, comparator, value));
  });
}

describe('one comparison', () => {
  accepts('metrics of runs', runGrammar, [
    ['metrics.acc > 0.5', 'metric', 'acc', '>', 0.5],
    ['metric.acc>=1', 'metric', 'acc', '>=', 1],
    ['metrics.acc < -1', 'metric', 'acc', '<', -1],
    ['metrics.acc<-1', 'metric', 'acc', '<', -1],
    ['metrics.acc <= .5', 'metric', 'acc', '<=', 0.5],
    ['metrics.acc = -.5', 'metric', 'acc', '=', -0.5],
    ['metrics.acc != 1.', 'metric', 'acc', '!=', 1],
    ['metrics.acc !=1e-3', 'metric', 'acc', '!=', 0.001],
    ['metrics.acc = 0.5e0', 'metric', 'acc', '=', 0.5],
    ['metrics.acc = 1E5', 'metric', 'acc', '=', 100_000],
    ['metrics.acc = 1e+5', 'metric', 'acc', '=', 100_000],
    ['metrics.acc < 1e999', 'metric', 'acc', '<', Number.POSITIVE_INFINITY],
    ['metrics.acc = 00012', 'metric', 'acc', '=', 12],
    ['metrics.`a b` > 0', 'metric', 'a b', '>', 0],
    ['metrics."a/b" > 0', 'metric', 'a/b', '>', 0],
    ["metrics.'a:b' > 0", 'metric', 'a:b', '>', 0],
    ['`metrics`.acc > 0', 'metric', 'acc', '>', 0],
    ['"metrics".`acc` > 0', 'metric', 'acc', '>', 0],
    ['`metrics`.1x > 0', 'metric', '1x', '>', 0],
    ['metrics.1x > 0', 'metric', '1x', '>', 0],
    ['metrics.1 > 0', 'metric', '1', '>', 0],
    ['metrics._u > 0', 'metric', '_u', '>', 0],
    ['metrics.é > 0', 'metric', 'é', '>', 0],
    ['metrics.日本 > 0', 'metric', '日本', '>', 0],
    ['metrics.a.b.c > 0', 'metric', 'a.b.c', '>', 0],
    ['metrics..a > 0', 'metric', '.a', '>', 0],
    ['metrics.count > 0', 'metric', 'count', '>', 0],
    ['metrics.timestamp > 0', 'metric', 'timestamp', '>', 0],
    ['metrics.and > 0', 'metric', 'and', '>', 0],
    ['metrics.in > 0', 'metric', 'in', '>', 0],
    ['metrics.constructor > 0', 'metric', 'constructor', '>', 0],
    ['\n metrics.acc\t>\r\n 0 \u00a0', 'metric', 'acc', '>', 0],
  ]);

  accepts('params and tags of runs', runGrammar, [
    ["params.lr = '0.1'", 'param', 'lr', '=', '0.1'],
    ['param.lr = "0.1"', 'param', 'lr', '=', '0.1'],
    ["parameter.lr != ''", 'param', 'lr', '!=', ''],
    ['parameters.lr LIKE "0%"', 'param', 'lr', 'LIKE', '0%'],
    ["params.lr like '0%'", 'param', 'lr', 'LIKE', '0%'],
    ["params.lr iLike'0%'", 'param', 'lr', 'ILIKE', '0%'],
    ['params.lr IS NULL', 'param', 'lr', 'IS NULL', null],
    ['params.lr is  not\nnull', 'param', 'lr', 'IS NOT NULL', null],
    ["tags.team='wine'", 'tag', 'team', '=', 'wine'],
    ["tag.team != 'beer'", 'tag', 'team', '!=', 'beer'],
    ['tags.team IS NULL', 'tag', 'team', 'IS NULL', null],
    ["tags.mlflow.source.type = 'LOCAL'", 'tag', 'mlflow.source.type', '=', 'LOCAL'],
    ["tags.`mlflow.source.type` = 'LOCAL'", 'tag', 'mlflow.source.type', '=', 'LOCAL'],
    ['tags."mlflow.source.type" = \'LOCAL\'', 'tag', 'mlflow.source.type', '=', 'LOCAL'],
    ["tags.`it's` = 'x'", 'tag', "it's", '=', 'x'],
    ['tags.val = "it\'s"', 'tag', 'val', '=', "it's"],
    ['tags.val = \'say "x"\'', 'tag', 'val', '=', 'say "x"'],
    ["tags.val = 'a\\b'", 'tag', 'val', '=', 'a\\b'],
    ["tags.val = 'a AND (b) OR c'", 'tag', 'val', '=', 'a AND (b) OR c'],
    ["tags.val = 'line\nbreak'", 'tag', 'val', '=', 'line\nbreak'],
    ["tags.val = '-- ; /* # */'", 'tag', 'val', '=', '-- ; /* # */'],
    ["tags.val = '😀'", 'tag', 'val', '=', '😀'],
    ["tags.not = 'x'", 'tag', 'not', '=', 'x'],
    ["tags.__proto__ = 'x'", 'tag', '__proto__', '=', 'x'],
    ["tags.x. = 'y'", 'tag', 'x.', '=', 'y'],
  ]);

  accepts('attributes and data sets of runs', runGrammar, [
    ["run_id = 'a'", 'attribute', 'run_id', '=', 'a'],
    ["run_id IN ('a')", 'attribute', 'run_id', 'IN', ['a']],
    ["attributes.run_id in('a', \"b\" ,'a')", 'attribute', 'run_id', 'IN', ['a', 'b', 'a']],
    ["attribute.run_id NOT  IN ('a','b',)", 'attribute', 'run_id', 'NOT IN', ['a', 'b']],
    ["attr.run_id not\nin ('a')", 'attribute', 'run_id', 'NOT IN', ['a']],
    ["run.run_id LIKE '%'", 'attribute', 'run_id', 'LIKE', '%'],
    ["run_name = 'rf'", 'attribute', 'run_name', '=', 'rf'],
    ["`run name` = 'rf'", 'attribute', 'run_name', '=', 'rf'],
    ["`Run Name` = 'rf'", 'attribute', 'run_name', '=', 'rf'],
    ['attributes."Run name" = \'rf\'', 'attribute', 'run_name', '=', 'rf'],
    ["status = 'FINISHED'", 'attribute', 'status', '=', 'FINISHED'],
    ["status != 'finished'", 'attribute', 'status', '!=', 'FINISHED'],
    ["status ILIKE 'fin%'", 'attribute', 'status', 'ILIKE', 'FIN%'],
    ["user_id = 'root'", 'attribute', 'user_id', '=', 'root'],
    ["artifact_uri LIKE '%/1/%'", 'attribute', 'artifact_uri', 'LIKE', '%/1/%'],
    ['start_time > 1000', 'attribute', 'start_time', '>', 1000],
    ['created >= 5.0', 'attribute', 'start_time', '>=', 5],
    ['attributes.Created != 0', 'attribute', 'start_time', '!=', 0],
    ['run.`end_time` = -1', 'attribute', 'end_time', '=', -1],
    ['start_time > 1.5', 'attribute', 'start_time', '>', 1],
    ['start_time >= 1.5', 'attribute', 'start_time', '>=', 2],
    ['start_time < 1.5', 'attribute', 'start_time', '<', 2],
    ['start_time <= -1.5', 'attribute', 'start_time', '<=', -2],
    ['start_time < 1e300', 'attribute', 'start_time', '<', 2 ** 53],
    ['start_time > -1e999', 'attribute', 'start_time', '>', -(2 ** 53)],
    ["datasets.name = 'wine'", 'dataset', 'name', '=', 'wine'],
    ["dataset.digest LIKE '%6'", 'dataset', 'digest', 'LIKE', '%6'],
    ["datasets.`context` IN ('train', 'test')", 'dataset', 'context', 'IN', ['train', 'test']],
  ]);

  accepts('experiments', experimentGrammar, [
    ["name = 'e'", 'attribute', 'name', '=', 'e'],
    ["attribute.name ilike 'E%'", 'attribute', 'name', 'ILIKE', 'E%'],
    ["experiment_id = '1'", 'attribute', 'experiment_id', '=', 1],
    ["experiment_id IN ('1','2')", 'attribute', 'experiment_id', 'IN', [1, 2]],
    ["experiment_id not in ('1')", 'attribute', 'experiment_id', 'NOT IN', [1]],
    ['creation_time > 0', 'attribute', 'creation_time', '>', 0],
    ['last_update_time <= 5.0', 'attribute', 'last_update_time', '<=', 5],
    ["tags.owner = 'me'", 'tag', 'owner', '=', 'me'],
    ['tag.`owner` IS NOT NULL', 'tag', 'owner', 'IS NOT NULL', null],
  ]);

  accepts('registered models', registeredModelGrammar, [
    ["name='m'", 'attribute', 'name', '=', 'm'],
    ["attribute.name != 'm'", 'attribute', 'name', '!=', 'm'],
    ["name ilike '%wine%'", 'attribute', 'name', 'ILIKE', '%wine%'],
    ["name NOT IN ('m')", 'attribute', 'name', 'NOT IN', ['m']],
    ["tag.a = 'b'", 'tag', 'a', '=', 'b'],
  ]);

  accepts('model versions', modelVersionGrammar, [
    ["name IN ('m','n')", 'attribute', 'name', 'IN', ['m', 'n']],
    ['run_id IN ("a","b")', 'attribute', 'run_id', 'IN', ['a', 'b']],
    ["source_path LIKE 's3%'", 'attribute', 'source_path', 'LIKE', 's3%'],
    ['version_number > 1', 'attribute', 'version_number', '>', 1],
    ["version_number = '1'", 'attribute', 'version_number', '=', 1],
    ['version_number >= 1.5', 'attribute', 'version_number', '>=', 2],
    ["tags.t LIKE 'v%'", 'tag', 't', 'LIKE', 'v%'],
  ]);

  accepts('logged models', loggedModelGrammar, [
    ["name = 'model'", 'attribute', 'name', '=', 'model'],
    ['attributes.name = "model"', 'attribute', 'name', '=', 'model'],
    ["model_id in ('m-1')", 'attribute', 'model_id', 'IN', ['m-1']],
    ["experiment_id='1'", 'attribute', 'experiment_id', '=', 1],
    ["model_type = ''", 'attribute', 'model_type', '=', ''],
    ["source_run_id NOT IN ('a')", 'attribute', 'source_run_id', 'NOT IN', ['a']],
    ["artifact_location LIKE '%1%'", 'attribute', 'artifact_location', 'LIKE', '%1%'],
    ['status = 2', 'attribute', 'status', '=', 'LOGGED_MODEL_READY'],
    ["status = 'READY'", 'attribute', 'status', '=', 'LOGGED_MODEL_READY'],
    ["status != 'logged_model_pending'", 'attribute', 'status', '!=', 'LOGGED_MODEL_PENDING'],
    ["status IN (1, 'FAILED')", 'attribute', 'status', 'IN', ['LOGGED_MODEL_PENDING', 'LOGGED_MODEL_UPLOAD_FAILED']],
    ['creation_timestamp > 0', 'attribute', 'creation_timestamp', '>', 0],
    ['attributes.creation_time > 0', 'attribute', 'creation_timestamp', '>', 0],
    ['last_updated_timestamp < 1.5', 'attribute', 'last_updated_timestamp', '<', 2],
    ['metrics.`a b` >= -1', 'metric', 'a b', '>=', -1],
    ["params.n = '5'", 'param', 'n', '=', '5'],
    ["tags.x IN ('y')", 'tag', 'x', 'IN', ['y']],
  ]);
});

describe('several comparisons', () => {
  const a = compare('tag', 'a', '=', '1');
  const b = compare('metric', 'b', '>', 2);
  const c = compare('attribute', 'run_id', '=', 'x');
  const A = "tags.a = '1'";
  const B = 'metrics.b > 2';
  const C = "run_id = 'x'";
  const and = (...terms: Filter[]): Filter => ({ kind: 'and', terms });
  const or = (...terms: Filter[]): Filter => ({ kind: 'or', terms });

  test.each<[string, Filter]>([
    [`${A} AND ${B}`, and(a, b)],
    [`${A} and ${B} AnD ${C}`, and(a, b, c)],
    [`${A}\nAND\t${B}`, and(a, b)],
    [`tags.a='1'AND(${B})`, and(a, b)],
    [`${A} AND`, a],
    [`${A} AND AND`, a],
    [`AND ${A}`, a],
    [`${A} AND AND ${B}`, and(a, b)],
    [`${A} OR ${B}`, or(a, b)],
    [`${A} or ${B} OR ${C}`, or(a, b, c)],
    [`${A} OR ${B} AND ${C}`, or(a, and(b, c))],
    [`${A} AND ${B} OR ${C}`, or(and(a, b), c)],
    [`(${A} OR ${B}) AND ${C}`, and(or(a, b), c)],
    [`${A} AND (${B} OR ${C})`, and(a, or(b, c))],
    [`(${A})`, a],
    [`((${A}))`, a],
    [`( ${A} AND ${B} ) AND ${C}`, and(a, b, c)],
    [`${A} OR (${B} OR ${C})`, or(a, b, c)],
    [`${A} OR ${B} AND`, or(a, b)],
    [`((${A} AND ${B}) OR ${C}) AND`, or(and(a, b), c)],
  ])('%s', (text, tree) => {
    expect(parseFilter(text, runGrammar)).toEqual(tree);
  });

  test('nothing is no filter', () => {
    expect(parseFilter(undefined, runGrammar)).toBeUndefined();
    expect(parseFilter('', runGrammar)).toBeUndefined();
  });
});

describe('limits are as wide as they say', () => {
  test('10,000 run ids in a list', () => {
    const ids = Array.from({ length: 10_000 }, (_, i) => i.toString(16).padStart(32, '0'));
    const filter = parseFilter(`attributes.run_id IN (${ids.map((id) => `'${id}'`).join(', ')})`, runGrammar);
    expect(filter).toEqual(compare('attribute', 'run_id', 'IN', ids));
  });

  test('200 comparisons', () => {
    const filter = parseFilter(Array(200).fill('metrics.a > 0').join(' OR '), runGrammar);
    expect(filter).toEqual({ kind: 'or', terms: Array(200).fill(compare('metric', 'a', '>', 0)) });
  });

  test('50 parentheses inside each other', () => {
    const filter = parseFilter(`${'('.repeat(50)}metrics.a > 0${')'.repeat(50)}`, runGrammar);
    expect(filter).toEqual(compare('metric', 'a', '>', 0));
  });
});
