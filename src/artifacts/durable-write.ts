import { type FileHandle, open } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import { AppError } from '../errors.ts';

/** Bytes gathered before a write: large enough that the calls do not count, small enough that memory stays flat. */
const batchBytes = 1024 * 1024;
/** Bytes after which the disk is set to work, so that the sync at the end of a large file is short. */
const flushBytes = 64 * 1024 * 1024;

export interface WriteOptions {
  /** Offset of the first byte; 0 by default. */
  readonly position?: number;
  readonly maxBytes?: number | undefined;
}

/**
 * Copies `source` into the file and waits until the bytes are on the disk; returns their number. Reading goes on while
 * a batch is written. `source` is not destroyed when this fails, so that the request can still be answered.
 */
export async function writeDurably(file: FileHandle, source: Readable, options: WriteOptions = {}): Promise<number> {
  const start = options.position ?? 0;
  const maxBytes = options.maxBytes ?? Number.POSITIVE_INFINITY;
  let received = 0;
  let unflushed = 0;
  let batch: Buffer[] = [];
  let batchSize = 0;
  let position = start;
  let writing: Promise<unknown> = Promise.resolve();
  let flushing: Promise<unknown> = Promise.resolve();

  const write = async () => {
    await writing;
    const buffers = batch;
    const at = position;
    position += batchSize;
    unflushed += batchSize;
    batch = [];
    batchSize = 0;
    writing = handled(writeAll(file, buffers, at));
    if (unflushed >= flushBytes) {
      unflushed = 0;
      await flushing;
      flushing = handled(file.datasync());
    }
  };

  try {
    for await (const chunk of source.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
      received += chunk.length;
      if (received > maxBytes)
        throw new AppError(
          'INVALID_PARAMETER_VALUE',
          `The artifact is larger than the ${maxBytes} bytes allowed here.`,
          { status: 413 },
        );
      batch.push(chunk);
      batchSize += chunk.length;
      if (batchSize >= batchBytes) await write();
    }
    if (batchSize > 0) await write();
    await writing;
    await flushing;
    await file.datasync();
    return received;
  } catch (error) {
    // The file may be closed only after the calls under way.
    await Promise.allSettled([writing, flushing]);
    throw error;
  }
}

/** Writes every byte; a short write (a disk that fills up) is followed by one that fails and says why. */
async function writeAll(file: FileHandle, buffers: Buffer[], position: number): Promise<void> {
  let left = buffers;
  let at = position;
  while (left.length > 0) {
    let { bytesWritten } = await file.writev(left, at);
    at += bytesWritten;
    let whole = 0;
    while (whole < left.length && bytesWritten >= left[whole]!.length) bytesWritten -= left[whole++]!.length;
    left = left.slice(whole);
    if (bytesWritten > 0) left[0] = left[0]!.subarray(bytesWritten);
  }
}

/** A promise that is awaited later; until then its failure is nobody's surprise. */
function handled<T>(promise: Promise<T>): Promise<T> {
  promise.catch(() => undefined);
  return promise;
}

/** Makes names in a folder durable. Calls for one folder that come while a sync runs share the next one. */
export function folderSync(): (folder: string) => Promise<void> {
  const running = new Map<string, Promise<void>>();
  const waiting = new Map<string, Promise<void>>();

  async function next(folder: string, previous: Promise<void> | undefined): Promise<void> {
    await previous?.catch(() => undefined);
    const current = waiting.get(folder)!;
    waiting.delete(folder);
    running.set(folder, current);
    try {
      await syncFolder(folder);
    } finally {
      if (running.get(folder) === current) running.delete(folder);
    }
  }

  return (folder) => {
    let shared = waiting.get(folder);
    if (shared === undefined) {
      shared = Promise.resolve().then(() => next(folder, running.get(folder)));
      waiting.set(folder, shared);
    }
    return shared;
  };
}

async function syncFolder(folder: string): Promise<void> {
  // Windows opens no folders, and keeps names by itself.
  if (process.platform === 'win32') return;
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Opens a file of mode 0600 for the time of `use`. */
export async function withFile<T>(
  place: string,
  flags: string | number,
  use: (file: FileHandle) => Promise<T>,
): Promise<T> {
  const file = await open(place, flags, 0o600);
  try {
    return await use(file);
  } finally {
    await file.close();
  }
}
