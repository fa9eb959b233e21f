import { invalid, shown } from '../errors.ts';
import { take } from './comparator.ts';
import type { Entity, Grammar } from './grammar.ts';
import { brokenKey, lookUp, readIdentifier } from './identifier.ts';
import { Lexer } from './lexer.ts';
import { searchLimits } from './limits.ts';

export interface OrderField {
  readonly entity: Entity;
  /** Canonical for attributes, as written for metrics, params and tags. */
  readonly key: string;
}

export interface OrderKey extends OrderField {
  readonly ascending: boolean;
}

/**
 * The items of MLflow's `order_by`: `identifier [ASC|DESC]` each, ascending by default. Throws
 * INVALID_PARAMETER_VALUE for what cannot be ordered by, for the same field twice and for more than 20 items.
 */
export function parseOrderBy(items: readonly string[], grammar: Grammar): OrderKey[] {
  const { orderItems } = searchLimits;
  if (items.length > orderItems) throw invalid(`order_by has ${items.length} items: expected at most ${orderItems}.`);
  const seen = new Set<string>();
  return items.map((item, i) => {
    const key = parseItem(item, `order_by item ${i + 1}`, grammar);
    const field = `${key.entity}.${key.key}`;
    if (seen.has(field))
      throw invalid(`order_by item ${i + 1}, ${shown(item)}, repeats a field: name each field once.`);
    seen.add(field);
    return key;
  });
}

function parseItem(item: string, what: string, grammar: Grammar): OrderKey {
  checkLength(item, what);
  const lexer = new Lexer(item, what);
  if (lexer.is('end')) throw lexer.fail("The item is blank: expected a field, as in 'metrics.accuracy DESC'.");
  const reference = readIdentifier(lexer, grammar, 'order');
  const broken = brokenKey(lexer, reference);
  if (broken !== undefined) throw broken;
  const descending = take(lexer, 'DESC');
  if (!descending) take(lexer, 'ASC');
  if (lexer.is(',')) throw lexer.fail('One item names one field: send several fields as several items.');
  if (!lexer.is('end')) throw lexer.fail('Expected ASC or DESC, or the end of the item.');
  return { entity: reference.entity, key: reference.key, ascending: !descending };
}

/**
 * A field that stands alone, as in logged models' `order_by`, where `metrics.a-b` needs no quotes: all behind the
 * first dot is the key. Throws INVALID_PARAMETER_VALUE for what cannot be ordered by.
 */
export function parseOrderField(name: string, grammar: Grammar): OrderField {
  checkLength(name, 'order_by field');
  const trimmed = name.trim();
  const dot = trimmed.indexOf('.');
  const key = trimmed.slice(dot + 1);
  const isQuoted = key.length > 1 && '`"'.includes(key[0]!) && key.endsWith(key[0]!);
  const found = lookUp(
    grammar,
    'order',
    dot === -1 ? undefined : trimmed.slice(0, dot),
    isQuoted ? key.slice(1, -1) : key,
  );
  if (typeof found === 'string') throw invalid(`Invalid order_by field ${shown(name)}: ${found}`);
  return { entity: found.entity, key: found.key };
}

function checkLength(text: string, what: string): void {
  const limit = searchLimits.orderItemCharacters;
  if (text.length > limit) throw invalid(`The ${what} has ${text.length} characters: expected at most ${limit}.`);
}
