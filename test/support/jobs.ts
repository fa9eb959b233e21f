import path from 'node:path';
import { pino } from 'pino';
import { afterAll, beforeAll } from 'vitest';
import { processTable } from '../../src/jobs/process-table.ts';
import { type JobSpec, type JobsOptions, type JobsService, jobsService } from '../../src/jobs/service.ts';
import { openStorage } from '../../src/storage/open.ts';
import { openSqlite } from '../../src/storage/sqlite.ts';
import { run, type Storage } from '../../src/storage/storage.ts';
import { type Engine, makePlace, type Place } from './stores.ts';

export interface TestJobs extends JobsService {
  readonly place: Place;
  readonly storage: Storage;
  /** The jobs room of another server on the same database and folder. */
  another(options?: Partial<JobsOptions>): JobsService;
}

/** The jobs room on a database and in a folder of its own. */
export function withJobs(engine: Engine, options: Partial<JobsOptions> = {}): TestJobs {
  const self = {} as { -readonly [K in keyof TestJobs]: TestJobs[K] };
  beforeAll(async () => {
    self.place = await makePlace(engine);
    self.storage = await openStorage(
      { url: self.place.store, dataDir: self.place.dataDir, durability: 'normal' },
      Date.now,
    );
    self.another = (others) =>
      jobsService({
        storage: self.storage,
        clock: Date.now,
        folder: path.join(self.place.dataDir, 'jobs'),
        logger: pino({ level: 'silent' }),
        ...options,
        ...others,
      });
    Object.assign(self, self.another());
    await self.open();
  });
  afterAll(async () => {
    await self.close?.();
    await self.storage?.close();
    await self.place?.remove();
  });
  return self;
}

const gibibyte = 1024 ** 3;

/** A job that runs a piece of JavaScript. */
export const script = (code: string, spec: Partial<JobSpec> = {}): JobSpec => ({
  kind: 'test',
  label: 'a test',
  command: [process.execPath, '-e', code],
  streams: 'logged',
  memoryLimitBytes: gibibyte,
  actor: 'ana',
  ...spec,
});

/** Whether it runs; what has ended and was not collected by its parent does not. */
export const isAlive = async (pid: number): Promise<boolean> =>
  (await processTable.list()).some((entry) => entry.pid === pid);

/** The job j-1 as a server on SQLite would have written down that it failed after 2.5 s, in November 2023. */
export async function writeDownFailedJob(dataDir: string): Promise<void> {
  const storage = openSqlite({ file: path.join(dataDir, 'cellar.db'), durability: 'normal' });
  await storage.write(() =>
    run(`insert into jobs(job_no, job_id, kind, label, command, status, message, actor, server_id, host,
        memory_limit_bytes, peak_memory_bytes, creation_time, start_time, end_time, heartbeat_time, exit_code)
      values (1, 'j-1', 'evaluate', 'AImodel 3', '["python3","-m","cellar_worker"]', 'failed',
        'It ended with exit code 1.', 'ana', 's', 'h', 1073741824, 1048576, 1700000000000, 1700000001000,
        1700000003500, 1700000003000, 1)`),
  );
  await storage.close();
}
