import { spawn } from 'node:child_process';
import { KnownFailure } from './known-failure.mjs';

const keptChars = 20_000;

/**
 * Runs a program to its end and returns what it wrote to stdout. When it fails, the error carries what it said.
 * `onLine` gets each line of stdout as it comes.
 * @param {string} program
 * @param {string[]} args
 * @param {{ cwd?: string, env?: NodeJS.ProcessEnv, onLine?: (line: string) => void, shell?: boolean }} [options]
 * @returns {Promise<string>}
 */
export function run(program, args, { cwd, env, onLine, shell } = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { cwd, env, shell, stdio: ['ignore', 'pipe', 'pipe'] });
    let stdout = '';
    let said = '';
    let rest = '';
    child.stdout.setEncoding('utf8').on('data', (text) => {
      stdout += text;
      said = (said + text).slice(-keptChars);
      const lines = (rest + text).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) onLine?.(line);
    });
    child.stderr.setEncoding('utf8').on('data', (text) => {
      said = (said + text).slice(-keptChars);
    });
    // Whatever ends us ends the program, too: it must not go on writing where the next start looks.
    const end = () => child.kill();
    const interrupted = () => process.exit(130);
    const terminated = () => process.exit(143);
    process.once('exit', end).once('SIGINT', interrupted).once('SIGTERM', terminated);
    const settle = (/** @type {() => void} */ outcome) => {
      process.off('exit', end).off('SIGINT', interrupted).off('SIGTERM', terminated);
      outcome();
    };
    child.once('error', (error) => settle(() => reject(new KnownFailure(`cannot run ${program}: ${error.message}`))));
    child.once('close', (code, signal) =>
      settle(() => {
        if (code === 0) resolve(stdout);
        else reject(new KnownFailure(`${program} ${args.join(' ')} ended with ${signal ?? code}:\n${said.trim()}`));
      }),
    );
  });
}
