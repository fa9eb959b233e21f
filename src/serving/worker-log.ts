import { createWriteStream, existsSync, mkdirSync, renameSync, type WriteStream } from 'node:fs';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type { Readable } from 'node:stream';

const maxFileBytes = 1024 * 1024;
const tailBytes = 4096;

/** What the processes of one deployment print: the last one to two MiB in two files, and the end of it in memory. */
export interface WorkerLog {
  write(chunk: Buffer | string): void;
  /** Writes what a stream gives, no faster than the file takes it: whoever prints more waits. */
  follow(stream: Readable): void;
  /** The last lines, for a message. */
  tail(): string;
  close(): void;
}

export function openWorkerLog(file: string): WorkerLog {
  mkdirSync(path.dirname(file), { recursive: true, mode: 0o700 });
  let stream: WriteStream | undefined;
  let written = 0;
  let tail = '';
  const open = () => {
    const made = createWriteStream(file, { flags: 'a', mode: 0o600 });
    // A full disk must not end the server; the tail is kept in memory.
    made.on('error', () => undefined);
    return made;
  };
  function write(chunk: Buffer | string, taken?: () => void): void {
    stream ??= open();
    // Called as well when the file cannot be written to.
    stream.write(chunk, taken);
    written += chunk.length;
    tail = (tail + chunk.toString()).slice(-tailBytes);
    if (written <= maxFileBytes) return;
    stream.end();
    stream = undefined;
    written = 0;
    if (existsSync(file)) renameSync(file, `${file}.1`);
  }
  return {
    write: (chunk) => write(chunk),
    follow(source) {
      source.on('data', (chunk: Buffer) => {
        source.pause();
        write(chunk, () => source.resume());
      });
    },
    tail: () => tail.trim().split('\n').slice(-5).join('\n'),
    close() {
      stream?.end();
      stream = undefined;
    },
  };
}

/** The lines that a deployment's processes printed last, oldest first; empty where nothing was printed. */
export async function readWorkerLog(file: string, lines: number): Promise<string[]> {
  const parts = await Promise.all([`${file}.1`, file].map((each) => readFile(each, 'utf8').catch(() => '')));
  const text = parts.join('').trimEnd();
  return text === '' ? [] : text.split('\n').slice(-lines);
}
