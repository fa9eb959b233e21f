// @ts-check
// The second thread of the SQLite engine: a read-only connection that executes one statement a message. Plain
// JavaScript, because a worker is started from a file and nothing compiles it on the way when tests run from source.
import { parentPort, workerData } from 'node:worker_threads';
import Database from 'better-sqlite3';
import { sqliteNumbers } from './sqlite-numbers.js';

const db = new Database(workerData.file, { readonly: true });
db.pragma('cache_size = -16384');
db.pragma('mmap_size = 1073741824');
db.pragma('temp_store = MEMORY');
// Here nothing is given up; see the budget of `Storage.read`.
db.function('charged', (_column) => 1);

const begin = db.prepare('begin');
const rollback = db.prepare('rollback');
const numbers = sqliteNumbers(db);
/** @type {Map<string, import('better-sqlite3').Statement>} */
const statements = new Map();

/** @param {string} sql @param {boolean} raw */
function prepare(sql, raw) {
  const key = raw ? `raw ${sql}` : sql;
  let statement = statements.get(key);
  if (statement === undefined) {
    if (statements.size >= 200) statements.clear();
    statement = db.prepare(sql);
    if (raw) statement.raw(true);
    statements.set(key, statement);
  }
  return statement;
}

/** @param {{ kind: string, sql: string, params: unknown[] }} step */
function execute(step) {
  if (step.kind === 'end') return db.inTransaction ? rollback.run() && undefined : undefined;
  // The first step begins the transaction, so that a read of one statement is asked for with one message.
  if (!db.inTransaction) begin.run();
  switch (step.kind) {
    case 'get':
      return prepare(step.sql, false).get(...step.params);
    case 'all':
      return prepare(step.sql, false).all(...step.params);
    case 'values':
      return prepare(step.sql, true).all(...step.params);
    case 'numbers':
      return numbers.read(step.sql, step.params);
    default:
      throw new Error(`A reader does not execute '${step.kind}'.`);
  }
}

parentPort?.on('message', (step) => {
  try {
    const value = execute(step);
    // Numbers change hands; everything else is copied.
    parentPort?.postMessage(
      { value },
      value instanceof Float64Array ? [/** @type {ArrayBuffer} */ (value.buffer)] : [],
    );
  } catch (error) {
    const { message, code } = /** @type {{ message: string, code?: string }} */ (error);
    parentPort?.postMessage({ error: { message, code } });
  }
});
