import type { Socket } from 'node:net';
import fastify, {
  type FastifyBaseLogger,
  type FastifyInstance,
  type FastifyReply,
  type FastifyRequest,
  LogController,
} from 'fastify';
import type { Registry } from 'prom-client';
import { AppError } from '../errors.ts';
import { readJson } from './body.ts';
import { errorReply } from './error-reply.ts';
import { type GuardOptions, guardRequests, hostAllowed, protectiveHeaders } from './guard.ts';
import { jsonBody } from './json.ts';
import { observeRequests } from './observe.ts';
import { answerPlainRequests, type PlainRequests } from './plain-requests.ts';
import { plainAnswerer } from './plain-routes.ts';
import { type Call, type JsonRoute, queryOf, type Route, urlsOf } from './route.ts';

declare module 'fastify' {
  interface FastifyInstance {
    readonly plainRequests: PlainRequests;
  }
}

/** How long a connection may be without a request, in milliseconds. */
const idleMs = 75_000;

export interface AppOptions extends GuardOptions {
  readonly routes: readonly Route[];
  readonly logger: FastifyBaseLogger;
  /** Metrics that rooms keep, shown beside those of the requests. */
  readonly metrics?: readonly Registry[];
}

/**
 * The HTTP application: every route under its prefixes, one place that reads bodies, one that writes errors.
 * Nothing here knows a word of the domain.
 */
export function createApp(options: AppOptions): FastifyInstance {
  const app = fastify({
    loggerInstance: options.logger,
    logController: new LogController({ disableRequestLogging: true }),
    exposeHeadRoutes: false,
    forceCloseConnections: 'idle',
    // A request that comes while the application closes is answered like any other, and its connection ends with it.
    return503OnClosing: false,
    keepAliveTimeout: idleMs,
    requestTimeout: 0,
    requestIdHeader: false,
    genReqId,
    // A child logger for every request would cost more than most requests log; failures name their request id.
    childLoggerFactory: (logger) => logger,
    // A registered model's name or a tag's key may stand in a path.
    routerOptions: { maxParamLength: 2048 },
    frameworkErrors: (error, request, reply) => answerError(error, request, reply),
    // Clients with a tracking URI that ends in "/" ask for "//api/…".
    rewriteUrl: (request) => (request.url!.startsWith('//') ? request.url!.slice(1) : request.url!),
    clientErrorHandler: refuseHttp,
  });
  // Handlers read the body themselves: a JSON route with its limits, an artifact route as a stream.
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', (_request, _payload, done) => done(null, undefined));

  app.setErrorHandler((error, request, reply) => answerError(error, request, reply));
  app.setNotFoundHandler((request, reply) => refuseUnbound(app, request, reply));
  guardRequests(app, options);
  const observe = observeRequests(app, options.metrics ?? []);
  bind(app, options.routes);
  const answerer = plainAnswerer({
    routes: options.routes,
    hostAllowed: (host) => hostAllowed(host, options.allowedHosts),
    observe,
    logger: options.logger,
    requestId: genReqId,
  });
  const plain = answerPlainRequests(app.server, { answerer, headers: protectiveHeaders, idleMs });
  return app.decorate('plainRequests', plain);
}

/** What Node's parser refuses never becomes a request; it is answered on the socket. */
function refuseHttp(error: { code?: string }, socket: Socket): void {
  if (!socket.writable) return;
  const [status, message] = httpRefusals[error.code ?? ''] ?? ['400 Bad Request', 'The request is not valid HTTP.'];
  const body = JSON.stringify({ error_code: 'BAD_REQUEST', message });
  const head = `Content-Type: application/json\r\nContent-Length: ${body.length}\r\nConnection: close`;
  socket.end(`HTTP/1.1 ${status}\r\n${head}\r\n\r\n${body}`);
}

const httpRefusals: Readonly<Record<string, readonly [status: string, message: string]>> = {
  HPE_HEADER_OVERFLOW: ['431 Request Header Fields Too Large', 'The headers of the request are larger than 16 KiB.'],
  ERR_HTTP_REQUEST_TIMEOUT: ['408 Request Timeout', 'The headers of the request did not arrive in time.'],
};

let requests = 0;
const instance = Math.random().toString(36).slice(2, 8);
/** Unique across restarts and replicas, and cheap. */
const genReqId = () => `${instance}-${(++requests).toString(36)}`;

function bind(app: FastifyInstance, routes: readonly Route[]): void {
  for (const route of routes)
    for (const url of urlsOf(route))
      app.route({
        method: route.method,
        url,
        handler: route.kind === 'json' ? jsonHandler(route) : rawHandler(route),
      });
}

/** Nothing is bound under this path, or only other methods are. */
function refuseUnbound(app: FastifyInstance, request: FastifyRequest, reply: FastifyReply): void {
  const { method } = request;
  const url = request.url.split('?', 1)[0]!;
  const allowed = methods.filter((other) => app.findRoute({ method: other, url }) !== null);
  if (allowed.length > 0) reply.header('allow', allowed.join(', '));
  const refusal =
    allowed.length === 0
      ? new AppError('ENDPOINT_NOT_FOUND', `There is no endpoint ${method} ${url}.`)
      : new AppError('ENDPOINT_NOT_FOUND', `${method} is not allowed here, only ${allowed.join(', ')}.`, {
          status: 405,
        });
  answerError(refusal, request, reply);
}

const methods = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'] as const;

const pathOf = (request: FastifyRequest) => request.params as Call['path'];

function jsonHandler({ method, message, handle }: JsonRoute) {
  return async (request: FastifyRequest, reply: FastifyReply) => {
    const { headers } = request;
    const input =
      method === 'GET' ? message.fromQuery(queryOf({ request })) : message.fromJson(await readJson(request.raw));
    return sendJson(reply, jsonBody(await handle(input, { request, reply, headers, path: pathOf(request) })));
  };
}

function rawHandler(route: Extract<Route, { kind: 'raw' }>) {
  return async (request: FastifyRequest, reply: FastifyReply) => {
    await route.handle({ request, reply, headers: request.headers, path: pathOf(request) });
    return reply;
  };
}

function answerError(thrown: unknown, request: FastifyRequest, reply: FastifyReply): void {
  const { status, headers, body } = errorReply(thrown, request.id, request.log);
  if (reply.sent) return;
  // What is left of a refused body would be read as the next request; closing is cheaper than draining it.
  if (!request.raw.complete) reply.header('connection', 'close');
  reply.removeHeader('content-length');
  sendJson(reply.code(status).headers(headers), body);
}

/** As bytes, since Fastify would add a charset to the media type of a string, which JSON has not. */
const sendJson = (reply: FastifyReply, body: string | Buffer): FastifyReply =>
  reply.header('content-type', 'application/json').send(typeof body === 'string' ? Buffer.from(body) : body);
