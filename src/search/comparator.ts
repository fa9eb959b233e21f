import type { Comparator } from './grammar.ts';
import { brokenKey, pluralOf, type Reference } from './identifier.ts';
import type { Lexer } from './lexer.ts';

const symbols: ReadonlySet<string> = new Set<Comparator>(['=', '!=', '<', '<=', '>', '>=']);

/** What people write from other languages, and what they mean. */
const meant: ReadonlyMap<string, string> = new Map([
  ['==', '='],
  ['===', '='],
  ['<>', '!='],
  ['!==', '!='],
  ['=>', '>='],
  ['=<', '<='],
]);

/** Reads an operator in any case, and throws INVALID_PARAMETER_VALUE unless the field allows it. */
export function readComparator(lexer: Lexer, reference: Reference): Comparator {
  const broken = brokenKey(lexer, reference);
  if (broken !== undefined) throw broken;
  const first = lexer.token;
  const comparator = read(lexer);
  const { comparators } = reference.field;
  if (comparators.includes(comparator)) return comparator;
  const { entity, key } = reference;
  const what = entity === 'attribute' ? key : entity === 'dataset' ? `datasets.${key}` : pluralOf[entity];
  throw lexer.fail(`${comparator} does not apply to ${what}: expected one of ${comparators.join(', ')}.`, first);
}

function read(lexer: Lexer): Comparator {
  const { token } = lexer;
  if (token.kind === 'operator') {
    if (!isSymbol(token.text)) {
      const right = meant.get(token.text);
      throw lexer.fail(right === undefined ? expected : `There is no operator ${token.text}: use ${right}.`);
    }
    lexer.advance();
    return token.text;
  }
  if (take(lexer, 'LIKE')) return 'LIKE';
  if (take(lexer, 'ILIKE')) return 'ILIKE';
  if (take(lexer, 'IN')) return 'IN';
  if (take(lexer, 'NOT')) {
    if (take(lexer, 'IN')) return 'NOT IN';
    throw lexer.fail('Expected IN after NOT: nothing else can be negated.');
  }
  if (take(lexer, 'IS')) {
    const negated = take(lexer, 'NOT');
    if (take(lexer, 'NULL')) return negated ? 'IS NOT NULL' : 'IS NULL';
    throw lexer.fail('Expected NULL or NOT NULL after IS.');
  }
  if (lexer.isWord('BETWEEN')) throw lexer.fail('There is no BETWEEN: join two comparisons with AND.');
  if (lexer.isWord('RLIKE') || lexer.isWord('REGEXP'))
    throw lexer.fail('There are no regular expressions: use LIKE or ILIKE with % and _.');
  throw lexer.fail(expected);
}

const expected = 'Expected an operator: = != < <= > >= LIKE ILIKE IN NOT IN IS NULL IS NOT NULL.';

const isSymbol = (text: string): text is Comparator => symbols.has(text);

/** Steps over the keyword if it is next. */
export function take(lexer: Lexer, upperCase: string): boolean {
  if (!lexer.isWord(upperCase)) return false;
  lexer.advance();
  return true;
}
