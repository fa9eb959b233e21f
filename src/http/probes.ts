import type { FastifyInstance } from 'fastify';
import { AppError } from '../errors.ts';

/**
 * `/health`: the process answers. `/ready`: so does its database, else 503. `/version`: a bare version, which MLflow
 * clients parse.
 */
export function answerProbes(app: FastifyInstance, options: { version: string; ready: () => Promise<void> }): void {
  app.get('/health', (_request, reply) => {
    reply.type('text/plain').send('OK');
  });
  app.get('/version', (_request, reply) => {
    reply.type('text/plain').send(options.version);
  });
  app.get('/ready', async (_request, reply) => {
    try {
      await options.ready();
    } catch (cause) {
      throw cause instanceof AppError
        ? cause
        : new AppError('TEMPORARILY_UNAVAILABLE', 'The database does not answer.', { cause, retryAfterSeconds: 2 });
    }
    return reply.type('text/plain').send('OK');
  });
}
