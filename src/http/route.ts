import type { IncomingHttpHeaders } from 'node:http';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Message } from './message.ts';

export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

/** Where a route is bound: under `/api/2.0` and `/ajax-api/2.0`, under the second alone, under `/api/v1`, or at the path itself. */
export type Prefix = 'both' | 'ajax' | 'v1' | 'root';

/** Reply JSON that is rendered already, as text or, if it is long, better as UTF-8. */
export class JsonText {
  readonly body: string | Buffer;
  constructor(body: string | Buffer) {
    this.body = body;
  }
}

/** What any handler may know of a request besides its message. */
export interface PlainCall {
  readonly headers: IncomingHttpHeaders;
  /** Path parameters, percent-decoded once. */
  readonly path: Readonly<Record<string, string>>;
}

export interface Call extends PlainCall {
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
}

/** The query of a request, without `?` and not decoded. */
export function queryOf({ request: { url } }: Pick<Call, 'request'>): string {
  const at = url.indexOf('?');
  return at === -1 ? '' : url.slice(at + 1);
}

/** A path without parameters may be asked for by a plain request (`isPlain`), which never becomes one of Fastify's. */
type CallOf<P extends string> = P extends `${string}:${string}` | `${string}*${string}` ? Call : PlainCall;

/** A JSON endpoint: the message is bound from the query (GET) or the JSON body (any other verb). */
export interface JsonRoute {
  readonly kind: 'json';
  readonly method: Method;
  readonly path: string;
  readonly prefix: Prefix;
  readonly version: '2.0' | '3.0';
  readonly message: Message<unknown>;
  readonly handle: (input: unknown, call: Call) => unknown;
}

/** A JSON endpoint that plain requests may ask for: one of MLflow's API at a path without parameters. */
export interface PlainRoute extends JsonRoute {
  readonly handle: (input: unknown, call: PlainCall) => unknown;
}

export const isPlain = (route: Route): route is PlainRoute =>
  route.kind === 'json' && route.prefix === 'both' && !/[:*]/.test(route.path);

/** An endpoint that reads the raw request and writes the raw reply itself (artifact bytes). */
export interface RawRoute {
  readonly kind: 'raw';
  readonly method: Method | 'HEAD';
  readonly path: string;
  readonly prefix: Prefix;
  readonly version: '2.0' | '3.0';
  readonly handle: (call: Call) => unknown;
}

export type Route = JsonRoute | RawRoute;

const prefixes: Readonly<Record<Prefix, (version: string) => readonly string[]>> = {
  both: (version) => [`/api/${version}`, `/ajax-api/${version}`],
  ajax: (version) => [`/ajax-api/${version}`],
  v1: () => ['/api/v1'],
  root: () => [''],
};

/** Where a route is bound. */
export const urlsOf = ({ prefix, version, path }: Route): string[] =>
  prefixes[prefix](version).map((before) => before + path);

interface Options {
  prefix?: Prefix;
  version?: '2.0' | '3.0';
}

function json(method: Method) {
  return <T, P extends string>(
    path: P,
    message: Message<T>,
    handle: (input: T, call: CallOf<P>) => unknown,
    options: Options = {},
  ): Route => ({
    kind: 'json',
    method,
    path,
    prefix: options.prefix ?? 'both',
    version: options.version ?? '2.0',
    message,
    handle: handle as JsonRoute['handle'],
  });
}

export const get = json('GET');
export const post = json('POST');
export const patch = json('PATCH');
export const del = json('DELETE');

export function raw(
  method: RawRoute['method'],
  path: string,
  handle: RawRoute['handle'],
  options: Options = {},
): Route {
  return { kind: 'raw', method, path, prefix: options.prefix ?? 'both', version: options.version ?? '2.0', handle };
}
