import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { story } from '../../test/support/configuration.ts';
import { cellar } from '../../test/support/terminal.ts';

/** In a folder of its own, which holds these files. */
async function withFiles(files: Record<string, string>, test: (folder: string) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(path.join(tmpdir(), 'cellar-validate-'));
  try {
    for (const [name, text] of Object.entries(files)) await writeFile(path.join(folder, name), text);
    await test(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

describe('cellar validate', () => {
  it('says what a valid file holds', () =>
    withFiles({ 'cellar.yaml': story }, async (folder) => {
      const file = path.join(folder, 'cellar.yaml');
      expect(await cellar(['validate', file])).toEqual({
        out: `${file} is valid: 2 environments, 1 holdout, 1 service.\n`,
        err: '',
        exitCode: 0,
      });
    }));

  it('tells every mistake on the error stream, each on a line that an editor can follow', () =>
    withFiles({ 'cellar.yaml': story.replace('"<=1.0"', '1.0') }, async (folder) => {
      const file = path.join(folder, 'cellar.yaml');
      const { out, err, exitCode } = await cellar(['validate', file]);
      expect({ out, exitCode }).toEqual({ out: '', exitCode: 1 });
      expect(err).toBe(
        `cellar: ${file} has 1 mistake:\n${file}:15:24: services.wine.allow.prod.AImodel: found 1.0, expected a range of code versions in quotes such as "<=2.0"\n`,
      );
    }));

  it('gives them as JSON to programs', () =>
    withFiles({ 'cellar.yaml': 'apiVersion: cellar/v2\nenvironments: {}\n' }, async (folder) => {
      const file = path.join(folder, 'cellar.yaml');
      const { out, err, exitCode } = await cellar(['validate', file, '--json']);
      expect({ err, exitCode }).toEqual({ err: '', exitCode: 1 });
      expect(JSON.parse(out)).toEqual({
        file,
        valid: false,
        mistakes: [{ file, line: 1, column: 13, path: 'apiVersion', value: 'cellar/v2', expected: 'cellar/v1' }],
      });
    }));

  it('finds the code of a metric beside the file, and says when it is not there', async () => {
    const own = story.replace('name: f1_weighted,', 'name: profit, function: { file: metrics.py, name: profit },');
    await withFiles({ 'cellar.yaml': own, 'metrics.py': 'def profit(actual, predicted): ...' }, async (folder) => {
      expect(await cellar(['validate', path.join(folder, 'cellar.yaml')])).toMatchObject({ exitCode: 0 });
    });
    await withFiles({ 'cellar.yaml': own }, async (folder) => {
      const { err } = await cellar(['validate', path.join(folder, 'cellar.yaml')]);
      expect(err).toContain('found metrics.py, expected a file that stands beside this one');
    });
  });

  it('says which file it did not find', async () => {
    const { err, exitCode } = await cellar(['validate', '/nowhere/cellar.yaml']);
    expect({ err, exitCode }).toEqual({ err: expect.stringContaining('/nowhere/cellar.yaml'), exitCode: 1 });
  });
});
