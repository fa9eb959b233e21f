import type { TestProject } from 'vitest/node';
import { type RunningPostgres, startPostgres } from './postgres.ts';

declare module 'vitest' {
  export interface ProvidedContext {
    postgresUrl: string;
  }
}

/** One PostgreSQL for the whole run of tests; every test makes a database of its own in it. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const given = process.env['CELLAR_TEST_POSTGRES_URL'];
  let own: RunningPostgres | undefined;
  if (given === undefined) own = await startPostgres();
  project.provide('postgresUrl', given ?? own!.url);
  return async () => own?.stop();
}
