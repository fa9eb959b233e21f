// npm test: all set-up and all tests. Arguments go to vitest: npm test -- --project unit, npm test -- src/registry
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { makeReady } from './checkout.mjs';
import { KnownFailure, told } from './known-failure.mjs';
import { step } from './progress.mjs';
import { run } from './run.mjs';

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const results = path.join(root, '.cache', 'test-results.json');

/** The browser tests need a Chromium; where Debian's packages are at hand, it is installed. */
async function makeChromiumReady() {
  const names = ['chromium', 'chromium-browser', 'google-chrome'];
  const folders = (process.env['PATH'] ?? '').split(path.delimiter);
  const isThere = () => names.some((name) => folders.some((folder) => existsSync(path.join(folder, name))));
  if (process.env['CHROMIUM'] || isThere()) return;
  if (process.getuid?.() === 0 && existsSync('/usr/bin/apt-get')) {
    await step('Installing Chromium', async () => {
      const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
      await run('apt-get', ['update', '--quiet'], { env });
      await run('apt-get', ['install', '--yes', '--quiet', '--no-install-recommends', 'chromium'], { env });
    });
  }
  if (!isThere()) {
    throw new KnownFailure(
      'The browser tests need Chromium: install it (apt-get install chromium), or name one: CHROMIUM=/path/to/chrome.\n' +
        'To leave them out: npm test -- --project unit --project conformance --project clients',
    );
  }
}

/** @param {string[]} given */
async function test(given) {
  await makeReady(root);
  if (given.length === 0) await makeChromiumReady();
  rmSync(results, { force: true });
  const vitest = path.join(root, 'node_modules', 'vitest', 'vitest.mjs');
  const reports = ['--reporter=default', '--reporter=json', `--outputFile.json=${results}`];
  const { status } = spawnSync(process.execPath, [vitest, 'run', ...reports, ...given], {
    cwd: root,
    stdio: 'inherit',
  });
  if (!existsSync(results)) throw new KnownFailure('vitest ended before it had run the tests.');
  const counts = JSON.parse(readFileSync(results, 'utf8'));
  const { numPassedTests: passed, numFailedTests: failed, numPendingTests: skipped } = counts;
  process.stdout.write(`\n${passed} passed, ${failed} failed, ${skipped} skipped\n`);
  return passed === 0 ? 1 : (status ?? 1);
}

try {
  process.exitCode = await test(process.argv.slice(2));
} catch (error) {
  process.stderr.write(`test: ${told(error)}\n`);
  process.exitCode = 1;
}
