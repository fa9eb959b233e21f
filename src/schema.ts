import type { Static, TSchema } from 'typebox';
import { Compile } from 'typebox/compile';

/** One thing that is wrong with a value: where, what stands there, and what would be right. */
export interface Problem {
  readonly path: readonly string[];
  /** Undefined where something required is missing. */
  readonly value: unknown;
  readonly expected: string;
}

export interface Checker<S extends TSchema> {
  readonly schema: S;
  matches(value: unknown): value is Static<S>;
  /** What is wrong, in the order of the schema, at most one problem a place; empty when the value matches. */
  problems(value: unknown): Problem[];
}

/** The annotation with which a schema says in words what it expects: "a name such as wine-holdout@2". */
export const expectedKey = 'x-expected';

interface SchemaError {
  readonly keyword: string;
  readonly schemaPath: string;
  readonly instancePath: string;
  readonly params: object;
}

/** Compiles a schema once; checking is then a function call. */
export function checker<S extends TSchema>(schema: S): Checker<S> {
  const validator = Compile(schema);
  return {
    schema,
    matches: (value): value is Static<S> => validator.Check(value),
    problems: (value) => collect(schema, validator.Errors(value), value),
  };
}

function collect(schema: TSchema, errors: readonly SchemaError[], value: unknown): Problem[] {
  const problems = new Map<string, Problem>();
  const add = (path: readonly string[], found: unknown, expected: string) => {
    const key = JSON.stringify(path);
    // Deeper places say more than the choice that they are part of.
    if (!problems.has(key)) problems.set(key, { path, value: found, expected });
  };
  for (const error of errors) {
    const path = pointer(error.instancePath);
    const found = at(value, path);
    const place = at(schema, pointer(error.schemaPath.replace(/^#/, '')));
    const params = error.params as Record<string, readonly string[]>;
    if (error.keyword === 'required')
      for (const name of params['requiredProperties'] ?? [])
        add([...path, name], undefined, expectation(property(place, name)));
    else if (error.keyword === 'additionalProperties')
      for (const name of params['additionalProperties'] ?? [])
        add(
          [...path, name],
          at(found, [name]),
          `one of ${Object.keys(record(record(place)['properties'])).join(', ')}`,
        );
    else if (error.keyword !== 'boolean' && !isInsideChoice(error.schemaPath)) add(path, found, expectation(place));
  }
  return [...problems.values()];
}

/** The alternatives of a choice each complain; the choice itself says which there are. */
const isInsideChoice = (schemaPath: string) => /\/(anyOf|oneOf)\/\d+/.test(schemaPath);

const pointer = (text: string) =>
  text
    .split('/')
    .slice(1)
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'));

const record = (value: unknown): Record<string, unknown> =>
  typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};

function at(value: unknown, path: readonly string[]): unknown {
  return path.reduce<unknown>(
    (inner, part) => (Object.hasOwn(record(inner), part) ? record(inner)[part] : undefined),
    value,
  );
}

const property = (schema: unknown, name: string) => at(schema, ['properties', name]);

const articles: Record<string, string> = {
  string: 'a text',
  integer: 'an integer',
  number: 'a number',
  boolean: 'true or false',
  object: 'an object',
  array: 'a list',
  null: 'null',
};

/** What a schema expects, in words. */
export function expectation(schema: unknown): string {
  const spec = record(schema);
  if (typeof spec[expectedKey] === 'string') return spec[expectedKey];
  const choices = (spec['anyOf'] ?? spec['oneOf']) as unknown[] | undefined;
  if (choices !== undefined) {
    const constants = choices.map((choice) => record(choice)['const']);
    if (constants.every((constant) => constant !== undefined)) return `one of ${constants.join(', ')}`;
    return choices.map(expectation).join(', or ');
  }
  if (Array.isArray(spec['enum'])) return `one of ${spec['enum'].join(', ')}`;
  if (spec['const'] !== undefined) return JSON.stringify(spec['const']);
  const kind = articles[String(spec['type'])] ?? 'a value';
  const bounds = [
    spec['minimum'] !== undefined && `at least ${spec['minimum']}`,
    spec['exclusiveMinimum'] !== undefined && `above ${spec['exclusiveMinimum']}`,
    spec['maximum'] !== undefined && `at most ${spec['maximum']}`,
    spec['minLength'] !== undefined && 'not empty',
    spec['maxLength'] !== undefined && `of at most ${spec['maxLength']} characters`,
    spec['pattern'] !== undefined && `that matches ${spec['pattern']}`,
  ].filter((bound) => bound !== false);
  return [kind, ...bounds].join(' ').replace(/^(\S+ \S+) (.+)$/, bounds.length > 0 ? '$1, $2' : '$1 $2');
}
