import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Message } from './message.ts';

export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

/** Where a route is bound: under `/api/2.0` and `/ajax-api/2.0`, under the second alone, under `/api/v1`, or at the path itself. */
export type Prefix = 'both' | 'ajax' | 'v1' | 'root';

/** Reply JSON that is rendered already. */
export class JsonText {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}

export interface Call {
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
  /** Path parameters, percent-decoded once. */
  readonly path: Readonly<Record<string, string>>;
}

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

interface Options {
  prefix?: Prefix;
  version?: '2.0' | '3.0';
}

function json(method: Method) {
  return <T>(
    path: string,
    message: Message<T>,
    handle: (input: T, call: Call) => unknown,
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
