import { performance } from 'node:perf_hooks';
import type { FastifyBaseLogger } from 'fastify';
import { checkContentType, parseJson } from './body.ts';
import { errorReply } from './error-reply.ts';
import { jsonBody } from './json.ts';
import type { Observe } from './observe.ts';
import type { PlainHead } from './plain-head.ts';
import type { PlainAnswer, PlainOptions } from './plain-requests.ts';
import { isPlain, type PlainRoute, type Route, urlsOf } from './route.ts';

export interface PlainRouteOptions {
  readonly routes: readonly Route[];
  readonly hostAllowed: (host: string) => boolean;
  readonly observe: Observe;
  readonly logger: FastifyBaseLogger;
  readonly requestId: () => string;
}

/**
 * Answers plain requests just as Fastify's handlers do. A host that is not served is left to the guard to refuse. Hooks of
 * Fastify never see these requests: what is asked of every request belongs here too.
 */
export function plainAnswerer({ routes, hostAllowed, observe, logger, requestId }: PlainRouteOptions) {
  const byUrl = new Map<string, PlainRoute>();
  for (const route of routes.filter(isPlain))
    for (const url of urlsOf(route)) byUrl.set(`${route.method} ${url}`, route);

  async function answer(route: PlainRoute, head: PlainHead, body: Buffer): Promise<PlainAnswer> {
    const began = performance.now();
    const reqId = requestId();
    let reply: PlainAnswer;
    try {
      reply = { status: 200, body: jsonBody(await handle(route, head, body)) };
    } catch (error) {
      reply = errorReply(error, reqId, logger);
    }
    const { status } = reply;
    return { ...reply, sent: () => observe(reqId, head.method, head.path, status, performance.now() - began) };
  }

  return ((head) => {
    const route = byUrl.get(`${head.method} ${head.path}`);
    return route === undefined || !hostAllowed(head.headers.host) ? undefined : (body) => answer(route, head, body);
  }) satisfies PlainOptions['answerer'];
}

function handle({ method, message, handle }: PlainRoute, { query, headers }: PlainHead, body: Buffer): unknown {
  if (method !== 'GET') checkContentType(method, headers['content-type']);
  const input = method === 'GET' ? message.fromQuery(query) : message.fromJson(parseJson(body));
  return handle(input, { headers, path: {} });
}
