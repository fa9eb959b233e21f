import { chown, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll } from 'vitest';

const nobody = 65534;

/**
 * For tests that traverse, link, delete or fill: they get a throwaway folder, and where the suite runs as root this test
 * process acts as `nobody` until the suite ends, so that wrong code reaches nothing else. Needs a process of its own
 * per test file (vitest's pool of forks).
 */
export function withThrowawayFolder(): { readonly path: string } {
  let path = '';
  let regainRights = () => {};
  beforeAll(async () => {
    path = await mkdtemp(join(tmpdir(), 'cellar-test-'));
    if (process.getuid?.() !== 0) return;
    await chown(path, nobody, nobody);
    regainRights = dropRights();
  });
  afterAll(async () => {
    regainRights();
    await rm(path, { recursive: true, force: true });
  });
  return {
    get path() {
      return path;
    },
  };
}

function dropRights(): () => void {
  const groups = process.getgroups!();
  process.setgroups!([nobody]);
  process.setegid!(nobody);
  process.seteuid!(nobody);
  return () => {
    process.seteuid!(0);
    process.setegid!(0);
    process.setgroups!(groups);
  };
}
