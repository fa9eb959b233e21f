import { writeSync } from 'node:fs';
import { migrate, migrations } from '../../src/storage/migrate.ts';
import { openSqlite } from '../../src/storage/sqlite.ts';
import { get, type Tx } from '../../src/storage/storage.ts';

/** A process of its own: executes half of the last migration on the database given, says so, and never ends. */
const storage = openSqlite({ file: process.argv[2]!, durability: 'normal' });
const statements = migrations.at(-1)!.statements(storage.dialect);
const half = statements[Math.ceil(statements.length / 2)];

function* hangingHalfWay(): Tx<void> {
  const steps = migrate(storage.dialect, 1);
  let next = steps.next();
  while (!next.done) {
    if (next.value.kind === 'run' && next.value.sql === half) {
      writeSync(1, 'half\n');
      yield* get('with recursive n(i) as (select 1 union all select i + 1 from n) select count(*) from n');
    }
    next = steps.next(yield next.value);
  }
}

await storage.write(hangingHalfWay);
