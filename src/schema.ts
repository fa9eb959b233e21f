import type { Static, TSchema } from 'typebox';
import { Compile } from 'typebox/compile';
import { Settings } from 'typebox/system';

/** One thing that is wrong with a value: where, what stands there, and what would be right. */
export interface Problem {
  readonly path: readonly string[];
  /** Undefined where something required is missing. */
  readonly value: unknown;
  readonly expected: string;
  /** The name at the end of the path is what is wrong, whatever stands under it. */
  readonly isName?: true;
}

export interface Checker<S extends TSchema> {
  readonly schema: S;
  matches(value: unknown): value is Static<S>;
  /** What is wrong, in the order of the schema, at most one problem a place; empty when the value matches. */
  problems(value: unknown): Problem[];
}

/** The annotation with which a schema says in words what it expects: "a name such as wine-holdout@2". */
export const expectedKey = 'x-expected';
/** The same for the names in a map. */
export const expectedNameKey = 'x-expected-name';

/** TypeBox stops at eight complaints, and the alternatives of one choice can use them up. */
Settings.Set({ maxErrors: 500 });

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
  const add = (path: readonly string[], found: unknown, expected: string, isName = false) => {
    const key = JSON.stringify(path);
    // Deeper places say more than the choice that they are part of.
    if (!problems.has(key)) problems.set(key, { path, value: found, expected, ...(isName && { isName }) });
  };
  for (const error of complaints(errors)) {
    const path = pointer(error.instancePath);
    const found = at(value, path);
    const place = at(schema, pointer(error.schemaPath.replace(/^#/, '')));
    const params = error.params as Record<string, readonly string[]>;
    if (error.keyword === 'required')
      for (const name of params['requiredProperties'] ?? [])
        add([...path, name], undefined, expectation(property(place, name)));
    else if (error.keyword === 'additionalProperties') {
      // Where further names are allowed, what stands under them has complained itself.
      if (record(place)['additionalProperties'] === false)
        for (const name of params['additionalProperties'] ?? [])
          add([...path, name], at(found, [name]), expectedName(record(place)), true);
    } else if (error.keyword !== 'boolean') add(path, found, expectation(place));
  }
  return [...problems.values()];
}

function expectedName(place: Record<string, unknown>): string {
  const told = place[expectedNameKey];
  return typeof told === 'string' ? told : `one of ${Object.keys(record(place['properties'])).join(', ')}`;
}

/**
 * Every alternative of a choice complains, and the choice itself says which there are: it alone is heard. But where all
 * alternatives except one are of another type, that one was meant, and what it complains of says more.
 */
function complaints(errors: readonly SchemaError[]): SchemaError[] {
  const choices = errors
    .filter(({ keyword }) => keyword === 'anyOf' || keyword === 'oneOf')
    .map((choice) => ({ choice, meant: meantBy(choice, errors) }));
  return errors.filter((error) =>
    choices.every(({ choice, meant }) => {
      if (error === choice) return meant === undefined;
      const alternative = alternativeOf(error, choice);
      return alternative === undefined || alternative === meant;
    }),
  );
}

/** The only alternative that does not refuse the value as a whole. */
function meantBy(choice: SchemaError, errors: readonly SchemaError[]): string | undefined {
  const tried = new Set<string>();
  const refused = new Set<string>();
  for (const error of errors) {
    const alternative = alternativeOf(error, choice);
    if (alternative === undefined) continue;
    tried.add(alternative);
    const isWhole = error.instancePath === choice.instancePath;
    if (isWhole && error.keyword !== 'required' && error.keyword !== 'additionalProperties') refused.add(alternative);
  }
  const left = [...tried].filter((alternative) => !refused.has(alternative));
  return left.length === 1 ? left[0] : undefined;
}

/** Which alternative of a choice an error is about. */
function alternativeOf({ schemaPath, instancePath }: SchemaError, choice: SchemaError): string | undefined {
  const start = `${choice.schemaPath}/${choice.keyword}/`;
  const isBelow = instancePath === choice.instancePath || instancePath.startsWith(`${choice.instancePath}/`);
  return isBelow && schemaPath.startsWith(start) ? schemaPath.slice(start.length).split('/', 1)[0] : undefined;
}

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
    spec['minProperties'] !== undefined && 'not empty',
    spec['maxProperties'] !== undefined && `with at most ${spec['maxProperties']} names`,
    spec['minItems'] !== undefined && 'not empty',
    spec['maxItems'] !== undefined && `with at most ${spec['maxItems']} entries`,
  ].filter((bound) => bound !== false);
  return [kind, ...bounds].join(' ').replace(/^(\S+ \S+) (.+)$/, bounds.length > 0 ? '$1, $2' : '$1 $2');
}
