import type { Static, TObject, TSchema } from 'typebox';
import Type from 'typebox';
import { invalid, shown } from '../errors.ts';
import { type Checker, checker, expectedKey, type Problem } from '../schema.ts';
import { version } from '../version.ts';
import { parseQuery } from './message.ts';
import type { Call, JsonRoute, Method, PlainCall, Route } from './route.ts';

/**
 * Cellar's own API, `/api/v1`: camelCase, one schema for validation, types and OpenAPI. An endpoint takes path
 * parameters and a query (GET), or path parameters and a JSON body (any other verb); a field that the schema does not
 * know is refused, so that a typing mistake is not taken for consent.
 */
export interface EndpointSpec<P extends TObject, I extends TObject, R extends TSchema> {
  /** One sentence: what it does. Shown in the API's description. */
  readonly summary: string;
  /** The word it is listed under: services, decisions, holdouts, … */
  readonly tag: string;
  readonly path?: P;
  /** The query of a GET, the body of any other verb. */
  readonly input?: I;
  readonly reply: R;
}

export interface ApiCall<P, I> {
  readonly path: P;
  readonly input: I;
  /** Who asks, as the caller says: the header `x-cellar-actor`, else `anonymous`. */
  readonly actor: string;
  readonly call: Call;
}

export interface Endpoint extends JsonRoute {
  readonly spec: EndpointSpec<TObject, TObject, TSchema>;
}

const nothing = Type.Object({}, { additionalProperties: false });

/** Declares an endpoint below `/api/v1`; parameters in `url` are written `:name`. */
export function endpoint<R extends TSchema, P extends TObject = typeof nothing, I extends TObject = typeof nothing>(
  method: Method,
  url: string,
  spec: EndpointSpec<P, I, R>,
  handle: (asked: ApiCall<Static<P>, Static<I>>) => Promise<Static<R>> | Static<R>,
): Endpoint {
  const path = checker(spec.path ?? nothing);
  const input = checker(closed(spec.input ?? nothing));
  const wanted = wantedTypes(input.schema);
  const inPath = wantedTypes(path.schema).types;
  return {
    kind: 'json',
    method,
    path: url,
    prefix: 'v1',
    version: '2.0',
    message: {
      fields: {},
      fromJson: (raw) => checked(input, raw),
      fromQuery: (query) => checked(input, fromText(parseQuery(query, wanted.lists), wanted.types)),
    },
    handle: (given, call) =>
      handle({
        path: checked(path, fromText(call.path, inPath)) as Static<P>,
        input: given as Static<I>,
        actor: actorOf(call),
        call,
      }),
    spec: { ...spec, input: input.schema, path: path.schema } as Endpoint['spec'],
  };
}

const closed = <T extends TObject>(schema: T): T => ({ ...schema, additionalProperties: false });

function checked<S extends TSchema>(schema: Checker<S>, value: unknown): Static<S> {
  if (schema.matches(value)) return value;
  const [first] = schema.problems(value);
  throw invalid(first === undefined ? 'The request does not match its schema.' : told(first));
}

/** A problem in MLflow's words. */
export function told({ path, value, expected }: Problem): string {
  const name = path.reduce(
    (text, part) => (/^\d+$/.test(part) ? `${text}[${part}]` : text === '' ? part : `${text}.${part}`),
    '',
  );
  return value === undefined
    ? `Missing value for required parameter '${name}': expected ${expected}.`
    : `Invalid value ${shown(value)} for parameter '${name}' supplied: expected ${expected}.`;
}

interface WantedTypes {
  readonly types: ReadonlyMap<string, string>;
  readonly lists: ReadonlySet<string>;
}

function wantedTypes(schema: TObject): WantedTypes {
  const types = new Map<string, string>();
  const lists = new Set<string>();
  for (const [name, property] of Object.entries(schema.properties)) {
    const type = String((property as { type?: unknown }).type);
    types.set(name, type);
    if (type === 'array') lists.add(name);
  }
  return { types, lists };
}

