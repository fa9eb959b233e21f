import { AppError, invalid, shown } from '../errors.ts';

/**
 * Request messages: what MLflow's proto-JSON binding accepts, declared once and typed from then on.
 * Keys are camelCase here and snake_case on the wire (camelCase is accepted there too). `null` is absent,
 * unknown fields are ignored, a required string may not be empty. A value that does not bind is a 400
 * that names the field (MLflow drops it in silence).
 */
export interface Field<T> {
  readonly decode: (raw: unknown) => T;
  /** What is right, for the message: "an integer". */
  readonly expected: string;
  readonly required: boolean;
  readonly repeated: boolean;
  readonly alias: string | undefined;
}

export type Fields = Record<string, Field<unknown>>;
export type Decoded<F extends Fields> = { [K in keyof F]: F[K] extends Field<infer T> ? T : never };
export type Infer<M> = M extends Message<infer T> ? T : never;

export interface Message<T> {
  /** Binds a parsed JSON object. Throws INVALID_PARAMETER_VALUE naming the path of the bad field. */
  fromJson(raw: unknown): T;
  /** Binds a query string (without `?`); a repeated key is a list. */
  fromQuery(query: string): T;
  readonly fields: Fields;
}

/** Thrown while binding; the path grows from the inside out and becomes an AppError at the top. */
class BadField extends Error {
  path = '';
  readonly detail: string;
  constructor(detail: string) {
    super(detail);
    this.detail = detail;
  }
  within(prefix: string): this {
    this.path = this.path === '' || this.path.startsWith('[') ? prefix + this.path : `${prefix}.${this.path}`;
    return this;
  }
}

const bad = (raw: unknown, expected: string): never => {
  throw new BadField(`Invalid value ${shown(raw)} for parameter '$' supplied: expected ${expected}`);
};

function field<T>(expected: string, decode: (raw: unknown) => T): Field<T | undefined> {
  return { decode, expected, required: false, repeated: false, alias: undefined };
}

/** Marks a field as one that must be present and not `""`; `alias` is a second wire name for it (`run_uuid`). */
export function required<T>(inner: Field<T | undefined>, options: { alias?: string } = {}): Field<T> {
  return { ...inner, required: true, alias: options.alias } as Field<T>;
}

/** An optional field with a second wire name. */
export function aliased<T>(inner: Field<T>, alias: string): Field<T> {
  return { ...inner, alias };
}

function decodeString(raw: unknown): string {
  if (typeof raw !== 'string') return bad(raw, 'a string');
  if (raw.includes('\0')) return bad(raw, 'text without NUL characters');
  if (!raw.isWellFormed()) return bad(raw, 'well-formed Unicode text (it holds a lone surrogate)');
  return raw;
}

const integerText = /^-?\d{1,19}$/;
function decodeInteger(raw: unknown): number {
  const value = typeof raw === 'string' && integerText.test(raw) ? Number(raw) : raw;
  if (typeof value !== 'number' || !Number.isInteger(value)) return bad(raw, 'an integer');
  if (!Number.isSafeInteger(value)) return bad(raw, 'an integer between -(2^53 - 1) and 2^53 - 1');
  return Object.is(value, -0) ? 0 : value;
}

const numberText = /^[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?$/;
function decodeDouble(raw: unknown): number {
  if (typeof raw === 'number') return raw;
  if (typeof raw === 'string') {
    if (raw === 'NaN') return Number.NaN;
    if (raw === 'Infinity') return Number.POSITIVE_INFINITY;
    if (raw === '-Infinity') return Number.NEGATIVE_INFINITY;
    if (numberText.test(raw)) return Number(raw);
  }
  return bad(raw, 'a number, "NaN", "Infinity" or "-Infinity"');
}

function decodeBoolean(raw: unknown): boolean {
  if (typeof raw === 'boolean') return raw;
  if (typeof raw === 'string') {
    const text = raw.toLowerCase();
    if (text === 'true') return true;
    if (text === 'false') return false;
  }
  return bad(raw, 'true or false');
}

export const str = (): Field<string | undefined> => field('a string', decodeString);
/** A 64-bit integer that JavaScript holds exactly; anything beyond 2^53 - 1 is refused rather than rounded. */
export const int = (): Field<number | undefined> => field('an integer', decodeInteger);
export const double = (): Field<number | undefined> => field('a number', decodeDouble);
export const bool = (): Field<boolean | undefined> => field('true or false', decodeBoolean);

/** An enum by name or number; the decoded value is the name. */
export function oneOf<N extends string>(numbers: Record<N, number>): Field<N | undefined> {
  const names = Object.keys(numbers) as N[];
  const byNumber = new Map<unknown, N>(names.map((name) => [numbers[name], name]));
  const expected = `one of ${names.join(', ')}`;
  return field(expected, (raw) => {
    if (typeof raw === 'string' && names.includes(raw as N)) return raw as N;
    return byNumber.get(typeof raw === 'string' ? Number(raw) : raw) ?? bad(raw, expected);
  });
}

/** A repeated field; absent is the empty list. */
export function list<T>(inner: Field<T | undefined>): Field<T[]> {
  const decode = (raw: unknown): T[] => {
    if (!Array.isArray(raw)) return bad(raw, 'a list');
    const values = new Array<T>(raw.length);
    for (let i = 0; i < raw.length; i++) {
      try {
        if (raw[i] === null) bad(null, inner.expected);
        values[i] = inner.decode(raw[i]) as T;
      } catch (error) {
        throw error instanceof BadField ? error.within(`[${i}]`) : error;
      }
    }
    return values;
  };
  return { decode, expected: 'a list', required: false, repeated: true, alias: undefined };
}

export function nested<T>(inner: Message<T>): Field<T | undefined> {
  return field('an object', (raw) => (inner as BoundMessage<T>).bind(raw));
}

interface BoundMessage<T> extends Message<T> {
  bind(raw: unknown): T;
}

const snakeCase = (key: string) => key.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);

