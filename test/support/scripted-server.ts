import { createServer, type IncomingHttpHeaders } from 'node:http';

export interface Asked {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
  /** The body as JSON; undefined when there is none. */
  readonly body: ReturnType<typeof JSON.parse>;
}

export interface Scripted {
  readonly status?: number;
  /** JSON, or text with headers that say what it is. */
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

/** `hang up` closes the connection without an answer, `keep waiting` never answers. */
export type Script = (asked: Asked, index: number) => Scripted | 'hang up' | 'keep waiting' | Promise<Scripted>;

export interface ScriptedServer {
  readonly url: string;
  /** Every request so far, in the order of arrival. */
  readonly asked: readonly Asked[];
}

/** A real HTTP server on a free port (or the given one) that answers as the script says, for one test. */
export async function withScriptedServer(
  script: Script,
  work: (server: ScriptedServer) => Promise<void>,
  port = 0,
): Promise<void> {
  const asked: Asked[] = [];
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const text = Buffer.concat(chunks).toString('utf8');
    const url = new URL(request.url ?? '/', 'http://server');
    const json = request.headers['content-type'] === 'application/json' && text !== '';
    const ask: Asked = {
      method: request.method ?? '',
      path: url.pathname,
      query: url.searchParams,
      headers: request.headers,
      text,
      body: json ? JSON.parse(text) : undefined,
    };
    const reply = await script(ask, asked.push(ask) - 1);
    if (reply === 'hang up') request.socket.destroy();
    if (reply === 'hang up' || reply === 'keep waiting') return;
    const body = typeof reply.body === 'string' ? reply.body : JSON.stringify(reply.body ?? {});
    response.writeHead(reply.status ?? 200, { 'content-type': 'application/json', ...reply.headers }).end(body);
  });
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  const address = server.address();
  try {
    await work({
      url: `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`,
      asked,
    });
  } finally {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
}
