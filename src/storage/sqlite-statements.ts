import type Database from 'better-sqlite3';
import { groupBy } from '../group-by.ts';
import { sqliteNumbers } from './sqlite-numbers.js';
import type { Insert, Step, Value } from './storage.ts';

/** Rows of the largest insert statement; beyond it more rows a statement stop paying. */
const mostRows = 128;
/** Below it every number of rows has a statement of its own: most runs log so few things at once. */
const fewRows = 16;
const mostPrepared = 1000;

export interface SqliteStatements {
  /** Executes one step; actions for after the commit are added to `committed`. */
  execute(step: Step, committed: (() => void)[]): unknown;
  /** Lets go of all prepared statements. */
  clear(): void;
}

/** Executes the steps of transactions on one connection, with its prepared statements kept. */
export function sqliteStatements(db: Database.Database): SqliteStatements {
  const statements = new Map<string, Database.Statement>();
  const rawStatements = new Map<string, Database.Statement>();
  const numbers = sqliteNumbers(db);
  const inserts = new Map<Insert, Map<number, Database.Statement>>();
  const savepoint = db.prepare('savepoint rows');
  const release = db.prepare('release rows');
  const rollbackToSavepoint = db.prepare('rollback to rows');

  function prepare(cache: Map<string, Database.Statement>, sql: string, raw: boolean): Database.Statement {
    let statement = cache.get(sql);
    if (statement === undefined) {
      if (cache.size >= mostPrepared) cache.delete(cache.keys().next().value as string);
      statement = db.prepare(sql);
      if (raw) statement.raw(true);
      cache.set(sql, statement);
    }
    return statement;
  }

  function execute(step: Step, committed: (() => void)[]): unknown {
    switch (step.kind) {
      case 'get':
        return prepare(statements, step.sql, false).get(step.params);
      case 'all':
        return prepare(statements, step.sql, false).all(step.params);
      case 'values':
        return prepare(rawStatements, step.sql, true).all(step.params);
      case 'numbers':
        return numbers.read(step.sql, step.params);
      case 'run': {
        const statement = prepare(statements, step.sql, false);
        return statement.reader ? statement.all(step.params).length : statement.run(step.params).changes;
      }
      case 'insert':
        return insert(step.insert, step.rows);
      case 'afterCommit':
        committed.push(step.action);
        return undefined;
    }
  }

  function insert(spec: Insert, rows: readonly (readonly Value[])[]): unknown {
    if (spec.countBy === undefined) return insertAll(spec, rows);
    const by = Object.keys(spec.columns).indexOf(spec.countBy);
    const groups = groupBy(rows, (row) => row[by]!);
    const counts = new Map<Value, number>();
    if (groups.size > 1) {
      // Nearly always every row is new, and the counts are known without a statement a group.
      savepoint.run();
      const changes = insertAll(spec, [...groups.values()].flat());
      if (changes !== rows.length) rollbackToSavepoint.run();
      release.run();
      if (changes === rows.length) {
        for (const [value, group] of groups) counts.set(value, group.length);
        return counts;
      }
    }
    for (const [value, group] of groups) counts.set(value, insertAll(spec, group));
    return counts;
  }

  /** In statements of 128, 64, 32 and 16 rows and one of the rest, so that few of them are prepared and few are run. */
  function insertAll(spec: Insert, rows: readonly (readonly Value[])[]): number {
    let changes = 0;
    let at = 0;
    for (let count = mostRows; count >= fewRows; count /= 2)
      for (; rows.length - at >= count; at += count)
        changes += insertOf(spec, count).run(...joined(rows, at, at + count)).changes;
    if (at < rows.length) changes += insertOf(spec, rows.length - at).run(...joined(rows, at, rows.length)).changes;
    return changes;
  }

  function insertOf(spec: Insert, count: number): Database.Statement {
    const bySize = inserts.get(spec) ?? new Map<number, Database.Statement>();
    inserts.set(spec, bySize);
    const statement = bySize.get(count) ?? db.prepare(insertText(spec, count));
    bySize.set(count, statement);
    return statement;
  }

  return {
    execute,
    clear() {
      statements.clear();
      rawStatements.clear();
      numbers.clear();
      inserts.clear();
    },
  };
}

/**
 * The values of some rows one after the other; `flat` takes several times as long. As arguments the driver binds them in
 * half the time that the items of an array take.
 */
function joined(rows: readonly (readonly Value[])[], from: number, to: number): Value[] {
  const values: Value[] = [];
  for (let i = from; i < to; i++) for (const value of rows[i]!) values.push(value);
  return values;
}

function insertText(spec: Insert, rows: number): string {
  const columns = Object.keys(spec.columns);
  const row = `(${columns.map(() => '?').join(',')})`;
  const values = new Array(rows).fill(row).join(',');
  return `insert into ${spec.table}(${columns.join(',')}) values ${values} ${spec.onConflict ?? ''}`;
}