const numberText = /^-?\d+(\.\d+)?([eE][+-]?\d+)?$/;

/** Numbers and booleans arrive as text in a URL; what is none stays text, and the schema says so. */
function fromText(given: Readonly<Record<string, unknown>>, types: WantedTypes['types']): Record<string, unknown> {
  const result: Record<string, unknown> = Object.create(null);
  for (const [name, value] of Object.entries(given)) {
    const type = types.get(name);
    if ((type === 'integer' || type === 'number') && numberText.test(String(value))) result[name] = Number(value);
    else if (type === 'boolean' && (value === 'true' || value === 'false')) result[name] = value === 'true';
    else result[name] = value;
  }
  return result;
}

const longestActor = 255;

/** Who asks. Nobody is asked to prove it; the records say what they were told. */
export function actorOf({ headers }: PlainCall): string {
  const header = headers['x-cellar-actor'];
  const actor = Array.isArray(header) ? header[0] : header;
  if (actor === undefined || actor.trim() === '') return 'anonymous';
  if (actor.length > longestActor || !/^[\x20-\x7e]+$/.test(actor))
    throw invalid(`Invalid header 'x-cellar-actor': expected at most ${longestActor} printable ASCII characters.`);
  return actor.trim();
}

/** A description of the endpoints in OpenAPI 3.1, made from the schemas that validate. */
export function openApi(endpoints: readonly Endpoint[], info: { title: string; version: string; description: string }) {
  const paths: Record<string, Record<string, unknown>> = {};
  for (const { method, path, spec } of endpoints) {
    const url = `/api/v1${path.replace(/:(\w+)/g, '{$1}')}`;
    paths[url] = { ...paths[url], [method.toLowerCase()]: operation(method, path, spec) };
  }
  return {
    openapi: '3.1.0',
    info,
    paths,
    components: { schemas: { Error: errorSchema } },
  };
}

/** The routes, and one that describes those of them that are endpoints of `/api/v1`. */
export function described(routes: readonly Route[]): Route[] {
  const endpoints = routes.filter((route): route is Endpoint => 'spec' in route);
  const description = endpoint(
    'GET',
    '/openapi.json',
    { summary: 'This description, in OpenAPI 3.1.', tag: 'description', reply: Type.Unknown() },
    () => document,
  );
  const document = openApi([...endpoints, description], {
    title: 'Cellar',
    version,
    description:
      'Environments, decisions, holdouts, evaluations and jobs. Tracking and registry speak MLflow’s REST API.',
  });
  return [...routes, description];
}

const errorSchema = Type.Object({ error_code: Type.String(), message: Type.String() });

function operation(method: string, url: string, spec: Endpoint['spec']) {
  const parameters = (where: 'path' | 'query', schema: TObject | undefined) =>
    Object.entries(schema?.properties ?? {}).map(([name, property]) => ({
      name,
      in: where,
      required: where === 'path' || (schema?.required as readonly string[] | undefined)?.includes(name) === true,
      schema: property,
    }));
  const json = (schema: unknown) => ({ 'application/json': { schema } });
  const words = url.split('/').filter((part) => part !== '' && !part.startsWith(':'));
  return {
    operationId: [method.toLowerCase(), ...words].join('-'),
    summary: spec.summary,
    tags: [spec.tag],
    parameters: [...parameters('path', spec.path), ...(method === 'GET' ? parameters('query', spec.input) : [])],
    ...(method !== 'GET' && { requestBody: { content: json(spec.input) } }),
    responses: {
      200: { description: 'Done.', content: json(spec.reply) },
      default: {
        description: 'A failure, in MLflow’s envelope.',
        content: json({ $ref: '#/components/schemas/Error' }),
      },
    },
  };
}

/** Integer milliseconds since 1970, UTC. */
export const time = () => Type.Integer({ [expectedKey]: 'a time in milliseconds since 1970' });
export const nullable = <T extends TSchema>(schema: T) => Type.Union([schema, Type.Null()]);
