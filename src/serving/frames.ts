import type { Readable } from 'node:stream';

/**
 * Frames between the gateway and a worker: the length of a JSON header and the length of a body of bytes, little-endian
 * in 4 bytes each, then the two. `python/cellar_worker/frames.py` is the other side.
 */
export interface Frame {
  readonly header: Readonly<Record<string, unknown>>;
  readonly body: Buffer;
}

const lengthsBytes = 8;

export function encodeFrame(header: object, parts: readonly Uint8Array[] = []): Buffer[] {
  const text = Buffer.from(JSON.stringify(header));
  const lengths = Buffer.allocUnsafe(lengthsBytes);
  lengths.writeUInt32LE(text.length, 0);
  lengths.writeUInt32LE(
    parts.reduce((sum, part) => sum + part.byteLength, 0),
    4,
  );
  return [lengths, text, ...parts.map((part) => Buffer.from(part.buffer, part.byteOffset, part.byteLength))];
}

/** Calls back with every frame that arrives. */
export function readFrames(stream: Readable, onFrame: (frame: Frame) => void): void {
  let chunks: Buffer[] = [];
  let held = 0;
  let wanted = lengthsBytes;
  stream.on('data', (chunk: Buffer) => {
    chunks.push(chunk);
    held += chunk.length;
    while (held >= wanted) {
      const buffer = chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks);
      const headerEnd = lengthsBytes + buffer.readUInt32LE(0);
      const end = headerEnd + buffer.readUInt32LE(4);
      chunks = [buffer];
      wanted = end;
      if (held < end) break;
      chunks = held === end ? [] : [buffer.subarray(end)];
      held -= end;
      wanted = lengthsBytes;
      onFrame({
        header: JSON.parse(buffer.toString('utf8', lengthsBytes, headerEnd)),
        body: buffer.subarray(headerEnd, end),
      });
    }
  });
}
