import { describe, expect, test } from 'vitest';
import { parseFilter } from './filter.ts';
import { registeredModelGrammar } from './grammar.ts';
import { takePromptClause } from './prompt-clause.ts';

const parse = (text: string) => parseFilter(text, registeredModelGrammar);
const tag = 'tags.`mlflow.prompt.is_prompt`';

test.each<[text: string, prompts: boolean, rest: string]>([
  ['', false, ''],
  ["name = 'a'", false, "name = 'a'"],
  [`${tag} = 'true'`, true, ''],
  ["tag.mlflow.prompt.is_prompt = 'True'", true, ''],
  [`${tag} != 'false'`, true, ''],
  [`${tag} != 'true'`, false, ''],
  [`${tag} = 'false'`, false, ''],
  [`${tag} LIKE 'true'`, false, ''],
  [`${tag} = 'yes'`, false, ''],
  [`name = 'a' AND ${tag} != 'true'`, false, "name = 'a'"],
  [`${tag} = 'true' AND name = 'a' AND tags.b = 'c'`, true, "name = 'a' AND tags.b = 'c'"],
  [`${tag} = 'true' AND ${tag} != 'false'`, true, ''],
  [`name = 'a' OR name = 'b' AND ${tag} != 'true'`, false, "name = 'a' OR name = 'b'"],
  [`${tag} = 'true' AND name = 'a' OR name = 'b'`, true, "name = 'a' OR name = 'b'"],
  [`(name = 'a' OR name = 'b') AND ${tag} = 'true'`, true, "name = 'a' OR name = 'b'"],
  [`name = 'a' OR (${tag} = 'true' AND (name = 'b' OR name = 'c'))`, true, "name = 'a' OR name = 'b' OR name = 'c'"],
  ["tags.other = 'true'", false, "tags.other = 'true'"],
])('%s', (text, prompts, rest) => {
  expect(takePromptClause(parse(text))).toEqual({ prompts, rest: parse(rest) });
});

describe('refused', () => {
  test.each([
    [`name = 'a' OR ${tag} = 'true'`, 'join it with AND'],
    [`name = 'a' OR ${tag} != 'true'`, 'join it with AND'],
    [`name = 'a' AND (name = 'b' OR ${tag} = 'true' AND ${tag} = 'true')`, 'join it with AND'],
    [`${tag} = 'true' AND ${tag} != 'true'`, 'prompts and for models at once'],
  ])('%s', (text, says) => {
    const take = () => takePromptClause(parse(text));
    expect(take).toThrow(expect.objectContaining({ code: 'INVALID_PARAMETER_VALUE' }));
    expect(take).toThrow(says);
  });
});
