import { execFile } from 'node:child_process';
import {
  chmodSync,
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, expect, it } from 'vitest';

const root = fileURLToPath(new URL('..', import.meta.url));
const folders: string[] = [];

afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

/**
 * A checkout whose build is a stand-in: it notes that it ran, and makes a program that tells its arguments. Everything
 * else (the executable, the look at the sources, the lock) is the real thing, in a folder with spaces in its name.
 */
function aCheckout(): string {
  const folder = mkdtempSync(path.join(tmpdir(), 'cellar check out '));
  folders.push(folder);
  mkdirSync(path.join(folder, 'bin'));
  copyFileSync(path.join(root, 'bin/cellar'), path.join(folder, 'bin/cellar'));
  chmodSync(path.join(folder, 'bin/cellar'), 0o755);
  cpSync(path.join(root, 'scripts'), path.join(folder, 'scripts'), { recursive: true });
  mkdirSync(path.join(folder, 'src/cli'), { recursive: true });
  mkdirSync(path.join(folder, 'node_modules'));
  writeFileSync(path.join(folder, 'src/cli/main.ts'), 'first');
  const packages = { '': {}, 'node_modules/made-up': { version: '1.0.0' } };
  writeFileSync(path.join(folder, 'package-lock.json'), JSON.stringify({ packages }));
  writeFileSync(path.join(folder, 'node_modules/.package-lock.json'), JSON.stringify({ packages }));
  const scripts = { build: 'node build.cjs' };
  writeFileSync(path.join(folder, 'package.json'), JSON.stringify({ name: 'cellar', type: 'module', scripts }));
  writeFileSync(
    path.join(folder, 'build.cjs'),
    `const { appendFileSync, mkdirSync, readFileSync, writeFileSync } = require('node:fs');
     if (readFileSync('src/cli/main.ts', 'utf8') === 'broken') { console.error('main.ts: does not compile'); process.exit(2); }
     appendFileSync('builds.txt', 'start,');
     mkdirSync('dist/cli', { recursive: true });
     writeFileSync('dist/cli/main.js', \`
       if (process.argv[2] === 'exit') process.exit(Number(process.argv[3]));
       if (process.argv[2] === 'wait') { console.log('waiting'); setInterval(() => {}, 1000); }
       else console.log(JSON.stringify(process.argv.slice(2)));\`);
     appendFileSync('builds.txt', 'end,');`,
  );
  return folder;
}

interface Outcome {
  readonly code: number | string | null;
  readonly signal: NodeJS.Signals | undefined;
  readonly stdout: string;
  readonly stderr: string;
}

function start(program: string, args: readonly string[], cwd = tmpdir()): Promise<Outcome> {
  return new Promise((resolve) => {
    const child = execFile(program, args, { cwd, env: { ...process.env, CI: 'true' } }, (error, stdout, stderr) =>
      resolve({ code: error?.code ?? (error ? null : 0), signal: error?.signal, stdout, stderr }),
    );
    child.stdout?.on('data', (text) => {
      if (String(text).includes('waiting')) child.kill('SIGTERM');
    });
  });
}

const cellar = (folder: string, ...args: string[]) => start(path.join(folder, 'bin/cellar'), args);
const builds = (folder: string) => readFileSync(path.join(folder, 'builds.txt'), 'utf8');
const once = 'start,end,';

it('builds a fresh checkout, says so in one line, and hands the arguments on', async () => {
  const folder = aCheckout();
  const first = await cellar(folder, 'server', '--data', 'a b', '');
  expect(first.stdout).toBe('["server","--data","a b",""]\n');
  expect(first.stderr).toMatch(/^cellar: building …\n✓ cellar: building \([\d.]+ s\)\n$/);
});

it('builds again only when a source was changed, added or removed', async () => {
  const folder = aCheckout();
  await cellar(folder);
  expect(await cellar(folder)).toMatchObject({ code: 0, stderr: '' });
  expect(builds(folder)).toBe(once);

  writeFileSync(path.join(folder, 'src/cli/main.ts'), 'second');
  await cellar(folder);
  expect(builds(folder)).toBe(once.repeat(2));

  writeFileSync(path.join(folder, 'src/added.ts'), '');
  await cellar(folder);
  expect(builds(folder)).toBe(once.repeat(3));

  unlinkSync(path.join(folder, 'src/added.ts'));
  await cellar(folder);
  expect(builds(folder)).toBe(once.repeat(4));

  writeFileSync(path.join(folder, 'src/added.test.ts'), '');
  await cellar(folder);
  expect(builds(folder)).toBe(once.repeat(4));
});

it('builds once when two are started at once', async () => {
  const folder = aCheckout();
  const outcomes = await Promise.all([cellar(folder, 'one'), cellar(folder, 'two'), cellar(folder, 'three')]);
  expect(outcomes.map(({ stdout }) => stdout)).toEqual(['["one"]\n', '["two"]\n', '["three"]\n']);
  expect(builds(folder)).toBe(once);
});

it('takes over the lock of a process that died while it was building', async () => {
  const folder = aCheckout();
  const { stdout: deadPid } = await start(process.execPath, ['-p', 'process.pid']);
  mkdirSync(path.join(folder, '.cache'));
  writeFileSync(path.join(folder, '.cache/build.lock'), deadPid.trim());
  expect(await cellar(folder, 'x')).toMatchObject({ code: 0, stdout: '["x"]\n' });
  expect(existsSync(path.join(folder, '.cache/build.lock'))).toBe(false);
});

it('shows what the compiler said when the sources do not build, and runs nothing', async () => {
  const folder = aCheckout();
  await cellar(folder);
  writeFileSync(path.join(folder, 'src/cli/main.ts'), 'broken');
  const broken = await cellar(folder, 'x');
  expect(broken).toMatchObject({ code: 1, stdout: '' });
  expect(broken.stderr).toContain('main.ts: does not compile');
  expect(broken.stderr).not.toContain('    at ');
});

it('passes exit codes and signals through', async () => {
  const folder = aCheckout();
  expect(await cellar(folder, 'exit', '7')).toMatchObject({ code: 7 });
  expect(await cellar(folder, 'wait')).toMatchObject({ signal: 'SIGTERM' });
});

it('works through a symbolic link', async () => {
  const folder = aCheckout();
  const link = path.join(folder, 'linked cellar');
  symlinkSync(path.join(folder, 'bin/cellar'), link);
  expect(await start(link, ['x'])).toMatchObject({ code: 0, stdout: '["x"]\n' });
});

it('just runs what is there when it is an installed package', async () => {
  const folder = aCheckout();
  await cellar(folder);
  for (const name of ['src', 'scripts', 'node_modules', 'package-lock.json', 'build.cjs']) {
    rmSync(path.join(folder, name), { recursive: true });
  }
  expect(await cellar(folder, 'x')).toMatchObject({ code: 0, stdout: '["x"]\n', stderr: '' });
});

it('says which Node.js it needs when it is run by an older one', async () => {
  const folder = aCheckout();
  const disguise = path.join(folder, 'disguise.cjs');
  writeFileSync(disguise, "Object.defineProperty(process.versions, 'node', { value: '20.18.3' });");
  const outcome = await start(process.execPath, ['--require', disguise, path.join(folder, 'bin/cellar')]);
  expect(outcome).toMatchObject({ code: 1, stdout: '' });
  expect(outcome.stderr).toContain('needs Node.js 20.19 or newer, but this is 20.18.3');
});
