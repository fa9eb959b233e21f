import path from 'node:path';
import { run } from '../../scripts/run.mjs';
import type { Database } from './postgres.ts';
import { type Server, serverOf } from './server.ts';

const filler = path.join(import.meta.dirname, '../mlflow/fill_database.py');

/** Nothing leaves the machine. */
export const quiet = { MLFLOW_DISABLE_TELEMETRY: 'true', DO_NOT_TRACK: 'true', PYTHONDONTWRITEBYTECODE: '1' };

/** MLflow's own server as it comes, with its default number of workers. */
export function mlflow(python: string, folder: string, postgres?: Database): Promise<Server> {
  const database =
    postgres === undefined
      ? `sqlite:///${path.join(folder, 'mlflow.db')}`
      : postgres.url.replace(/^postgres(ql)?:/, 'postgresql+psycopg2:');
  const shown = postgres === undefined ? 'sqlite:///mlflow.db' : 'postgresql+psycopg2://…';
  return serverOf({
    name: `mlflow-${postgres === undefined ? 'sqlite' : 'postgres'}`,
    product: 'mlflow',
    store: postgres === undefined ? 'sqlite' : 'postgres',
    command: `mlflow server --backend-store-uri ${shown} --artifacts-destination artifacts`,
    argv: (port) => [
      python,
      '-m',
      'mlflow',
      'server',
      '--backend-store-uri',
      database,
      '--artifacts-destination',
      path.join(folder, 'artifacts'),
      '--host',
      '127.0.0.1',
      '--port',
      String(port),
    ],
    environment: quiet,
    folder,
    databasePid: postgres?.pid,
    fill: async (what, first, last, experiment) => {
      await run(python, [filler, database, what, String(first), String(last), experiment], {
        env: { ...process.env, ...quiet },
      });
    },
  });
}
