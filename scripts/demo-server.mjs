import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { KnownFailure } from './known-failure.mjs';
import { isAlive } from './lock.mjs';

const startMs = 60_000;
const stopMs = 20_000;
const usualPort = 5000;

/**
 * A server for the demo; `note` is the file that tells later demos about it.
 * @typedef {{ pid: number, url: string, store: string | null }} Noted
 * @typedef {Noted & { isOurs: boolean, note: string }} DemoServer
 */

/**
 * Starts `bin/cellar server` in the background, so that it outlives this process, and waits until it answers; uses the
 * one that an earlier demo left running on the same data.
 * The server remembers the Python that its models need.
 * @param {{ root: string, dataDir: string, store: string | undefined, port: number | undefined, python: string }} options
 * @returns {Promise<DemoServer>}
 */
export async function startServer({ root, dataDir, store, port, python }) {
  mkdirSync(dataDir, { recursive: true });
  const note = path.join(dataDir, 'demo-server.json');
  const earlier = readNote(note);
  if (earlier !== undefined && isAlive(earlier.pid) && (await isHealthy(earlier.url))) {
    if (earlier.store !== digest(store)) {
      throw new KnownFailure(
        `process ${earlier.pid} serves ${dataDir} from another store; stop it first: kill ${earlier.pid}`,
      );
    }
    return { ...earlier, isOurs: false, note };
  }
  writeFileSync(path.join(dataDir, 'server.yaml'), `python: ${JSON.stringify(python)}\n`);
  const log = path.join(dataDir, 'demo-server.log');
  const output = openSync(log, 'w');
  const args = ['server', '--port', String(port ?? (await portToUse())), '--data', dataDir];
  if (store !== undefined) args.push('--store', store);
  const child = spawn(process.execPath, [path.join(root, 'bin', 'cellar'), ...args], {
    detached: true,
    stdio: ['ignore', output, output],
  });
  child.unref();
  const deadline = Date.now() + startMs;
  for (;;) {
    const said = readFileSync(log, 'utf8');
    const url = /^Cellar listens on (http\S+?),?\s/m.exec(said)?.[1];
    if (url !== undefined && child.pid !== undefined && (await isHealthy(url))) {
      const noted = { pid: child.pid, url, store: digest(store) };
      writeFileSync(note, JSON.stringify(noted));
      return { ...noted, isOurs: true, note };
    }
    if (child.exitCode !== null)
      throw new KnownFailure(`the server ended with code ${child.exitCode}:\n${said.trim()}`);
    if (Date.now() > deadline) {
      child.kill();
      throw new KnownFailure(`the server did not answer within ${startMs / 1000} s:\n${said.trim()}`);
    }
    await delay(50);
  }
}

/**
 * Ends a server that `startServer` started, and waits until it is gone.
 * @param {DemoServer} server
 */
export async function stopServer({ pid, note }) {
  process.kill(pid, 'SIGTERM');
  const deadline = Date.now() + stopMs;
  while (isAlive(pid)) {
    if (Date.now() > deadline)
      throw new KnownFailure(`the server, process ${pid}, did not stop within ${stopMs / 1000} s.`);
    await delay(50);
  }
  rmSync(note, { force: true });
}

/**
 * @param {string} file
 * @returns {Noted | undefined}
 */
function readNote(file) {
  if (!existsSync(file)) return undefined;
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return undefined;
  }
}

/** @param {string} url */
async function isHealthy(url) {
  const answer = await fetch(`${url}/health`, { signal: AbortSignal.timeout(2000) }).catch(() => undefined);
  return answer?.ok === true && (await answer.text()) === 'OK';
}

/**
 * The port that everyone expects; where something else has it, any free one.
 * @returns {Promise<number>}
 */
function portToUse() {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(0));
    server.listen(usualPort, '127.0.0.1', () => server.close(() => resolve(usualPort)));
  });
}

/**
 * Tells stores apart without writing down the password in their URL.
 * @param {string | undefined} store
 */
const digest = (store) => (store === undefined ? null : createHash('sha256').update(store).digest('hex'));