/** R sends absent optionals as `[]` or `{}`; on a scalar they count as absent. */
const isEmptyContainer = (raw: object) => (Array.isArray(raw) ? raw.length === 0 : Object.keys(raw).length === 0);

/** Declares a request message. */
export function message<F extends Fields>(fields: F): Message<Decoded<F>> {
  const bound = Object.entries(fields).map(([key, spec]) => {
    const wire = snakeCase(key);
    return { key, wire, camel: wire === key ? undefined : key, spec, scalar: spec.expected !== 'an object' };
  });

  function bind(raw: unknown): Decoded<F> {
    if (typeof raw !== 'object' || raw === null || Array.isArray(raw)) return bad(raw, 'an object');
    const source = raw as Record<string, unknown>;
    const result: Record<string, unknown> = {};
    for (const { key, wire, camel, spec, scalar } of bound) {
      let value = source[wire];
      if (camel !== undefined && source[camel] !== undefined) {
        if (value !== undefined)
          throw new BadField(`Parameter '$' is given twice, as '${wire}' and '${camel}'`).within(wire);
        value = source[camel];
      }
      if ((value === undefined || value === null || value === '') && spec.alias !== undefined)
        value = source[spec.alias] ?? value;
      if (scalar && !spec.repeated && typeof value === 'object' && value !== null && isEmptyContainer(value))
        value = undefined;
      if (value === undefined || value === null || (spec.required && value === '')) {
        if (spec.required) throw new BadField(`Missing value for required parameter '$'`).within(wire);
        result[key] = spec.repeated ? [] : undefined;
        continue;
      }
      try {
        result[key] = spec.decode(value);
      } catch (error) {
        throw error instanceof BadField ? error.within(wire) : error;
      }
    }
    return result as Decoded<F>;
  }

  function guarded(raw: unknown): Decoded<F> {
    try {
      return bind(raw);
    } catch (error) {
      if (error instanceof BadField) throw invalid(`${error.detail.replace("'$'", () => `'${error.path}'`)}.`);
      throw error;
    }
  }

  const repeated = new Set(bound.filter((entry) => entry.spec.repeated).flatMap((entry) => [entry.wire, entry.key]));
  const self: BoundMessage<Decoded<F>> = {
    fields,
    bind,
    fromJson: guarded,
    fromQuery: (query) => guarded(query === '' ? {} : parseQuery(query, repeated)),
  };
  return self;
}

/** Splits a query string; every component is decoded once, a malformed one is a 400. */
export function parseQuery(query: string, repeated: ReadonlySet<string>): Record<string, unknown> {
  const result: Record<string, unknown> = Object.create(null);
  for (const part of query.split('&')) {
    if (part === '') continue;
    const at = part.indexOf('=');
    const key = decodeComponent(at === -1 ? part : part.slice(0, at));
    const value = at === -1 ? '' : decodeComponent(part.slice(at + 1));
    if (!repeated.has(key)) result[key] = value;
    else if (Array.isArray(result[key])) (result[key] as unknown[]).push(value);
    else result[key] = [value];
  }
  return result;
}

function decodeComponent(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch (cause) {
    throw new AppError(
      'INVALID_PARAMETER_VALUE',
      `The query string is not valid percent-encoded UTF-8 near ${shown(text)}.`,
      {
        cause,
      },
    );
  }
}
