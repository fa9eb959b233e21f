import { constants } from 'node:buffer';
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

/**
 * A header names columns, plans, or what a model says of a request, which itself has at most 32 MiB. A body becomes one
 * string, and none is longer than this.
 */
const maxHeaderBytes = 64 * 1024 * 1024;
const maxBodyBytes = constants.MAX_STRING_LENGTH;

/**
 * Calls back with every frame that arrives. What arrives is a model's doing as well: on the first thing that is no frame
 * it calls `onNonsense` with what is wrong, and reads no further.
 */
export function readFrames(
  stream: Readable,
  onFrame: (frame: Frame) => void,
  onNonsense: (what: string) => void,
): void {
  let chunks: Buffer[] = [];
  let held = 0;
  let wanted = lengthsBytes;
  const stop = (what: string) => {
    stream.off('data', take);
    stream.pause();
    chunks = [];
    onNonsense(what);
  };
  const take = (chunk: Buffer) => {
    chunks.push(chunk);
    held += chunk.length;
    while (held >= wanted) {
      const buffer = chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks);
      const headerBytes = buffer.readUInt32LE(0);
      const bodyBytes = buffer.readUInt32LE(4);
      if (headerBytes > maxHeaderBytes) return stop(`a header of ${headerBytes} bytes, above ${maxHeaderBytes}`);
      if (bodyBytes > maxBodyBytes) return stop(`a body of ${bodyBytes} bytes, above ${maxBodyBytes}`);
      const headerEnd = lengthsBytes + headerBytes;
      const end = headerEnd + bodyBytes;
      chunks = [buffer];
      wanted = end;
      if (held < end) break;
      chunks = held === end ? [] : [buffer.subarray(end)];
      held -= end;
      wanted = lengthsBytes;
      const header = headerOf(buffer.toString('utf8', lengthsBytes, headerEnd));
      if (header === undefined) return stop('a header that is no JSON object');
      onFrame({ header, body: buffer.subarray(headerEnd, end) });
    }
  };
  stream.on('data', take);
}

function headerOf(text: string): Frame['header'] | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Frame['header'])
      : undefined;
  } catch {
    return undefined;
  }
}
