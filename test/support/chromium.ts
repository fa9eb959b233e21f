import { execFileSync } from 'node:child_process';

/** A Chromium of this machine: the one that CHROMIUM names, or the first one on the PATH. */
export function findChromium(): string {
  const named = process.env['CHROMIUM'];
  if (named !== undefined && named !== '') return named;
  for (const name of ['chromium', 'chromium-browser', 'google-chrome'])
    try {
      return execFileSync('which', [name], { encoding: 'utf8' }).trim();
    } catch {
      // Not this one.
    }
  throw new Error('No Chromium was found: install one (apt-get install chromium) or name it in CHROMIUM.');
}
