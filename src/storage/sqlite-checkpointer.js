// @ts-check
// The thread that writes the log of SQLite back: one checkpoint a message. It never waits for readers or writers
// (busy_timeout 0), and what it could not copy stays in the log. Plain JavaScript, like sqlite-reader.js.
import { parentPort, workerData } from 'node:worker_threads';
import Database from 'better-sqlite3';

const db = new Database(workerData.file, { timeout: 0 });
db.pragma('synchronous = NORMAL');

parentPort?.on('message', (/** @type {'passive' | 'truncate'} */ mode) => {
  try {
    parentPort?.postMessage({ done: db.pragma(`wal_checkpoint(${mode})`) });
  } catch {
    // A full disk, most likely: the log keeps everything, and the next checkpoint tries again.
    parentPort?.postMessage({ done: undefined });
  }
});
