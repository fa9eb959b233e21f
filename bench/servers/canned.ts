import path from 'node:path';
import { type Server, serverOf } from './server.ts';

const script = path.join(import.meta.dirname, 'canned-server.ts');
/** The server runs in a folder of its own, from where the name alone would not be found. */
const tsx = import.meta.resolve('tsx');

/** A bare node:http server that answers at once, without doing anything: what a server in Node.js could reach at most. */
export function canned(folder: string): Promise<Server> {
  return serverOf({
    name: 'canned',
    product: 'canned',
    store: 'sqlite',
    command: 'bench/servers/canned-server.ts',
    argv: (port) => [process.execPath, '--import', tsx, script, String(port)],
    folder,
  });
}
