import fc from 'fast-check';
import { expect, test } from 'vitest';
import { AppError } from '../errors.ts';
import { type Comparison, combine, type Filter, parseFilter } from './filter.ts';
import {
  type Comparator,
  type Entity,
  experimentGrammar,
  type Field,
  type Grammar,
  loggedModelGrammar,
  modelVersionGrammar,
  registeredModelGrammar,
  runGrammar,
} from './grammar.ts';
import { parseOrderBy } from './order-by.ts';
import { takePromptClause } from './prompt-clause.ts';
import type { Value } from './values.ts';

const grammars = [runGrammar, experimentGrammar, registeredModelGrammar, modelVersionGrammar, loggedModelGrammar];
const anyGrammar = fc.constantFrom(...grammars);

// Text of the language's own pieces gets much further than arbitrary text.
const pieces = fc
  .array(
    fc.oneof(
      fc.constantFrom("'", '"', '`', '(', ')', ',', '.', ' ', '\n', '-', '=', '!=', '<', '>=', '%', '1', '1e5', '-.5'),
      fc.constantFrom('AND', 'or', 'NOT', 'IN', 'LIKE', 'IS', 'NULL', 'ASC', 'desc', 'metrics.', 'tags.', 'params.a'),
      fc.constantFrom('name', 'run_id', 'status', 'start_time', "'x'", '`a b`', "('a', 'b')", 'version_number', '😀'),
      fc.string({ unit: 'binary', maxLength: 3 }),
    ),
    { maxLength: 20 },
  )
  .chain((parts) => fc.constantFrom(parts.join(''), parts.join(' ')));
const anyText = fc.oneof(pieces, fc.string({ unit: 'binary', maxLength: 200 }), fc.string({ maxLength: 60 }));

function orAppError(act: () => unknown): void {
  try {
    act();
  } catch (error) {
    expect(error).toBeInstanceOf(AppError);
    expect((error as AppError).code).toBe('INVALID_PARAMETER_VALUE');
  }
}

test('arbitrary text is parsed or refused, and nothing else', () => {
  fc.assert(
    fc.property(anyText, anyGrammar, (text, grammar) => {
      orAppError(() => takePromptClause(parseFilter(text, grammar)));
      orAppError(() => parseOrderBy([text], grammar));
    }),
    { numRuns: 1000 },
  );
});

test('a tree that is printed in any of its spellings is parsed back to the same tree', () => {
  const cases = anyGrammar.chain((grammar) =>
    filterOf(grammar).chain((filter) =>
      fc.infiniteStream(fc.nat(11)).map((choices) => ({ grammar, filter, text: print(filter, grammar, choices) })),
    ),
  );
  fc.assert(
    fc.property(cases, ({ grammar, filter, text }) => {
      expect(parseFilter(text, grammar)).toEqual(filter);
    }),
    { numRuns: 500 },
  );
});

// Random trees in normal form.

