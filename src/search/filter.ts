import { AppError, invalid } from '../errors.ts';
import { readComparator, take } from './comparator.ts';
import type { Comparator, Entity, Grammar } from './grammar.ts';
import { readIdentifier } from './identifier.ts';
import { Lexer, Misreading } from './lexer.ts';
import { searchLimits } from './limits.ts';
import { readList, readValue, type Value } from './values.ts';

export type { Comparator, Entity } from './grammar.ts';

export interface Comparison {
  readonly kind: 'compare';
  readonly entity: Entity;
  /** Canonical for attributes and data sets (`created` is `start_time`), as written for metrics, params and tags. */
  readonly key: string;
  readonly comparator: Comparator;
  /** A list for IN and NOT IN, null for IS NULL and IS NOT NULL. */
  readonly value: Value;
}

/** At least two terms, none of them of the same kind as their parent. */
export interface Combination {
  readonly kind: 'and' | 'or';
  readonly terms: readonly Filter[];
}

export type Filter = Comparison | Combination;

/**
 * MLflow's filter language, with OR and parentheses on top: AND binds stronger than OR. As in MLflow, surplus ANDs
 * between comparisons, before the first and after the last are ignored. Nothing or '' is no filter. Throws
 * INVALID_PARAMETER_VALUE, naming the column and what would be right.
 */
export function parseFilter(text: string | undefined, grammar: Grammar): Filter | undefined {
  if (text === undefined || text === '') return undefined;
  if (text.length > searchLimits.filterCharacters)
    throw invalid(`The filter has ${text.length} characters: expected at most ${searchLimits.filterCharacters}.`);
  const lexer = new Lexer(text, 'filter');
  if (lexer.is('end')) throw lexer.fail('The filter is blank: leave it out or write a comparison.');
  return new FilterParser(lexer, grammar).parse();
}

/** What keeps a filter from being read, and where, in UTF-16 units; undefined when it can be. A blank one is no filter. */
export function findFilterProblem(
  text: string,
  grammar: Grammar,
): { message: string; start: number; end: number } | undefined {
  try {
    parseFilter(text.trim() === '' ? '' : text, grammar);
    return undefined;
  } catch (error) {
    if (error instanceof Misreading) return { message: error.reason, start: error.start, end: error.end };
    if (error instanceof AppError) return { message: error.message, start: 0, end: text.length };
    throw error;
  }
}

/** `terms` joined in the normal form of `Filter`; undefined where there are none. */
export function combine(kind: 'and' | 'or', terms: readonly Filter[]): Filter | undefined {
  const flat = terms.flatMap((term) => (term.kind === kind ? term.terms : [term]));
  return flat.length < 2 ? flat[0] : { kind, terms: flat };
}

class FilterParser {
  readonly #lexer: Lexer;
  readonly #grammar: Grammar;
  #comparisons = 0;
  #listValues = 0;
  #depth = 0;

  constructor(lexer: Lexer, grammar: Grammar) {
    this.#lexer = lexer;
    this.#grammar = grammar;
  }

  parse(): Filter {
    const lexer = this.#lexer;
    while (take(lexer, 'AND'));
    const filter = this.#disjunction();
    if (!lexer.is('end')) throw this.#unexpectedAfterTerm();
    return filter;
  }

  #disjunction(): Filter {
    let filter = this.#conjunction();
    const terms = [filter];
    while (take(this.#lexer, 'OR')) terms.push(this.#conjunction());
    if (terms.length > 1) filter = combine('or', terms) ?? filter;
    return filter;
  }

  #conjunction(): Filter {
    const lexer = this.#lexer;
    const first = this.#term();
    const terms = [first];
    while (lexer.isWord('AND')) {
      while (take(lexer, 'AND'));
      if (lexer.is('end') && this.#depth === 0) break;
      terms.push(this.#term());
    }
    return combine('and', terms) ?? first;
  }

  #term(): Filter {
    const lexer = this.#lexer;
    lexer.clauseStart = lexer.token.start;
    if (!lexer.is('(')) return this.#comparison();
    const open = lexer.token;
    if (++this.#depth > searchLimits.depth)
      throw lexer.fail(`Parentheses are nested more than ${searchLimits.depth} deep.`);
    lexer.advance();
    const filter = this.#disjunction();
    if (lexer.is('end')) throw lexer.fail('This parenthesis is never closed.', open);
    if (!lexer.is(')')) throw this.#unexpectedAfterTerm();
    lexer.advance();
    this.#depth--;
    return filter;
  }

  #comparison(): Comparison {
    const lexer = this.#lexer;
    if (++this.#comparisons > searchLimits.comparisons)
      throw lexer.fail(`The filter has more than ${searchLimits.comparisons} comparisons.`);
    if (lexer.is('end')) throw lexer.fail('The filter ends where a comparison was expected.');
    if (lexer.isWord('NOT')) throw lexer.fail('NOT does not stand before a comparison: use !=, NOT IN or IS NOT NULL.');
    if (lexer.isWord('AND') || lexer.isWord('OR'))
      throw lexer.fail(`Expected a comparison before ${lexer.token.text}.`);
    const reference = readIdentifier(lexer, this.#grammar, 'filter');
    const comparator = readComparator(lexer, reference);
    const { entity, key } = reference;
    if (comparator === 'IS NULL' || comparator === 'IS NOT NULL')
      return { kind: 'compare', entity, key, comparator, value: null };
    if (comparator !== 'IN' && comparator !== 'NOT IN')
      return { kind: 'compare', entity, key, comparator, value: readValue(lexer, reference, comparator) };
    const value = readList(lexer, reference, comparator, searchLimits.listValues - this.#listValues);
    this.#listValues += value.length;
    return { kind: 'compare', entity, key, comparator, value };
  }

  #unexpectedAfterTerm() {
    const lexer = this.#lexer;
    if (lexer.is(')')) return lexer.fail("There is no '(' for this ')'.");
    const before = lexer.text[lexer.token.start - 1];
    if (before === "'" || before === '"')
      return lexer.fail(
        'The text ended before this, for a quote inside it has no escape: use the other kind around it.',
      );
    return lexer.fail('Expected AND or OR between comparisons, or the end of the filter.');
  }
}
