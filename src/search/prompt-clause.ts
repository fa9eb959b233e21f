import { invalid } from '../errors.ts';
import { type Comparison, combine, type Filter } from './filter.ts';

const promptTag = 'mlflow.prompt.is_prompt';

/**
 * Registered models and prompts share a table, and MLflow tells them apart by a clause on the tag
 * `mlflow.prompt.is_prompt`, which decides for the whole search whether it is about prompts; without one it is about
 * models. `= 'true'` and `!= 'false'` ask for prompts, every other clause for models. The clause itself is taken out
 * of the filter, because models do not carry the tag.
 *
 * Clients glue their clause to the caller's filter with AND and no parentheses, so behind an OR it lands inside one
 * alternative and still means the whole search. Where it is an alternative of its own it could not be kept apart from
 * the models beside it: INVALID_PARAMETER_VALUE, as for two clauses that contradict each other.
 */
export function takePromptClause(filter: Filter | undefined): { prompts: boolean; rest: Filter | undefined } {
  const asked = new Set<boolean>();
  const rest = filter === undefined ? undefined : without(filter, asked);
  if (asked.size > 1)
    throw invalid(`The filter asks for prompts and for models at once: use one clause on tags.\`${promptTag}\`.`);
  return { prompts: asked.has(true), rest };
}

/** `filter` without clauses on the tag; what they ask for is added to `asked`. */
function without(filter: Filter, asked: Set<boolean>): Filter | undefined {
  if (filter.kind === 'compare') {
    if (filter.entity !== 'tag' || filter.key !== promptTag) return filter;
    asked.add(asksForPrompts(filter));
    return undefined;
  }
  const terms = filter.terms.flatMap((term) => {
    const kept = without(term, asked);
    if (kept === undefined && filter.kind === 'or')
      throw invalid(`A clause on tags.\`${promptTag}\` speaks of the whole search: join it with AND, not with OR.`);
    return kept === undefined ? [] : [kept];
  });
  return combine(filter.kind, terms);
}

function asksForPrompts({ comparator, value }: Comparison): boolean {
  const word = String(value).toLowerCase();
  return (comparator === '=' && word === 'true') || (comparator === '!=' && word === 'false');
}
