import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/** A connection to a TCP server that can go silent, as a network does when a cable is pulled. */
export interface Link {
  readonly port: number;
  /** Nothing passes any more, nothing is refused either. */
  freeze(): void;
  /** Everything passes again, also what was kept back. */
  thaw(): void;
  close(): Promise<void>;
}

export async function openLink(to: number): Promise<Link> {
  const sockets = new Set<Socket>();
  let frozen = false;
  const server = createServer((near) => {
    const far = connect(to, '127.0.0.1');
    for (const [socket, other] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(socket);
      socket.on('error', () => undefined);
      socket.on('close', () => {
        sockets.delete(socket);
        other.destroy();
      });
      socket.on('data', (chunk) => other.write(chunk));
      if (frozen) socket.pause();
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    freeze() {
      frozen = true;
      for (const socket of sockets) socket.pause();
    },
    thaw() {
      frozen = false;
      for (const socket of sockets) socket.resume();
    },
    close() {
      for (const socket of sockets) socket.destroy();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}
