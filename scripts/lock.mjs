import { linkSync, mkdirSync, readFileSync, renameSync, unlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { codeOf, KnownFailure } from './known-failure.mjs';

const waitMs = 15 * 60 * 1000;
const pollMs = 100;

/**
 * Runs `work` while no other process holds the lock file; a lock left behind by a dead process is taken over.
 * @template T
 * @param {string} file
 * @param {() => Promise<T>} work
 * @param {(pid: number) => void} [onWait] called once when another process holds it
 * @returns {Promise<T>}
 */
export async function withLock(file, work, onWait) {
  mkdirSync(path.dirname(file), { recursive: true });
  const deadline = Date.now() + waitMs;
  let told = false;
  while (!take(file)) {
    const holder = holderOf(file);
    if (holder === undefined) continue;
    if (!isAlive(holder)) {
      breakLock(file, holder);
      continue;
    }
    if (!told) onWait?.(holder);
    told = true;
    if (Date.now() > deadline) {
      throw new KnownFailure(`process ${holder} has held ${file} for too long; end it, or remove that file.`);
    }
    await delay(pollMs);
  }
  const release = () => {
    if (holderOf(file) === process.pid) unlinkSync(file);
  };
  process.once('exit', release);
  try {
    return await work();
  } finally {
    process.off('exit', release);
    release();
  }
}

/**
 * The lock appears with its owner already written in it, so nobody ever reads an empty one.
 * @param {string} file
 */
function take(file) {
  const own = `${file}.${process.pid}`;
  writeFileSync(own, String(process.pid));
  try {
    linkSync(own, file);
    return true;
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false;
    throw error;
  } finally {
    unlinkSync(own);
  }
}

/** @param {string} file */
function holderOf(file) {
  try {
    return Number(readFileSync(file, 'utf8'));
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw error;
  }
}

/** @param {number} pid */
export function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return codeOf(error) === 'EPERM';
  }
}

/**
 * Of several processes that find the same dead holder, one gets the rename; a living lock caught by it goes back.
 * @param {string} file
 * @param {number} dead
 */
function breakLock(file, dead) {
  const aside = `${file}.${process.pid}.broken`;
  try {
    renameSync(file, aside);
    if (holderOf(aside) !== dead) linkSync(aside, file);
  } catch (error) {
    const code = codeOf(error);
    if (code === 'ENOENT') return;
    if (code !== 'EEXIST') throw error;
  }
  unlinkSync(aside);
}
