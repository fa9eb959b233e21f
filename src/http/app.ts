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
import { checkContentType, readJson } from './body.ts';
import { type GuardOptions, guardRequests } from './guard.ts';
import { observeRequests } from './observe.ts';
import { type Call, JsonText, type Route } from './route.ts';

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
    keepAliveTimeout: 75_000,
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
  observeRequests(app, options.metrics ?? []);
  bind(app, options.routes);
  return app;
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

const prefixes = {
  both: (version: string) => [`/api/${version}`, `/ajax-api/${version}`],
  ajax: (version: string) => [`/ajax-api/${version}`],
  v1: () => ['/api/v1'],
  root: () => [''],
};

function bind(app: FastifyInstance, routes: readonly Route[]): void {
  for (const route of routes)
    for (const prefix of prefixes[route.prefix](route.version))
      app.route({
        method: route.method,
        url: prefix + route.path,
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

function jsonHandler(route: Extract<Route, { kind: 'json' }>) {
  const { message, handle } = route;
  const send = (reply: FastifyReply, body: unknown) => {
    reply.header('content-type', 'application/json');
    const text = body instanceof JsonText ? body.text : JSON.stringify(body ?? {});
    // A string's bytes are counted before it is sent; a long one is cheaper to encode once.
    reply.send(text.length > 4096 ? Buffer.from(text) : text);
  };
  if (route.method === 'GET')
    return async (request: FastifyRequest, reply: FastifyReply) => {
      const at = request.url.indexOf('?');
      const input = message.fromQuery(at === -1 ? '' : request.url.slice(at + 1));
      send(reply, await handle(input, { request, reply, path: pathOf(request) }));
      return reply;
    };
  return async (request: FastifyRequest, reply: FastifyReply) => {
    checkContentType(request.raw);
    const input = message.fromJson(await readJson(request.raw));
    send(reply, await handle(input, { request, reply, path: pathOf(request) }));
    return reply;
  };
}

function rawHandler(route: Extract<Route, { kind: 'raw' }>) {
  return async (request: FastifyRequest, reply: FastifyReply) => {
    await route.handle({ request, reply, path: pathOf(request) });
    return reply;
  };
}

/** The one place where a failure becomes an answer: an AppError as it is, anything else as INTERNAL_ERROR. */
function answerError(thrown: unknown, request: FastifyRequest, reply: FastifyReply): void {
  const error = asAppError(thrown);
  if (error.code === 'INTERNAL_ERROR') request.log.error({ err: thrown, reqId: request.id }, error.message);
  else if (error.status >= 500) request.log.warn({ reqId: request.id }, error.message);
  if (reply.sent) return;
  // What is left of a refused body would be read as the next request; closing is cheaper than draining it.
  if (!request.raw.complete) reply.header('connection', 'close');
  if (error.retryAfterSeconds !== undefined) reply.header('retry-after', error.retryAfterSeconds);
  reply.removeHeader('content-length');
  reply
    .code(error.status)
    .header('content-type', 'application/json')
    .header('x-request-id', request.id)
    .send(JSON.stringify({ error_code: error.code, message: error.message }));
}

function asAppError(thrown: unknown): AppError {
  if (thrown instanceof AppError) return thrown;
  const status = (thrown as { statusCode?: unknown }).statusCode;
  // Fastify's own refusals (a malformed URL, a bad Content-Length) are the caller's mistakes.
  if (typeof status === 'number' && status >= 400 && status < 500)
    return new AppError('BAD_REQUEST', (thrown as Error).message, { status });
  return new AppError('INTERNAL_ERROR', 'The server failed on its own; its log names the request id of this answer.');
}
