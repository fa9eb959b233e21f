import { request } from 'node:http';

export interface Sent {
  readonly method: string;
  /** Path and query exactly as they go on the wire. */
  readonly target: string;
  readonly headers: { readonly [name: string]: string };
  readonly body: Uint8Array | undefined;
}

export interface Received {
  readonly status: number;
  readonly headers: { readonly [name: string]: string | undefined };
  readonly bytes: Buffer;
}

const patienceMs = 60_000;

/**
 * One request over its own connection. Node's own request and not fetch, because fetch resolves dot segments before it sends; a fresh
 * connection, because MLflow's server stalls 44 ms on a kept-alive one.
 */
export function exchange(baseUrl: string, sent: Sent): Promise<Received> {
  const { hostname, port } = new URL(baseUrl);
  return new Promise((resolve, reject) => {
    const outgoing = request(
      {
        host: hostname,
        port,
        method: sent.method,
        path: sent.target,
        headers: sent.headers,
        agent: false,
        timeout: patienceMs,
      },
      (incoming) => {
        const parts: Buffer[] = [];
        incoming.on('data', (part: Buffer) => parts.push(part));
        incoming.on('error', reject);
        incoming.on('end', () => {
          const headers = Object.fromEntries(
            Object.entries(incoming.headers).map(([name, value]) => [
              name,
              Array.isArray(value) ? value.join(', ') : value,
            ]),
          );
          resolve({ status: incoming.statusCode ?? 0, headers, bytes: Buffer.concat(parts) });
        });
      },
    );
    outgoing.on('timeout', () =>
      outgoing.destroy(new Error(`${sent.method} ${sent.target}: no answer in ${patienceMs} ms`)),
    );
    outgoing.on('error', reject);
    outgoing.end(sent.body);
  });
}
