import { describe, expect, test } from 'vitest';
import { AppError } from '../errors.ts';
import { parseFilter } from './filter.ts';
import {
  experimentGrammar,
  type Grammar,
  loggedModelGrammar,
  modelVersionGrammar,
  registeredModelGrammar,
  runGrammar,
} from './grammar.ts';

type Row = [text: string, column: number, says: string];

function refusalOf(text: string, grammar: Grammar): AppError {
  try {
    parseFilter(text, grammar);
  } catch (error) {
    if (error instanceof AppError) return error;
    throw error;
  }
  throw new Error('The filter was accepted.');
}

function refuses(noun: string, grammar: Grammar, rows: Row[]) {
  test.each(rows)(`${noun}: %j`, (text, column, says) => {
    const { code, message } = refusalOf(text, grammar);
    expect(code).toBe('INVALID_PARAMETER_VALUE');
    expect(message).toMatch(new RegExp(`^Invalid filter, column ${column}[ :]`));
    expect(message).toContain(says);
  });
}

describe('refused, with the column and what would be right', () => {
  refuses('the form', runGrammar, [
    ['   ', 4, 'blank'],
    ['metrics.acc', 12, 'Expected an operator'],
    ['metrics.acc >', 14, 'Expected a value after >, such as 0.5'],
    ["tags.a = 'v' tags.b = 'w'", 14, 'Expected AND or OR'],
    ['0.5 < metrics.acc', 1, 'Expected a comparison of run_id'],
    ["'run_id' = 'x'", 1, 'Expected a comparison of run_id'],
    ["NOT tags.a = 'x'", 1, 'use !=, NOT IN or IS NOT NULL'],
    ['AND', 4, 'ends where a comparison was expected'],
    ["OR tags.a = 'x'", 1, 'Expected a comparison before OR'],
    ["tags.a = 'x' OR", 16, 'ends where a comparison was expected'],
    ["tags.a = 'x' OR AND tags.b = 'y'", 17, 'Expected a comparison before AND'],
    ["tags.a = 'x' AND OR tags.b = 'y'", 18, 'Expected a comparison before OR'],
    ["(tags.a = 'x'", 1, 'never closed'],
    ["(tags.a = 'x' AND)", 18, 'Expected a comparison of'],
    ["tags.a = 'x')", 13, "no '(' for this ')'"],
    ['()', 2, 'Expected a comparison of'],
    ["tags.a = 'x' ,", 14, 'Expected AND or OR'],
    ["tags.a = 'x';", 13, 'without a semicolon'],
    ["tags.a = 'x'; tags.b = 'y'", 13, 'without a semicolon'],
    ["tags.a = 'x' -- why", 14, 'Comments'],
    ["tags.a = 'x' /* why */", 14, 'Comments'],
    ["tags.a = 'x' # why", 14, 'Comments'],
    ["tags.a = 'x", 10, 'never closed'],
    ["tags.a = 'it's'", 14, 'use the other kind'],
    ["tags.a = 'it''s'", 14, 'use the other kind'],
    ["tags.a = 'it\\'s'", 15, 'use the other kind'],
    ["tags.😀 = 'x' AND tags.b = 1", 6, 'backticks'],
    ["tags.`😀` = 'x' AND tags.b = 1", 29, 'tags are text: quote the value'],
    ["tags.a = 'x\0'", 10, 'U+0000'],
    ['metrics.a == 1', 11, 'use ='],
    ['metrics.a <> 1', 11, 'use !='],
    ['metrics.a => 1', 11, 'use >='],
    ['metrics.a ! = 1', 11, 'Expected an operator'],
    ['metrics.a = + 1', 13, 'no leading +'],
    ['metrics.a = +1', 13, 'no leading +'],
    ['metrics.a = - 1', 13, 'Unexpected character "-"'],
    ['metrics.a = 0x10', 13, 'neither a number'],
    ['metrics.a = 1_000', 13, 'neither a number'],
    ['metrics.a = 1.2.3', 13, 'neither a number'],
    ["metrics.a > 5and tags.a = 'x'", 13, 'neither a number'],
    ['metrics.a BETWEEN 0 AND 1', 11, 'no BETWEEN'],
    ["tags.a RLIKE 'x'", 8, 'use LIKE or ILIKE'],
    ["tags.a NOT LIKE 'x'", 12, 'Expected IN after NOT'],
    ["tags.a NOT = 'x'", 12, 'Expected IN after NOT'],
    ['tags.a IS', 10, 'Expected NULL or NOT NULL'],
    ["tags.a LIKE 'x' ESCAPE '!'", 17, 'Expected AND or OR'],
  ]);

  refuses('identifiers of runs', runGrammar, [
    ["foo.bar = 'x'", 1, '"foo" is not a prefix for runs: expected metrics, params, tags, attributes or datasets.'],
    ["TAGS.a = 'x'", 1, '"TAGS" is not a prefix'],
    ["constructor.a = 'x'", 1, 'is not a prefix'],
    [".a = 'x'", 1, 'is not a prefix'],
    ["model.name = 'x'", 1, 'is not a prefix'],
    ["inputs.x = 'y'", 1, 'is not a prefix'],
    ["`tags.a` = 'x'", 1, 'the attribute "tags.a"'],
    [
      "lifecycle_stage = 'active'",
      1,
      'expected run_id, run_name, status, user_id, artifact_uri, start_time or end_time',
    ],
    ["experiment_id = '1'", 1, 'the attribute "experiment_id"'],
    ['duration > 1', 1, 'the attribute "duration"'],
    ["attributes.foo = '1'", 1, 'the attribute "foo"'],
    ["Status = 'FINISHED'", 1, 'the attribute "Status"'],
    ["constructor = 'x'", 1, 'the attribute "constructor"'],
    ["datasets.foo = 'x'", 1, 'expected name, digest or context'],
    ["tags. = 'x'", 7, 'Expected a key right after "tags."'],
    ["tags. a = 'x'", 7, 'Expected a key right after "tags."'],
    ["tags.`a = 'x'", 6, 'never closed'],
    ["tags.`` = 'x'", 1, 'is empty'],
    ["tags .a = 'x'", 1, 'the attribute "tags"'],
    ['`tags`. = 1', 9, 'Expected a key right after "tags."'],
    ["tags.a-b = 'x'", 7, 'needs backticks'],
    ["tags.a/b = 'x'", 7, 'needs backticks'],
    ["tags.a:b = 'x'", 7, 'needs backticks'],
    ["tags.a-1 = 'x'", 7, 'needs backticks'],
    ["tags.a b = 'x'", 8, 'Expected an operator'],
    ["tags.mlflow.`a b` = 'x'", 13, 'needs backticks'],
    ["tags.`a`.b = 'x'", 9, 'Expected an operator'],
  ]);

  refuses('operators and values of runs', runGrammar, [
    ["params.lr > '0'", 11, '> does not apply to params: expected one of =, !=, LIKE, ILIKE, IS NULL, IS NOT NULL.'],
    ["params.lr IN ('0')", 11, 'IN does not apply to params'],
    ["tags.a NOT IN ('0')", 8, 'NOT IN does not apply to tags'],
    ["metrics.a LIKE '1'", 11, 'LIKE does not apply to metrics'],
    ['metrics.a IS NULL', 11, 'IS NULL does not apply to metrics'],
    ["status IN ('FINISHED')", 8, 'IN does not apply to status'],
    ['user_id IS NULL', 9, 'IS NULL does not apply to user_id'],
    ['end_time IS NULL', 10, 'IS NULL does not apply to end_time'],
    ["run_id > 'a'", 8, '> does not apply to run_id'],
    ["start_time LIKE '1'", 12, 'LIKE does not apply to start_time'],
    ["datasets.name > 'x'", 15, '> does not apply to datasets.name'],
    ['params.lr = 0.1', 13, "params are text: quote the value, as in '0.1'"],
    ['tags.team = wine', 13, "tags are text: quote the value, as in 'wine'"],
    ['tags.team = `wine`', 13, "tags are text: quote the value, as in 'wine'"],
    ["tags.team = ('wine')", 13, 'a list goes with IN'],
    ["metrics.acc > '0.5'", 15, 'metrics are numbers: write the value without quotes'],
    ['metrics.acc > NaN', 15, 'expected a number such as 0.5'],
    ['metrics.acc > metrics.b', 15, 'expected a number such as 0.5'],
    ["start_time > '1000'", 14, 'write the value without quotes'],
    ['start_time = 1.5', 14, 'expected a whole number'],
    ['start_time = 9007199254740993', 14, 'below 2^53'],
    ['run_id IN ()', 12, 'The list is empty'],
    ["run_id IN 'a'", 11, 'Expected a list in parentheses'],
    ['run_id IN (1)', 12, "quote the value, as in '1'"],
    ["run_id IN ('a' 'b')", 16, "Expected ',' or ')'"],
    ["run_id IN ('a',,'b')", 16, 'quote the value'],
    ["run_id IN ('a'", 15, "Expected ',' or ')'"],
    ["run_id IN (('a'))", 12, 'Expected one value'],
  ]);

  refuses('experiments', experimentGrammar, [
    ["attributes.name = 'e'", 1, 'expected tags or attribute'],
    ["attr.name = 'e'", 1, 'is not a prefix'],
    ['metrics.a > 1', 1, 'is not a prefix'],
    ["name IN ('e')", 6, 'IN does not apply to name'],
    ['name IS NULL', 6, 'IS NULL does not apply to name'],
    ['experiment_id = 1', 17, "quote the value, as in '1'"],
    ["experiment_id = 'abc'", 17, '"abc" is not a whole number'],
    ["experiment_id = '1.5'", 17, 'not a whole number'],
    ["experiment_id > '1'", 15, '> does not apply to experiment_id'],
    ["experiment_id LIKE '1'", 15, 'LIKE does not apply to experiment_id'],
    ['creation_time > 1.5', 17, 'expected a whole number'],
    ["creation_time = '5'", 17, 'without quotes'],
    ["tags.a IN ('x')", 8, 'IN does not apply to tags'],
    ["artifact_location = 'x'", 1, 'expected name, experiment_id, creation_time or last_update_time'],
    ["lifecycle_stage = 'active'", 1, 'cannot be filtered'],
  ]);

  refuses('registered models', registeredModelGrammar, [
    ["attributes.name = 'm'", 1, 'is not a prefix'],
    ["aliases = 'x'", 1, 'expected name.'],
    ['creation_timestamp > 0', 1, 'cannot be filtered'],
    ['last_updated_timestamp > 0', 1, 'cannot be filtered'],
    ['tags.a IS NULL', 8, 'IS NULL does not apply to tags'],
    ["tags.a IN ('x')", 8, 'IN does not apply to tags'],
    ["name > 'a'", 6, '> does not apply to name'],
  ]);

  refuses('model versions', modelVersionGrammar, [
    ['version = 1', 1, 'expected name, run_id, source_path or version_number'],
    ["current_stage = 'None'", 1, 'cannot be filtered'],
    ["status = 'READY'", 1, 'cannot be filtered'],
    ["aliases = 'a'", 1, 'cannot be filtered'],
    ['creation_timestamp > 0', 1, 'cannot be filtered'],
    ['name = rm2', 8, 'name is text: quote the value'],
    ['name = 1', 8, 'name is text: quote the value'],
    ["source_path IN ('a')", 13, 'IN does not apply to source_path'],
    ["version_number LIKE '1'", 16, 'LIKE does not apply to version_number'],
    ["version_number = 'x'", 18, '"x" is not a whole number'],
    ['version_number = 1.5', 18, 'expected a whole number'],
    ['version_number = x', 18, 'not a whole number'],
    ['tags.t IS NULL', 8, 'IS NULL does not apply to tags'],
  ]);

  refuses('logged models', loggedModelGrammar, [
    ["tag.x = 'y'", 1, 'expected metrics, params, tags or attributes'],
    ['metric.acc > 0', 1, 'is not a prefix'],
    ["attribute.name = 'x'", 1, 'is not a prefix'],
    ["foo = '1'", 1, 'cannot be filtered by the attribute "foo"'],
    ['last_updated_time > 0', 1, 'cannot be filtered'],
    ["metrics.acc = 'x'", 15, 'metrics are numbers'],
    ["creation_timestamp > '1'", 22, 'without quotes'],
    ['tags.x IS NULL', 8, 'IS NULL does not apply to tags'],
    ["name > 'x'", 6, '> does not apply to name'],
    ['status > 1', 8, '> does not apply to status'],
    ["status = 'DONE'", 10, "expected one of 'LOGGED_MODEL_STATUS_UNSPECIFIED'"],
    ['status = 7', 10, 'status has no value "7"'],
    ['status = READY', 10, 'status has no value'],
    ['name = x', 8, 'name is text'],
  ]);
});

