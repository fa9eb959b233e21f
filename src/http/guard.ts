import type { FastifyInstance, FastifyRequest } from 'fastify';
import { AppError } from '../errors.ts';

export interface GuardOptions {
  /** Host names (without port) that may be asked for, besides loopback and private addresses; `*` allows any. */
  readonly allowedHosts: readonly string[];
  /** Origins that may send writing requests from a browser, besides the server's own. */
  readonly allowedOrigins: readonly string[];
}

const loopback = /^(localhost|127(\.\d{1,3}){3}|\[::1\]|0\.0\.0\.0)$/;
const privateAddress =
  /^(10(\.\d{1,3}){3}|192\.168(\.\d{1,3}){2}|172\.(1[6-9]|2\d|3[01])(\.\d{1,3}){2}|\[f[cd][0-9a-f]{2}:[0-9a-f:]*\])$/;
const reading = new Set(['GET', 'HEAD', 'OPTIONS']);
/** Answer probes by whatever name a load balancer uses. */
const open = new Set(['/health', '/ready', '/version']);

const hostName = (host: string) => host.replace(/:\d+$/, '').toLowerCase();

export function hostAllowed(host: string, allowed: readonly string[]): boolean {
  const name = hostName(host);
  return loopback.test(name) || privateAddress.test(name) || allowed.includes('*') || allowed.includes(name);
}

/** A writing request from a page of another origin is refused, whatever that page is (no request without a page is). */
export function originAllowed(request: FastifyRequest, allowed: readonly string[]): boolean {
  const { origin, host } = request.headers;
  const site = request.headers['sec-fetch-site'];
  if (origin === undefined) return site === undefined || site === 'same-origin' || site === 'none';
  if (allowed.includes(origin) || allowed.includes('*')) return true;
  try {
    return new URL(origin).host === host?.toLowerCase();
  } catch {
    return false;
  }
}

/** On every answer. */
export const protectiveHeaders = { 'x-content-type-options': 'nosniff', 'x-frame-options': 'SAMEORIGIN' };

/**
 * Refuses requests for a foreign Host (DNS rebinding) and writing requests from foreign origins (CSRF) with
 * PERMISSION_DENIED, answers CORS preflights of allowed origins, and puts the protective headers on every answer.
 */
export function guardRequests(app: FastifyInstance, options: GuardOptions): void {
  app.addHook('onRequest', (request, reply, done) => {
    reply.headers(protectiveHeaders);
    if (open.has(request.url)) return done();
    const host = request.headers.host ?? '';
    if (!hostAllowed(host, options.allowedHosts))
      return done(
        new AppError(
          'PERMISSION_DENIED',
          `Host '${host}' is not served here. Start the server with --allowed-hosts to allow it.`,
        ),
      );
    const { origin } = request.headers;
    if (origin !== undefined && options.allowedOrigins.includes(origin)) {
      reply.header('access-control-allow-origin', origin);
      reply.header('vary', 'origin');
    }
    if (!reading.has(request.method) && !originAllowed(request, options.allowedOrigins))
      return done(
        new AppError(
          'PERMISSION_DENIED',
          `Requests from the origin '${origin ?? 'of another site'}' may not write. Start the server with --allowed-origins to allow it.`,
        ),
      );
    done();
  });
  app.options('/*', (_request, reply) => {
    reply.header('access-control-allow-methods', 'GET, POST, PUT, PATCH, DELETE');
    reply.header('access-control-allow-headers', 'content-type, authorization');
    return reply.code(204).send();
  });
}
