import { execFileSync } from 'node:child_process';
import { arch, availableParallelism, cpus, release, totalmem } from 'node:os';
import { version } from '../src/version.ts';
import type { Server } from './servers/server.ts';

const GiB = 1024 ** 3;

/** What the figures depend on besides the servers. */
export function machine(): Record<string, string> {
  return {
    Machine: `${availableParallelism()} cores of ${cpus()[0]?.model ?? arch()}, ${(totalmem() / GiB).toFixed(0)} GiB, Linux ${release()}`,
    'Node.js': process.versions.node,
    Go: output('go', ['env', 'GOVERSION']).replace(/^go/, ''),
    PostgreSQL: 'of the development packages, durability off for both servers',
  };
}

export async function versionOf(server: Server, python: string): Promise<string> {
  switch (server.product) {
    case 'cellar':
      return `Cellar ${version}`;
    case 'mlflow': {
      const program =
        'import sys, importlib.metadata as m; print(m.version("mlflow"), "on Python", sys.version.split()[0])';
      return `MLflow ${output(python, ['-c', program])}`;
    }
    case 'fasttrackml':
      return 'FastTrackML 0.6.0';
    case 'canned':
      return 'canned replies of a bare node:http server';
  }
}

const output = (program: string, args: string[]) => execFileSync(program, args, { encoding: 'utf8' }).trim();
