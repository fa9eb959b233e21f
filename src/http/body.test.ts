import { once } from 'node:events';
import { createServer } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { expect, it } from 'vitest';
import { readBytes } from './body.ts';

it.each([
  ['begins', ''],
  ['ends', '12345'],
])('gives up a body that never %s', async (_, sent) => {
  const server = createServer();
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
  socket.write(`POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 10\r\n\r\n${sent}`);
  const [request] = await once(server, 'request');
  await expect(readBytes(request, 1)).rejects.toMatchObject({ status: 408, code: 'BAD_REQUEST' });
  socket.destroy();
  server.close();
});
