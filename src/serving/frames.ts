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

/** What a model may answer at once; beyond it a length is no length but whatever else the model wrote. */
const mostBytes = 1024 * 1024 * 1024;

/** Calls back with every frame that arrives. What is no frame destroys the stream, which tells of it as an error. */
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
      if (end > mostBytes) return void stream.destroy(new Error(`A frame of ${end} bytes was announced.`));
      chunks = [buffer];
      wanted = end;
      if (held < end) break;
      chunks = held === end ? [] : [buffer.subarray(end)];
      held -= end;
      wanted = lengthsBytes;
      const header = headerIn(buffer.toString('utf8', lengthsBytes, headerEnd));
      if (header === undefined) return void stream.destroy(new Error('The header of a frame is no JSON object.'));
      onFrame({ header, body: buffer.subarray(headerEnd, end) });
    }
  });
}

function headerIn(text: string): Frame['header'] | undefined {
  try {
    const header: unknown = JSON.parse(text);
    return typeof header === 'object' && header !== null ? (header as Frame['header']) : undefined;
  } catch {
    return undefined;
  }
}
