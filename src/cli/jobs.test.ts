import { describe, expect, it } from 'vitest';
import { withServer } from '../../test/support/app.ts';
import { writeDownFailedJob } from '../../test/support/jobs.ts';
import { cellar } from '../../test/support/terminal.ts';

const server = withServer('sqlite');
const jobs = (...words: string[]) => cellar(['jobs', ...words, '--server', server.url], { now: 1_700_000_100_000 });

describe('cellar jobs', () => {
  it('has nothing to list at first', async () => {
    expect(await jobs('list')).toMatchObject({ out: 'No jobs.\n', exitCode: 0 });
  });

  it('shows how a job ended, and what it wrote', async () => {
    await writeDownFailedJob(server.place.dataDir);
    expect((await jobs('list', '--status', 'failed')).out).toMatch(
      /j-1 +evaluate +AImodel 3 +failed +1 min ago +2 s +ana/,
    );
    const shown = (await jobs('show', 'j-1')).out;
    expect(shown).toMatch(/^why +It ended with exit code 1\.$/m);
    expect(shown).toMatch(/^memory +1\.0 MiB of 1\.0 GiB$/m);
    expect(shown).toMatch(/^command +python3 -m cellar_worker$/m);
    expect(JSON.parse((await jobs('show', 'j-1', '--json')).out)).toMatchObject({ jobId: 'j-1', exitCode: 1 });
    expect(await jobs('logs', 'j-1')).toMatchObject({ out: '', exitCode: 0 });
  });

  it('says what cannot be done', async () => {
    expect(await jobs('cancel', 'j-1')).toMatchObject({
      err: 'cellar: The job j-1 has ended already: it is failed.\n',
      exitCode: 1,
    });
    expect((await jobs('show', 'j-2')).err).toBe('cellar: There is no job "j-2".\n');
    expect((await jobs('list', '--status', 'done')).exitCode).toBe(2);
  });
});
