import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, loadavg } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { faults } from './faults.ts';
import { type Measured, reliability, table } from './report.ts';
import { runUnprivileged } from './unprivileged.ts';

const usage = `npm run faults -- [--only NAME] [--rounds N] [--json] [--report]

Breaks a running server in every way that it promises to withstand, and shows what happened. Exit code 1 when a promise is broken.

  --only NAME   one fault, or several separated by commas: ${faults.map(({ name }) => name).join(', ')}
  --rounds N    how often the server is killed under load; 10 by default
  --json        print the verdicts as JSON
  --report      write docs/reference/reliability.md`;

const repository = join(import.meta.dirname, '../..');

const { values } = parseArgs({
  options: {
    only: { type: 'string' },
    rounds: { type: 'string', default: '10' },
    json: { type: 'boolean', default: false },
    report: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});

if (values.help) process.stdout.write(`${usage}\n`);
else {
  const measured = await measure();
  process.stdout.write(values.json ? `${JSON.stringify(measured, undefined, 2)}\n` : table(measured));
  if (values.report) writeFileSync(join(repository, 'docs/reference/reliability.md'), reliability(measured));
  if (measured.verdicts.some(({ outcome }) => outcome === 'broken')) process.exitCode = 1;
}

async function measure(): Promise<Measured> {
  const names = values.only?.split(',') ?? faults.map(({ name }) => name);
  const unknown = names.find((name) => !faults.some((fault) => fault.name === name));
  const rounds = Number(values.rounds);
  if (values.report && values.only !== undefined)
    throw new Error('The report is made of all faults: leave out --only.');
  if (unknown !== undefined) throw new Error(`There is no fault '${unknown}'.\n\n${usage}`);
  if (!Number.isInteger(rounds) || rounds < 1)
    throw new Error(`--rounds must be a number from 1, got '${values.rounds}'.`);
  const main = build();
  const loadBefore = loadavg()[0] ?? 0;
  const verdicts = await runUnprivileged({ main, names, rounds });
  return {
    verdicts,
    machine: {
      processors: availableParallelism(),
      loadBefore,
      loadAfter: loadavg()[0] ?? 0,
      node: process.versions.node,
      date: new Date().toISOString().slice(0, 10),
    },
  };
}

/** Builds the server as it is now, as it is shipped, in a place of its own: what others build meanwhile changes nothing. */
function build(): string {
  const place = join(repository, '.cache/faults');
  const dist = join(place, 'dist');
  rmSync(dist, { recursive: true, force: true });
  mkdirSync(place, { recursive: true });
  copyFileSync(join(repository, 'package.json'), join(place, 'package.json'));
  const tsc = join(repository, 'node_modules/typescript/bin/tsc');
  for (const words of [
    [tsc, '-p', 'tsconfig.build.json', '--outDir', dist],
    [join(repository, 'scripts/bundle.mjs'), dist],
  ])
    execFileSync(process.execPath, words, { cwd: repository, stdio: ['ignore', 'inherit', 'inherit'] });
  return join(place, 'dist/cli/main.js');
}
