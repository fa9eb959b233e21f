// Runs a command while a throwaway PostgreSQL is up; its URL is in CELLAR_TEST_POSTGRES_URL.
//   npx tsx scripts/with-postgres.ts sh -c 'bin/cellar server --store "$CELLAR_TEST_POSTGRES_URL"'
import { spawn } from 'node:child_process';
import { startPostgres } from '../test/support/postgres.ts';

const [program, ...args] = process.argv.slice(2);
if (program === undefined) throw new Error('Name the command to run.');
const postgres = await startPostgres();
const env = { ...process.env, CELLAR_TEST_POSTGRES_URL: postgres.url };
const command = spawn(program, args, { env, stdio: 'inherit' });
process.exitCode = await new Promise<number>((resolve) => {
  command.once('error', (error) => {
    console.error(error.message);
    resolve(127);
  });
  command.once('exit', (code) => resolve(code ?? 1));
});
await postgres.stop();
