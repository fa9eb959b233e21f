import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { KnownFailure, told } from './known-failure.mjs';
import { withLock } from './lock.mjs';
import { say, step } from './progress.mjs';
import { run } from './run.mjs';

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const cache = path.join(root, '.cache', 'python');
const supported = ['3.13', '3.12', '3.11', '3.10'];
const probe =
  'import sys; v = "%d.%d.%d" % sys.version_info[:3]; print(v)\n' +
  'try:\n import ensurepip, venv; print("venv")\nexcept ImportError: print("none")';

/**
 * The first usable Python: CELLAR_PYTHON if set, else python3.13 down to python3.10, then python3 and python.
 * @returns {Promise<{ program: string, version: string }>}
 */
async function findPython() {
  const asked = process.env['CELLAR_PYTHON'];
  const programs = asked ? [asked] : [...supported.map((version) => `python${version}`), 'python3', 'python'];
  const seen = [];
  for (const program of programs) {
    const answer = await promisify(execFile)(program, ['-c', probe]).catch(() => undefined);
    if (answer === undefined) {
      if (asked) seen.push(`${program} does not run`);
      continue;
    }
    const [version = '', venv] = answer.stdout.trim().split(/\s+/);
    if (!supported.includes(version.split('.').slice(0, 2).join('.'))) seen.push(`${program} is ${version}`);
    else if (venv !== 'venv')
      seen.push(`${program} (${version}) lacks venv: on Debian and Ubuntu, install python3-venv`);
    else return { program, version };
  }
  throw new KnownFailure(
    `This needs Python ${supported.at(-1)} to ${supported[0]} with venv${seen.length > 0 ? `, but ${seen.join('; ')}` : ', and no python3 was found'}.\n` +
      'Install one of these versions, or name one: CELLAR_PYTHON=/path/to/python3.12',
  );
}

/**
 * The Python of a virtual environment that holds exactly the packages of a requirements file. It is made once in the
 * cache folder, under a name that changes with the requirements and the version of Python, and reused from then on.
 * @param {string} requirements path of the file
 * @returns {Promise<string>} path of the environment's python
 */
export async function pythonEnvironment(requirements) {
  const { program, version } = await findPython();
  const text = readFileSync(requirements, 'utf8');
  const key = createHash('sha256').update(`${version} ${process.platform} ${process.arch}\n${text}`).digest('hex');
  const folder = path.join(cache, key.slice(0, 16));
  const python =
    process.platform === 'win32' ? path.join(folder, 'Scripts', 'python.exe') : path.join(folder, 'bin', 'python');
  const complete = path.join(folder, '.complete');
  const isComplete = () => existsSync(complete) && existsSync(python);
  if (isComplete()) return python;

  const make = async () => {
    if (isComplete()) return;
    rmSync(folder, { recursive: true, force: true });
    await step(`Python ${version} environment for ${path.relative(root, requirements)}`, async (note) => {
      note('making it');
      await run(program, ['-m', 'venv', folder]);
      await run(python, ['-m', 'pip', 'install', ...quiet, '--requirement', requirements], {
        onLine: (line) => note(pipNote(line)),
      });
    });
    writeFileSync(complete, '');
  };
  await withLock(`${folder}.lock`, make, (pid) =>
    say(`Waiting for process ${pid}, which is making a Python environment …`),
  );
  return python;
}

const quiet = ['--disable-pip-version-check', '--no-input', '--progress-bar', 'off', '--prefer-binary'];

/**
 * `Collecting numpy==2.2.6 (from …)` becomes `numpy`; what is no news to a reader becomes undefined.
 * @param {string} line
 */
function pipNote(line) {
  if (line.startsWith('Installing')) return 'installing';
  return /^\s*Collecting ([\w.-]+)/.exec(line)?.[1];
}

// As a program: prints the path of the Python for each requirements file named.
if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  try {
    for (const file of process.argv.slice(2)) process.stdout.write(`${await pythonEnvironment(path.resolve(file))}\n`);
  } catch (error) {
    process.stderr.write(`${told(error)}\n`);
    process.exitCode = 1;
  }
}
