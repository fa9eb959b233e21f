import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { beforeAll, expect, it } from 'vitest';
import { withServer } from '../../test/support/app.ts';
import { cellar } from '../../test/support/terminal.ts';

const server = withServer('sqlite');
const empty = withServer('sqlite');
const file = (name: string) => path.join(server.place.dataDir, name);
const holdout = (...words: string[]) => cellar(['holdout', ...words, '--server', server.url]);

beforeAll(async () => {
  await writeFile(file('wine.csv'), 'Alcohol,zip,class\n14.2,01234,0\n13.5,02345,1\n12.25,,1\n');
  await writeFile(file('types.json'), '{"zip": "string"}');
});

it('puts a file and says what became of it', async () => {
  const put = () => holdout('put', 'wine-holdout', file('wine.csv'), '--target', 'class');
  expect(await put()).toMatchObject({
    out: expect.stringMatching(
      /^wine-holdout@1 is new: 3 rows, 3 columns, classification of class, digest [0-9a-f]{12}\.\n$/,
    ),
    err: '',
    exitCode: 0,
  });
  expect((await put()).out).toMatch(/^These rows are wine-holdout@1 already: 3 rows, .* nothing was added\.\n$/);
});

it('takes types from the line and from a file', async () => {
  const typed = await holdout(
    'put',
    'w',
    file('wine.csv'),
    '--target',
    'class',
    '--types',
    file('types.json'),
    '--json',
  );
  expect(JSON.parse(typed.out).columns.map((each: { type: string }) => each.type)).toEqual([
    'double',
    'string',
    'int64',
  ]);
  const more = ['--types', file('types.json'), '--types', 'class=string'];
  const both = await holdout('put', 'w', file('wine.csv'), '--target', 'class', ...more, '--json');
  expect(JSON.parse(both.out)).toMatchObject({ version: 2, columns: [{}, { type: 'string' }, { type: 'string' }] });
});

it('shows on a terminal how far an upload is', async () => {
  const words = ['holdout', 'put', 'wine-holdout', file('wine.csv'), '--target', 'class', '--server', server.url];
  const { err } = await cellar(words, { columns: 80 });
  expect(err).toContain('53 B of 53 B, 100 %');
  expect(err.endsWith('\r\u001b[K')).toBe(true);
});

it('lists holdouts and versions, and shows one with its columns and classes', async () => {
  const { out: all } = await holdout('list');
  expect(all).toMatch(/^HOLDOUT +ROWS +COLUMNS +TASK +TARGET +DIGEST +UPLOADED +BY\n/);
  expect(all).toMatch(/\nwine-holdout@1 +3 +3 +classification +class +[0-9a-f]{12} +\S.* ana\n/);
  expect((await holdout('list', 'w')).out).toMatch(/\nw@2 .*\nw@1 /);
  const { out } = await holdout('show', 'w@1');
  expect(out).toMatch(/^holdout +w@1\n/);
  expect(out).toMatch(/\nAlcohol +double +0 +3 +12\.25 +13\.5 +13\.3167 +14\.2 +0\.9878\n/);
  expect(out).toMatch(/\nzip +string +1 +2 +01234 +02345\n/);
  expect(out).toMatch(/\nCLASS +ROWS +SHARE\n1 +2 +66\.6667 %\n0 +1 +33\.3333 %\n$/);
  expect((await holdout('show', 'w')).out).toMatch(/^holdout +w@2\n/);
});

it.each([
  [['put', 'x', 'missing.csv', '--target', 'class'], 1, 'ENOENT'],
  [['put', 'x', 'wine.csv'], 2, "required option '--target <COLUMN>' not specified"],
  [['put', 'x', 'wine.csv', '--target', 'grape'], 1, 'the file has no such column; it has "Alcohol", "zip", "class"'],
  [
    ['put', 'x', 'wine.csv', '--target', 'class', '--types', 'wine.csv'],
    1,
    'expected a JSON object of columns and types',
  ],
  [['show', 'a@b'], 2, 'Expected a name, or a name and a version such as wine-holdout@2.'],
  [['show', 'none'], 1, 'No holdout is named "none".'],
])('refuses %j', async (words, exitCode, message) => {
  const ended = await holdout(...words.map((word) => (word.endsWith('.csv') ? file(word) : word)));
  expect(ended).toMatchObject({ exitCode, out: '' });
  expect(ended.err).toContain(message);
});

it('explains itself with examples', async () => {
  const { out } = await cellar(['holdout', 'put', '--help']);
  expect(out).toContain('cellar holdout put wine-holdout holdout.csv --target class');
});

it('says what to do where there is no holdout yet', async () => {
  const { out } = await cellar(['holdout', 'list', '--server', empty.url]);
  expect(out).toBe('There is no holdout yet. Upload one: cellar holdout put NAME FILE --target COLUMN\n');
});
