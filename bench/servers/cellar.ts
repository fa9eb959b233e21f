import path from 'node:path';
import type { Database } from './postgres.ts';
import { type Server, serverOf } from './server.ts';

const main = path.join(import.meta.dirname, '../../dist/cli/main.js');

/** The built server, with its defaults but for the level of its log. */
export function cellar(folder: string, durability: string, postgres?: Database): Promise<Server> {
  const store = postgres === undefined ? [] : ['--store', postgres.url];
  const flags = ['--durability', durability, '--log-level', 'warn'];
  return serverOf({
    name: `cellar-${postgres === undefined ? 'sqlite' : 'postgres'}`,
    product: 'cellar',
    store: postgres === undefined ? 'sqlite' : 'postgres',
    command: ['cellar server', ...(postgres === undefined ? [] : ['--store postgres://…']), ...flags].join(' '),
    argv: (port) => [
      process.execPath,
      main,
      'server',
      '--port',
      String(port),
      '--data',
      path.join(folder, 'data'),
      ...store,
      ...flags,
    ],
    folder,
    databasePid: postgres?.pid,
  });
}
