import { chmodSync, writeFileSync } from 'node:fs';
import path from 'node:path';

/** The protocol of a Python worker (`serving/python-worker.ts`): frames of two lengths, a header of JSON and a body. */
const protocol = `
const socket = new (require('node:net').Socket)({ fd: 3 });
const send = (header, body = '') => {
  const lengths = Uint32Array.of(Buffer.byteLength(header), Buffer.byteLength(body));
  socket.write(Buffer.concat([Buffer.from(lengths.buffer), Buffer.from(header), Buffer.from(body)]));
};
const answer = (header, body) => send(JSON.stringify({ ok: true, ...header }), body);
let held = Buffer.alloc(0);
socket.on('data', (chunk) => {
  held = Buffer.concat([held, chunk]);
  while (held.length >= 8) {
    const bodyAt = 8 + held.readUInt32LE(0);
    const end = bodyAt + held.readUInt32LE(4);
    if (held.length < end) return;
    const header = JSON.parse(held.toString('utf8', 8, bodyAt));
    const body = held.subarray(bodyAt, end);
    held = held.subarray(end);
    reply(header, body);
  }
});
socket.on('end', () => process.exit());
send('{"ready":true,"mlflow":"3"}');
`;

/**
 * Writes a program into `folder` that stands in for Python where a test needs a worker that does what no model would, and
 * returns its path. `reply` is JavaScript that defines `reply(header, body)`, which may call `answer(header, body)`.
 */
export function pythonStandIn(folder: string, reply: string): string {
  const program = path.join(folder, 'python');
  writeFileSync(program, `#!${process.execPath}\n${reply}${protocol}`);
  chmodSync(program, 0o700);
  return program;
}