const anyKey = fc.oneof(
  fc.constantFrom('a', 'mlflow.source.type', 'in', 'and', '1x', '.', 'a-b', 'a b', 'é', '__proto__', '😀'),
  fc.string({ unit: 'grapheme', minLength: 1, maxLength: 10 }).filter((key) => !/[`\0]/.test(key)),
);
const anyWords = fc
  .oneof(fc.constantFrom('', 'x', "it's", 'say "x"', 'a AND (b', '%_%'), fc.string({ unit: 'grapheme', maxLength: 10 }))
  .filter((text) => !text.includes('\0') && !(text.includes("'") && text.includes('"')));

function filterOf(grammar: Grammar): fc.Arbitrary<Filter> {
  const { filter } = fc.letrec<{ filter: Filter; joined: Filter }>((tie) => ({
    filter: fc.oneof({ maxDepth: 4, withCrossShrink: true }, comparisonOf(grammar), tie('joined')),
    joined: fc
      .tuple(fc.constantFrom('and' as const, 'or' as const), fc.array(tie('filter'), { minLength: 1, maxLength: 4 }))
      .map(([kind, terms]) => combine(kind, terms) ?? terms[0]!),
  }));
  return filter;
}

function comparisonOf(grammar: Grammar): fc.Arbitrary<Comparison> {
  const keyed = [...grammar.keyed].map(([entity, field]) => anyKey.chain((key) => comparisonOn(entity, key, field)));
  const named = [...grammar.named].flatMap(([entity, fields]) =>
    [...new Set(fields.values())]
      .filter((field) => field.comparators.length > 0)
      .map((field) => comparisonOn(entity, field.name, field)),
  );
  return fc.oneof(...keyed, ...named);
}

function comparisonOn(entity: Entity, key: string, field: Field): fc.Arbitrary<Comparison> {
  return fc
    .constantFrom(...field.comparators)
    .chain((comparator) =>
      valuesFor(field, comparator).map((value) => ({ kind: 'compare', entity, key, comparator, value })),
    );
}

function valuesFor({ value: rule }: Field, comparator: Comparator): fc.Arbitrary<Value> {
  if (comparator === 'IS NULL' || comparator === 'IS NOT NULL') return fc.constant(null);
  const isList = comparator === 'IN' || comparator === 'NOT IN';
  const one = (value: fc.Arbitrary<string>): fc.Arbitrary<Value> =>
    isList ? fc.array(value, { minLength: 1, maxLength: 4 }) : value;
  switch (rule.type) {
    case 'text':
      return one(rule.upperCase ? anyWords.map((text) => text.toUpperCase()) : anyWords);
    case 'number':
      return fc.double({ noNaN: true, noDefaultInfinity: true }).filter((number) => !Object.is(number, -0));
    case 'integer':
      return isList ? fc.array(fc.maxSafeInteger(), { minLength: 1, maxLength: 4 }) : fc.maxSafeInteger();
    case 'enum':
      return one(fc.constantFrom(...rule.names.values()));
  }
}

// The printer draws from `choices` wherever the language leaves a choice.

function print(filter: Filter, grammar: Grammar, choices: Iterator<number>): string {
  const pick = <T>(...options: [T, ...T[]]): T => options[choices.next().value % options.length] ?? options[0];
  const blank = () => pick(' ', '  ', '\n', '\t', ' \r\n');
  const maybeBlank = () => pick('', ' ');
  const word = (keyword: string) => pick(keyword, keyword.toLowerCase()).replaceAll(' ', blank());
  const quote = (text: string) =>
    text.includes("'") || (!text.includes('"') && pick(true, false)) ? `"${text}"` : `'${text}'`;

  function identifier({ entity, key }: Comparison): string {
    const prefixes = [...grammar.prefixes].filter(([, named]) => named === entity).map(([prefix]) => prefix);
    const prefix = prefixes[choices.next().value % prefixes.length]!;
    const spelt = pick(prefix, `\`${prefix}\``);
    const field = grammar.named.get(entity)?.get(key);
    const name = field === undefined ? key : pick(key, ...field.aliases);
    const bare = /^[\p{L}\p{N}_.]+$/u.test(name);
    const quoted = bare ? pick(name, `\`${name}\``) : `\`${name}\``;
    return field !== undefined && entity === 'attribute' ? pick(quoted, `${spelt}.${quoted}`) : `${spelt}.${quoted}`;
  }

  function value(comparison: Comparison, each: string | number): string {
    if (typeof each === 'string') return quote(each);
    const rule = grammar.named.get(comparison.entity)?.get(comparison.key)?.value;
    const isQuoted =
      rule?.type === 'integer' && (rule.quotes === 'always' || (rule.quotes === 'either' && pick(true, false)));
    return isQuoted ? quote(String(each)) : String(each);
  }

  function printComparison(comparison: Comparison): string {
    const { comparator } = comparison;
    const symbol = /^[=!<>]/.test(comparator);
    const operator = symbol
      ? `${maybeBlank()}${comparator}${maybeBlank()}`
      : `${blank()}${word(comparator)}${maybeBlank()}`;
    const start = `${identifier(comparison)}${operator}`;
    if (comparison.value === null) return start;
    if (typeof comparison.value !== 'object') {
      // A word and an unquoted number would run together.
      return `${start}${symbol ? '' : ' '}${value(comparison, comparison.value)}`;
    }
    const list = comparison.value.map((each) => `${maybeBlank()}${value(comparison, each)}${maybeBlank()}`);
    return `${start}(${list.join(',')}${pick('', ',')})`;
  }

  function printTerm(term: Filter, parent: 'and' | 'or'): string {
    const text = printFilter(term);
    const needsParentheses = parent === 'and' && term.kind === 'or';
    return needsParentheses || pick(false, false, true) ? `(${maybeBlank()}${text}${maybeBlank()})` : text;
  }

  function printFilter(node: Filter): string {
    if (node.kind === 'compare') return printComparison(node);
    return node.terms
      .map((term) => printTerm(term, node.kind))
      .join(`${blank()}${word(node.kind.toUpperCase())}${blank()}`);
  }

  return `${maybeBlank()}${printFilter(filter)}${pick('', ' ', ' AND', '\nand ')}`;
}