describe('refused for its size', () => {
  test.each([
    ['characters', `tags.a = '${'x'.repeat(1_000_000)}'`, 'at most 1000000'],
    ['comparisons', Array(201).fill('metrics.a > 0').join(' AND '), 'more than 200 comparisons'],
    ['parentheses', `${'('.repeat(51)}metrics.a > 0${')'.repeat(51)}`, 'more than 50 deep'],
    ['values of a list', `run_id IN (${Array(10_001).fill("'a'").join(',')})`, 'at most 10000 values'],
    [
      'values of several lists',
      Array(3)
        .fill(`run_id IN (${Array(4000).fill("'a'").join(',')})`)
        .join(' OR '),
      'at most 10000 values',
    ],
    ['a pattern', `tags.a LIKE '${'%a'.repeat(5001)}'`, 'A pattern has at most 10000'],
  ])('%s', (_, text, says) => {
    const { code, message } = refusalOf(text, runGrammar);
    expect(code).toBe('INVALID_PARAMETER_VALUE');
    expect(message).toContain(says);
    expect(message.length).toBeLessThan(400);
  });
});

test('a message shows the clause that is wrong, not the ones before it', () => {
  const { message } = refusalOf("metrics.a > 1 AND params.lr = 0.1 AND tags.b = 'c'", runGrammar);
  expect(message).toBe(
    `Invalid filter, column 31 near "params.lr = 0.1": params are text: quote the value, as in '0.1'.`,
  );
});
