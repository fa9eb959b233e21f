import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { withLock } from './lock.mjs';
import { say, step } from './progress.mjs';
import { run } from './run.mjs';

const sources = [
  'src',
  'ui',
  'package.json',
  'package-lock.json',
  'tsconfig.json',
  'tsconfig.build.json',
  'scripts/bundle.mjs',
];
const notBuilt = /(\.test\.tsx?|\.md|~|\.swp)$/;

/**
 * Makes dist/ of the checkout at `root` what its sources say: installs from the lockfile and builds, but only when
 * something changed since. Safe to be called by several processes at once; costs a few milliseconds when all is well.
 * @param {string} root
 */
export async function makeReady(root) {
  if (isInstalled(root) && isBuilt(root)) return;
  const waiting = (/** @type {number} */ pid) => say(`cellar: waiting for process ${pid}, which is building …`);
  await withLock(path.join(root, '.cache', 'build.lock'), () => installAndBuild(root), waiting);
}

/** @param {string} root */
async function installAndBuild(root) {
  const npm = (/** @type {string[]} */ args) =>
    run('npm', args, { cwd: root, env: npmEnvironment(), shell: process.platform === 'win32' });
  if (!isInstalled(root)) {
    await step('cellar: installing from the lockfile (a minute or two)', () =>
      npm(['ci', '--include=dev', '--no-audit', '--no-fund', '--loglevel=error']),
    );
    writeFileSync(abiFile(root), abi);
  }
  if (!isBuilt(root)) {
    // Taken before the build: a file that changes meanwhile makes the next start build again.
    const print = fingerprint(root);
    await step('cellar: building', () => npm(['run', 'build', '--silent']));
    writeFileSync(stampFile(root), print);
  }
}

/** What a package script hands down would make npm install less than the build needs; nothing is fetched for GPUs. */
function npmEnvironment() {
  const entries = Object.entries(process.env).filter(
    ([name]) => name !== 'NODE_ENV' && !/^npm_config_omit$/i.test(name),
  );
  return { ...Object.fromEntries(entries), ONNXRUNTIME_NODE_INSTALL: 'skip' };
}

/**
 * Whether node_modules holds what the lockfile asks for; optional packages may be missing on this platform.
 * @param {string} root
 */
function isInstalled(root) {
  if (existsSync(abiFile(root)) && readFileSync(abiFile(root), 'utf8') !== abi) return false;
  const installed = readPackages(path.join(root, 'node_modules', '.package-lock.json'));
  if (installed === undefined) return false;
  const wanted = readPackages(path.join(root, 'package-lock.json')) ?? {};
  return Object.entries(wanted).every(([folder, { version, integrity, optional, devOptional, link }]) => {
    if (folder === '' || link) return true;
    const found = installed[folder];
    if (found === undefined) return optional === true || devOptional === true;
    return found.version === version && found.integrity === integrity;
  });
}

/** What the native modules were built for; absent when someone installed by hand, who is trusted to have done it here. */
const abi = `${process.platform}-${process.arch}-${process.versions.modules}`;
const abiFile = (/** @type {string} */ root) => path.join(root, 'node_modules', '.installed-for');

/**
 * @typedef {{ version?: string, integrity?: string, optional?: boolean, devOptional?: boolean, link?: boolean }} Locked
 * @param {string} file
 * @returns {Record<string, Locked> | undefined}
 */
function readPackages(file) {
  return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')).packages : undefined;
}

const stampFile = (/** @type {string} */ root) => path.join(root, 'dist', '.built-from');

/** @param {string} root */
function isBuilt(root) {
  const stamp = stampFile(root);
  return existsSync(stamp) && readFileSync(stamp, 'utf8') === fingerprint(root);
}

/**
 * Path, size and time of every source file: also sees files that went away, and older ones that came back.
 * @param {string} root
 */
function fingerprint(root) {
  const hash = createHash('sha256');
  const add = (/** @type {string} */ file) => {
    const found = statSync(path.join(root, file), { throwIfNoEntry: false });
    if (found === undefined) return;
    if (!found.isDirectory()) hash.update(`${file}\0${found.size}\0${found.mtimeMs}\n`);
    else {
      const names = readdirSync(path.join(root, file)).filter(
        (name) => name !== 'node_modules' && !notBuilt.test(name),
      );
      for (const name of names.sort()) add(path.join(file, name));
    }
  };
  for (const source of sources) add(source);
  return hash.digest('hex');
}
