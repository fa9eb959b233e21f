import { type AppError, shown } from '../errors.ts';
import type { Entity, Field, Grammar } from './grammar.ts';
import type { Lexer, Token } from './lexer.ts';

/** What an identifier names. */
export interface Reference {
  readonly entity: Entity;
  /** The canonical name where the grammar fixes the keys, the caller's key elsewhere. */
  readonly key: string;
  readonly field: Field;
  /** Where its text begins and ends. */
  readonly start: number;
  readonly end: number;
}

const quoted = (token: Token) => token.kind === 'single' || token.kind === 'double' || token.kind === 'backtick';

const quotedKey = 'A key with other characters than letters, digits, _ and . needs backticks, as in tags.`a-b`.';

export type Use = 'filter' | 'order';

/**
 * Reads `[prefix '.'] key`, split at the first dot outside quotes. Prefix and key may each be in backticks or double
 * quotes, a key behind a prefix also in single quotes. Throws when it names nothing that `use` allows.
 */
export function readIdentifier(lexer: Lexer, grammar: Grammar, use: Use): Reference {
  const { prefix, key, first, last } = readParts(lexer, grammar, use);
  const found = lookUp(grammar, use, prefix, key);
  if (typeof found === 'string') throw lexer.fail(found, first);
  return { ...found, start: first.start, end: last.end };
}

interface Parts {
  readonly prefix: string | undefined;
  readonly key: string;
  readonly first: Token;
  readonly last: Token;
}

function readParts(lexer: Lexer, grammar: Grammar, use: Use): Parts {
  const first = lexer.advance();
  if (first.kind === 'word') {
    const dot = first.text.indexOf('.');
    if (dot === -1) return { prefix: undefined, key: first.text, first, last: first };
    const prefix = first.text.slice(0, dot);
    if (dot < first.text.length - 1) return { prefix, key: first.text.slice(dot + 1), first, last: first };
    if (quoted(lexer.token) && lexer.token.start === first.end)
      return { prefix, key: lexer.token.text, first, last: lexer.advance() };
    throw missingKey(lexer, prefix);
  }
  if (first.kind !== 'backtick' && first.kind !== 'double') throw lexer.fail(expectation(grammar, use), first);
  if (lexer.text[first.end] !== '.') return { prefix: undefined, key: first.text, first, last: first };
  lexer.jumpToWord(first.end + 1);
  const { token } = lexer;
  if (token.start !== first.end + 1 || !(quoted(token) || token.kind === 'word')) throw missingKey(lexer, first.text);
  return { prefix: first.text, key: token.text, first, last: lexer.advance() };
}

function missingKey(lexer: Lexer, prefix: string): AppError {
  const { token } = lexer;
  const isOpenQuote = token.kind === 'bad' && '\'"`'.includes(lexer.text[token.start]!);
  const readable = isOpenQuote ? token : ({ ...token, kind: 'word' } as const);
  return lexer.fail(`Expected a key right after ${shown(`${prefix}.`)}. ${quotedKey}`, readable);
}

/** The field that prefix and key name, or the reason why there is none. */
export function lookUp(
  grammar: Grammar,
  use: Use,
  prefix: string | undefined,
  key: string,
): { entity: Entity; key: string; field: Field } | string {
  const entity = prefix === undefined ? 'attribute' : grammar.prefixes.get(prefix);
  if (entity === undefined)
    return `${shown(prefix)} is not a prefix for ${grammar.noun}: expected ${list(usablePrefixes(grammar, use))}.`;
  if (key === '' && prefix !== undefined) return `The key after the prefix ${shown(prefix)} is empty.`;

  const keyed = grammar.keyed.get(entity);
  const named = grammar.named.get(entity)?.get(key);
  const field = keyed ?? named;
  if (field !== undefined && usable(field, use)) return { entity, key: named?.name ?? key, field };

  const names = usableNames(grammar, use, entity);
  const verb = use === 'filter' ? 'filtered' : 'ordered';
  if (names.length === 0)
    return `${capital(grammar.noun)} cannot be ${verb} by ${pluralOf[entity]}: expected ${beginnings(grammar, use)}.`;
  const what = entity === 'attribute' ? 'attribute' : `key of ${pluralOf[entity]}`;
  return `${capital(grammar.noun)} cannot be ${verb} by the ${what} ${shown(key)}: expected ${list(names)}.`;
}

/** What an identifier may be, for a token that is none. */
function expectation(grammar: Grammar, use: Use): string {
  return `Expected ${use === 'filter' ? 'a comparison of' : 'one of'} ${beginnings(grammar, use)}.`;
}

function beginnings(grammar: Grammar, use: Use): string {
  const keyed = [...grammar.keyed].filter(([, field]) => usable(field, use));
  return list([
    ...usableNames(grammar, use, 'attribute'),
    ...keyed.map(([entity]) => `${prefixOf(grammar, entity)}.<key>`),
  ]);
}

export const pluralOf: Readonly<Record<Entity, string>> = {
  metric: 'metrics',
  param: 'params',
  tag: 'tags',
  attribute: 'attributes',
  dataset: 'datasets',
};

const usable = (field: Field, use: Use) => (use === 'filter' ? field.comparators.length > 0 : field.orderable);

function usableNames(grammar: Grammar, use: Use, entity: Entity): string[] {
  const fields = grammar.named.get(entity)?.values() ?? [];
  return [...new Set([...fields].filter((field) => usable(field, use)).map((field) => field.name))];
}

function usablePrefixes(grammar: Grammar, use: Use): string[] {
  const entities = new Set(grammar.prefixes.values());
  return [...entities]
    .filter((entity) => {
      const keyed = grammar.keyed.get(entity);
      return keyed === undefined ? usableNames(grammar, use, entity).length > 0 : usable(keyed, use);
    })
    .map((entity) => prefixOf(grammar, entity));
}

/** The first way to write an entity's prefix. */
function prefixOf(grammar: Grammar, entity: Entity): string {
  for (const [prefix, named] of grammar.prefixes) if (named === entity) return prefix;
  return pluralOf[entity];
}

function list(names: readonly string[]): string {
  return names.length < 2 ? names.join('') : `${names.slice(0, -1).join(', ')} or ${names.at(-1)}`;
}

const capital = (noun: string) => noun.charAt(0).toUpperCase() + noun.slice(1);

/** An identifier right before something that only quotes would make part of it. */
export function brokenKey(lexer: Lexer, reference: Reference): AppError | undefined {
  const { token } = lexer;
  const touches = token.start === reference.end && (token.kind === 'bad' || token.kind === 'number' || quoted(token));
  if (!touches) return undefined;
  const readable = { ...token, kind: 'word' } as const;
  return lexer.fail(quotedKey, readable);
}
