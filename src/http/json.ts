import { JsonText } from './route.ts';

/** What a handler returned, as the body of an answer. Throws a TypeError for what JSON cannot say, such as a function. */
export function jsonBody(reply: unknown): string | Buffer {
  if (reply instanceof JsonText) return reply.body;
  const text: string | undefined = JSON.stringify(reply ?? {});
  if (text === undefined) throw new TypeError(`A handler returned a ${typeof reply}, which is no JSON.`);
  return text;
}

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
