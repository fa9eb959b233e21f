import { shown } from '../errors.ts';
import type { Comparator, ValueRule } from './grammar.ts';
import { pluralOf, type Reference } from './identifier.ts';
import type { Lexer, Token } from './lexer.ts';
import { searchLimits } from './limits.ts';

export type Value = string | number | readonly string[] | readonly number[] | null;

/** Numbers beyond are cut to it: it orders the same against every integer that a column can hold. */
const beyondIntegers = 2 ** 53;

const isPattern = (comparator: Comparator) => comparator === 'LIKE' || comparator === 'ILIKE';

/** Reads the value of a comparison. Throws INVALID_PARAMETER_VALUE when the field does not take it. */
export function readValue(lexer: Lexer, reference: Reference, comparator: Comparator): string | number {
  const { token } = lexer;
  const value = oneValue(lexer, reference, comparator, token);
  if (isPattern(comparator) && String(value).length > searchLimits.patternCharacters)
    throw lexer.fail(`A pattern has at most ${searchLimits.patternCharacters} characters.`);
  lexer.advance();
  return value;
}

/** Reads `'(' value (',' value)* [','] ')'`, at most `room` values. */
export function readList(
  lexer: Lexer,
  reference: Reference,
  comparator: Comparator,
  room: number,
): string[] | number[] {
  const shape = `a list in parentheses, as in ${comparator} (${example(reference.field.value)}, …)`;
  if (!lexer.is('(')) throw lexer.fail(`Expected ${shape}.`);
  lexer.advance();
  if (lexer.is(')')) throw lexer.fail(`The list is empty: expected ${shape}.`);
  const values: (string | number)[] = [];
  while (!lexer.is(')')) {
    if (values.length === room)
      throw lexer.fail(`The lists of a filter hold at most ${searchLimits.listValues} values together.`);
    values.push(oneValue(lexer, reference, comparator, lexer.token));
    lexer.advance();
    if (lexer.is(',')) lexer.advance();
    else if (!lexer.is(')')) throw lexer.fail("Expected ',' or ')' after a value of the list.");
  }
  lexer.advance();
  const texts = values.filter((value) => typeof value === 'string');
  return texts.length > 0 ? texts : values.filter((value) => typeof value === 'number');
}

function oneValue(lexer: Lexer, reference: Reference, comparator: Comparator, token: Token): string | number {
  const { value: rule } = reference.field;
  if (token.kind === '(')
    throw lexer.fail(
      `Expected one value after ${comparator}: a list goes with IN, where ${plural(reference)} allow it.`,
    );
  if (token.kind === 'end') throw lexer.fail(`Expected a value after ${comparator}, such as ${example(rule)}.`);
  const isQuoted = token.kind === 'single' || token.kind === 'double';
  switch (rule.type) {
    case 'text':
      if (!isQuoted) throw lexer.fail(`${subject(reference, 'text')}: quote the value, as in ${quoteOf(token)}.`);
      return rule.upperCase ? token.text.toUpperCase() : token.text;
    case 'number':
      if (token.kind !== 'number') throw lexer.fail(unquotedNumber(reference, token));
      return Number(token.text);
    case 'integer':
      return integerOf(lexer, reference, comparator, token, rule);
    case 'enum': {
      const name = isQuoted || token.kind === 'number' ? rule.names.get(token.text.toUpperCase()) : undefined;
      if (name !== undefined) return name;
      const names = [...new Set(rule.names.values())].map((each) => `'${each}'`).join(', ');
      throw lexer.fail(`${reference.key} has no value ${shown(token.text)}: expected one of ${names}.`);
    }
  }
}

function integerOf(
  lexer: Lexer,
  reference: Reference,
  comparator: Comparator,
  token: Token,
  rule: Extract<ValueRule, { type: 'integer' }>,
): number {
  const isQuoted = token.kind === 'single' || token.kind === 'double';
  if (rule.quotes === 'always' && !isQuoted)
    throw lexer.fail(`${reference.key} is compared as text: quote the value, as in ${quoteOf(token)}.`);
  if (rule.quotes === 'never' && token.kind !== 'number') throw lexer.fail(unquotedNumber(reference, token));
  const number = isQuoted ? numberIn(token.text) : token.kind === 'number' ? Number(token.text) : undefined;
  if (number === undefined)
    throw lexer.fail(`${subject(reference, 'number')}: ${shown(token.text)} is not a whole number.`);
  if (Number.isSafeInteger(number)) return number;

  const orders = comparator !== '=' && comparator !== '!=' && comparator !== 'IN' && comparator !== 'NOT IN';
  const isFraction = !Number.isInteger(number) && Number.isFinite(number);
  if (!orders || (isFraction && rule.fractions === 'refused'))
    throw lexer.fail(`${subject(reference, 'number')}: expected a whole number below 2^53, not ${shown(token.text)}.`);
  const whole = comparator === '>' || comparator === '<=' ? Math.floor(number) : Math.ceil(number);
  return Math.max(-beyondIntegers, Math.min(beyondIntegers, whole));
}

function numberIn(text: string): number | undefined {
  return /^-?[0-9]{1,20}$/.test(text) ? Number(text) : undefined;
}

const plural = ({ entity, key }: Reference) =>
  entity === 'attribute' || entity === 'dataset' ? key : pluralOf[entity];

function subject(reference: Reference, type: 'text' | 'number'): string {
  if (reference.entity === 'attribute' || reference.entity === 'dataset')
    return `${reference.key} is ${type === 'text' ? 'text' : 'a whole number'}`;
  return `${pluralOf[reference.entity]} are ${type === 'text' ? 'text' : 'numbers'}`;
}

function unquotedNumber(reference: Reference, token: Token): string {
  const what = subject(reference, 'number');
  return token.kind === 'single' || token.kind === 'double'
    ? `${what}: write the value without quotes.`
    : `${what}: expected a number such as ${example(reference.field.value)}.`;
}

/** The value as it should have been written. */
function quoteOf(token: Token): string {
  const text = token.kind === 'word' || token.kind === 'number' || token.kind === 'backtick' ? token.text : 'text';
  return text.length > 40 ? "'text'" : `'${text}'`;
}

function example(rule: ValueRule): string {
  switch (rule.type) {
    case 'text':
      return "'text'";
    case 'number':
      return '0.5';
    case 'integer':
      return rule.quotes === 'always' ? "'1'" : '1';
    case 'enum':
      return `'${[...rule.names.values()][0]}'`;
  }
}
