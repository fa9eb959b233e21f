import { createReadStream } from 'node:fs';
import { type FileHandle, open, rename, rm, stat } from 'node:fs/promises';
import { text } from 'node:stream/consumers';

/** A log keeps between one and two times this many of its last bytes. */
const halfBytes = 4 * 1024 ** 2;
const olderSuffix = '.1';

export type LogFile = ReturnType<typeof openLog>;

/**
 * A log that never grows beyond a limit: when a file is full it becomes the older half, in place of the one before.
 * Writes follow each other in the order of the calls; a disk that is full costs lines, never the job.
 */
export function openLog(file: string, limit = halfBytes) {
  let handle: FileHandle | undefined;
  let size = 0;
  let tail: Promise<void> = Promise.resolve();

  async function append(chunk: Buffer): Promise<void> {
    if (handle !== undefined && size + chunk.length > limit) {
      await handle.close();
      handle = undefined;
      await rename(file, file + olderSuffix);
    }
    if (handle === undefined) {
      handle = await open(file, 'w', 0o600);
      size = 0;
    }
    await handle.write(chunk);
    size += chunk.length;
  }

  const next = (act: () => Promise<void>): Promise<void> => {
    tail = tail.then(act).catch(() => undefined);
    return tail;
  };

  return {
    write: (chunk: Buffer) => next(() => append(chunk)),
    close: () => next(async () => handle?.close()),
  };
}

/** The last `bytes` of a log, and whether something came before; nothing when there is no log. */
export async function readLog(file: string, bytes: number): Promise<{ text: string; truncated: boolean }> {
  const newer = await tailOf(file, bytes);
  const older = await tailOf(file + olderSuffix, Math.max(0, bytes - newer.size));
  return { text: older.text + newer.text, truncated: newer.left || older.left };
}

async function tailOf(file: string, bytes: number): Promise<{ text: string; size: number; left: boolean }> {
  const size = (await stat(file).catch(() => undefined))?.size ?? 0;
  if (size === 0 || bytes === 0) return { text: '', size: 0, left: size > 0 };
  const start = Math.max(0, size - bytes);
  return { text: await text(createReadStream(file, { start, end: size - 1 })), size, left: start > 0 };
}

export async function removeLog(file: string): Promise<void> {
  await rm(file, { force: true });
  await rm(file + olderSuffix, { force: true });
}
