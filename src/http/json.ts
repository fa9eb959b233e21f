import { JsonText } from './route.ts';

/** What a handler returned, as the body of an answer. */
export const jsonBody = (reply: unknown): string | Buffer =>
  reply instanceof JsonText ? reply.body : JSON.stringify(reply ?? {});

/**
 * The pieces one after the other, in UTF-8. Joining many long strings makes one that is too large for the heap's young
 * generation, and copies it once more to encode it.
 */
export function utf8(pieces: readonly string[]): Buffer {
  let length = 0;
  for (const piece of pieces) length += Buffer.byteLength(piece);
  const bytes = Buffer.allocUnsafe(length);
  let at = 0;
  for (const piece of pieces) at += bytes.write(piece, at);
  return bytes;
}
