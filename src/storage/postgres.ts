import pg from 'pg';
import { AppError } from '../errors.ts';
import { postgresDialect } from './dialect.ts';
import type { Insert, Step, Storage, Tx, Value } from './storage.ts';

/** bigint arrives as text from the driver; everything Cellar stores is a safe integer. */
const types: pg.CustomTypesConfig = {
  getTypeParser: (oid, format) => (oid === 20 ? Number : pg.types.getTypeParser(oid, format)),
};

/** Transactions that the database gave up on its own and that succeed when repeated. */
const repeatable = new Set(['40001', '40P01']);

/** SQLSTATE classes and driver codes that mean "the database is not there right now", or takes too long. */
const unavailable = /^(08...|57P0[1-5]|57014|53300|ECONNREFUSED|ECONNRESET|EPIPE|ENOENT|ETIMEDOUT|ENOTFOUND)$/;

const diskFull = '53100';

export interface Patience {
  /** How long a request waits for a connection, a free one or a new one. */
  readonly connectMs: number;
  /** How long it waits for its transaction to begin. Both together are less than 5 s, so that a client hears in time. */
  readonly beginMs: number;
  /** How long any statement may take: the database ends it then. One that does not even do that is taken for dead. */
  readonly statementMs: number;
}

/** How much longer than a statement may take its answer is waited for. */
const answerMs = 5000;

export const usualPatience: Patience = { connectMs: 2500, beginMs: 2000, statementMs: 120_000 };

interface TimedQuery extends pg.QueryConfig {
  readonly query_timeout: number;
}

/** PostgreSQL behind a pool; one transaction a body. A database that is gone or silent is TEMPORARILY_UNAVAILABLE. */
export function openPostgres(url: string, patience: Patience = usualPatience): Storage {
  const pool = new pg.Pool({
    connectionString: url,
    max: 16,
    connectionTimeoutMillis: patience.connectMs,
    query_timeout: patience.statementMs + answerMs,
    statement_timeout: patience.statementMs,
    keepAlive: true,
    keepAliveInitialDelayMillis: 10_000,
    idleTimeoutMillis: 60_000,
    types,
    application_name: 'cellar',
    // A generic plan ignores how selective a search value is. Writes look rows up by their keys, see below.
    options: '-c plan_cache_mode=force_custom_plan -c client_encoding=UTF8',
  });
  // A broken connection is replaced at its next use. Without a listener it would end the process: the pool's hears of
  // idle ones, the connection's own of one that breaks between two statements of a transaction.
  pool.on('error', () => undefined);
  pool.on('connect', (client) => void client.on('error', () => undefined));

  const names = new Map<string, { text: string; name: string }>();
  const prepared = (sql: string) => {
    let known = names.get(sql);
    if (known === undefined) {
      let n = 0;
      known = { text: sql.replace(/\?/g, () => `$${++n}`), name: `c${names.size}` };
      if (names.size < 2000) names.set(sql, known);
      else known.name = '';
    }
    return known;
  };

  function query(client: pg.PoolClient, sql: string, params: readonly unknown[], rowMode?: 'array') {
    const { text, name } = prepared(sql);
    const config: pg.QueryConfig & { rowMode?: 'array' } = { text, values: params as unknown[] };
    if (name !== '') config.name = name;
    if (rowMode !== undefined) config.rowMode = rowMode;
    return client.query(config);
  }

  async function execute(client: pg.PoolClient, step: Step, committed: (() => void)[]): Promise<unknown> {
    switch (step.kind) {
      case 'get':
        return (await query(client, step.sql, step.params)).rows[0];
      case 'all':
        return (await query(client, step.sql, step.params)).rows;
      case 'values':
        return (await query(client, step.sql, step.params, 'array')).rows;
      case 'numbers':
        return Float64Array.from((await query(client, step.sql, step.params, 'array')).rows.flat());
      case 'run':
        return (await query(client, step.sql, step.params)).rowCount ?? 0;
      case 'insert':
        return insert(client, step.insert, step.rows);
      case 'afterCommit':
        committed.push(step.action);
        return undefined;
    }
  }

  async function insert(client: pg.PoolClient, spec: Insert, rows: readonly (readonly Value[])[]): Promise<unknown> {
    const columns = Object.keys(spec.columns);
    const arrays = Object.values(spec.columns).map((type) => `?::${type}[]`);
    const text = `insert into ${spec.table}(${columns.join(',')}) select * from unnest(${arrays.join(',')}) ${spec.onConflict ?? ''}`;
    const params = columns.map((_, i) => rows.map((row) => row[i]));
    if (spec.countBy === undefined) return (await query(client, text, params)).rowCount ?? 0;
    const counting = `with inserted as (${text} returning ${spec.countBy}) select ${spec.countBy}, count(*) from inserted group by 1`;
    const counts = await query(client, counting, params, 'array');
    return new Map((counts.rows as [Value, number][]).map(([value, count]) => [value, count]));
  }

  async function drive<T>(client: pg.PoolClient, body: () => Tx<T>, committed: (() => void)[]): Promise<T> {
    const steps = body();
    let next = steps.next();
    while (!next.done) {
      let result: unknown;
      try {
        result = await execute(client, next.value, committed);
      } catch (error) {
        next = steps.throw(error);
        continue;
      }
      next = steps.next(result);
    }
    return next.value;
  }

  const within = (text: string): TimedQuery => ({ text, query_timeout: patience.beginMs });

  async function transaction<T>(begin: string, body: () => Tx<T>): Promise<T> {
    for (let attempt = 1; ; attempt++) {
      let client: pg.PoolClient | undefined;
      let begun = false;
      let broken = true;
      try {
        client = await pool.connect();
        const committed: (() => void)[] = [];
        await client.query(within(begin));
        begun = true;
        const value = await drive(client, body, committed);
        await client.query('commit');
        broken = false;
        for (const action of committed) action();
        return value;
      } catch (error) {
        const code = (error as { code?: string }).code ?? '';
        // What cannot be rolled back is given up with its connection.
        if (client !== undefined && begun)
          broken = await client.query(within('rollback')).then(
            () => false,
            () => true,
          );
        if (repeatable.has(code) && attempt < 5) continue;
        throw translated(error, code, broken);
      } finally {
        client?.release(broken);
      }
    }
  }

  return {
    dialect: postgresDialect,
    exclusive: false,
    read: (body) => transaction('begin isolation level repeatable read read only', body),
    // To plan such a statement anew takes longer than to execute it.
    write: (body) => transaction('begin; set local plan_cache_mode = auto', body),
    ping: async () => {
      await pool.query(within('select 1')).catch((error) => {
        throw translated(error, (error as { code?: string }).code ?? '', true);
      });
    },
    close: () => pool.end(),
  };
}

function translated(error: unknown, code: string, broken: boolean): unknown {
  if (error instanceof AppError) return error;
  if (code === diskFull)
    return new AppError(
      'INTERNAL_ERROR',
      'The server has no space left to store this; nothing of the request was written.',
      {
        cause: error,
        status: 507,
      },
    );
  const timedOut = error instanceof Error && code === '' && broken;
  if (unavailable.test(code) || timedOut)
    return new AppError('TEMPORARILY_UNAVAILABLE', 'The database does not answer right now.', {
      cause: error,
      retryAfterSeconds: 2,
    });
  return error;
}
