import pg from 'pg';
import { type RunningPostgres, startPostgres } from '../../test/support/postgres.ts';
import { parentOf } from '../processes.ts';

export interface Database {
  readonly url: string;
  /** The process that all others of the database descend from. */
  readonly pid: number;
  readonly stop: RunningPostgres['stop'];
}

/** A PostgreSQL of its own for one server, so that its CPU and memory count as the server's. */
export async function startDatabase(): Promise<Database> {
  const { url, stop } = await startPostgres();
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  const { rows } = await client.query<{ pid: number }>('select pg_backend_pid() as pid');
  const pid = parentOf(rows[0]!.pid);
  await client.end();
  return { url, pid, stop };
}
