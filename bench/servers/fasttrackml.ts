import path from 'node:path';
import { pythonEnvironment } from '../../scripts/python-env.mjs';
import { type Server, serverOf } from './server.ts';

const requirements = path.join(import.meta.dirname, '../fasttrackml/requirements.txt');

/** FastTrackML, a Go program that Python's registry carries. Without a model registry, artifact proxy and intervals. */
export async function fastTrackMl(folder: string): Promise<Server> {
  const python = await pythonEnvironment(requirements);
  const settings = ['--default-artifact-root', 'artifacts', '--log-level', 'warn'];
  return serverOf({
    name: 'fasttrackml-sqlite',
    product: 'fasttrackml',
    store: 'sqlite',
    command: `fml server --database-uri sqlite://fml.db ${settings.join(' ')}`,
    argv: (port) => [
      path.join(path.dirname(python), 'fml'),
      'server',
      '--listen-address',
      `127.0.0.1:${port}`,
      '--database-uri',
      'sqlite://fml.db',
      ...settings,
    ],
    folder,
  });
}
