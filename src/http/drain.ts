import type { Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import type { FastifyInstance } from 'fastify';

export interface DrainLimits {
  /** How long kept-alive connections are still answered, each for the last time. */
  readonly graceMs?: number;
  /** How long requests under way may take after that. */
  readonly limitMs?: number;
}

/** How often connections are looked for whose last request has been answered. */
const sweepMs = 50;

/**
 * Prepares an application, before it listens, to be ended without breaking requests off; returns the ending. A closed
 * listener alone cuts every connection that seems idle, also when its next request is already on the way, and waits for
 * connections that were kept alive by an answer given meanwhile.
 */
export function prepareDrain(
  app: FastifyInstance,
  { graceMs = 200, limitMs = 8000 }: DrainLimits = {},
): () => Promise<void> {
  const { server, plainRequests } = app;
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });

  /** Connections without a request, among them those that a browser opened in advance. */
  function closeIdle(): void {
    server.closeIdleConnections();
    plainRequests.closeIdle();
    for (const socket of sockets) if (socket.bytesRead === 0) socket.destroy();
  }

  return async () => {
    plainRequests.end();
    server.prependListener('request', (_request, response) => {
      response.shouldKeepAlive = false;
    });
    if (sockets.size > 0) await delay(graceMs);
    const sweep = setInterval(closeIdle, sweepMs);
    const cut = setTimeout(() => {
      app.log.warn({ connections: sockets.size }, 'requests were still under way at the end of the drain');
      for (const socket of sockets) socket.destroy();
    }, limitMs);
    try {
      closeIdle();
      await app.close();
    } finally {
      clearInterval(sweep);
      clearTimeout(cut);
    }
  };
}
