import type { FastifyBaseLogger } from 'fastify';
import { AppError } from '../errors.ts';

export interface ErrorReply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | number>>;
  /** JSON. */
  readonly body: string;
}

/**
 * The one place where a failure becomes an answer: an AppError as it is, anything else as INTERNAL_ERROR, logged whole
 * under the request id that the answer names.
 */
export function errorReply(thrown: unknown, reqId: string, logger: FastifyBaseLogger): ErrorReply {
  const error = asAppError(thrown);
  if (error.code === 'INTERNAL_ERROR') logger.error({ err: thrown, reqId }, error.message);
  else if (error.status >= 500) logger.warn({ reqId }, error.message);
  return {
    status: error.status,
    headers: {
      ...(error.retryAfterSeconds !== undefined && { 'retry-after': error.retryAfterSeconds }),
      'x-request-id': reqId,
    },
    body: JSON.stringify({ error_code: error.code, message: error.message }),
  };
}

function asAppError(thrown: unknown): AppError {
  if (thrown instanceof AppError) return thrown;
  const status = (thrown as { statusCode?: unknown } | undefined)?.statusCode;
  // Fastify's own refusals (a malformed URL, a bad Content-Length) are the caller's mistakes.
  if (typeof status === 'number' && status >= 400 && status < 500)
    return new AppError('BAD_REQUEST', (thrown as Error).message, { status });
  return new AppError('INTERNAL_ERROR', 'The server failed on its own; its log names the request id of this answer.');
}
