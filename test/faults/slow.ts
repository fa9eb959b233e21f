import { connect, type Socket } from 'node:net';

/** A request that is sent in pieces, by hand, over a connection of its own. */
export class SlowRequest {
  readonly socket: Socket;
  readonly #body: Buffer;
  #sent = 0;
  #received = '';
  /** The status of the answer; undefined when the connection ended without one. */
  readonly status: Promise<number | undefined>;

  /** `chunked` bodies come in their chunks already. */
  constructor(
    url: string,
    method: string,
    path: string,
    contentType: string,
    body: Buffer,
    { chunked = false }: { chunked?: boolean } = {},
  ) {
    const { hostname, port } = new URL(url);
    this.#body = body;
    this.socket = connect(Number(port), hostname);
    this.socket.setNoDelay(true);
    const length = chunked ? 'transfer-encoding: chunked' : `content-length: ${body.length}`;
    const host = `host: ${hostname}:${port}`;
    this.socket.write(`${method} ${path} HTTP/1.1\r\n${host}\r\ncontent-type: ${contentType}\r\n${length}\r\n\r\n`);
    this.status = new Promise((resolve) => {
      const settle = () => {
        const status = /^HTTP\/1\.1 (\d{3})/.exec(this.#received)?.[1];
        if (status !== undefined) resolve(Number(status));
        return status;
      };
      this.socket.on('data', (chunk) => {
        this.#received += chunk.toString('latin1');
        settle();
      });
      this.socket.on('error', () => undefined);
      this.socket.on('close', () => {
        if (settle() === undefined) resolve(undefined);
      });
    });
  }

  /** Sends the body up to a part of its length, e.g. 0.5; resolves when it has left this process. */
  sendUpTo(part: number): Promise<void> {
    const end = Math.floor(this.#body.length * part);
    const piece = this.#body.subarray(this.#sent, end);
    this.#sent = Math.max(this.#sent, end);
    return new Promise((resolve) => {
      if (piece.length === 0 || this.socket.destroyed) resolve();
      else this.socket.write(piece, () => resolve());
    });
  }

  /** Breaks the connection off. */
  breakOff(): void {
    this.socket.destroy();
  }
}
