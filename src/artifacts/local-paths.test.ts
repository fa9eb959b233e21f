import { lstat, readdir, readFile, stat, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it, test } from 'vitest';
import { aLocalStore, bytes, leftovers, putText, readText } from '../../test/support/local-store.ts';
import { withThrowawayFolder } from '../../test/support/unprivileged.ts';
import { localArtifactStore } from './local-store.ts';

const folder = withThrowawayFolder();

const invalid = (why: string) =>
  expect.objectContaining({ code: 'INVALID_PARAMETER_VALUE', status: 400, message: expect.stringContaining(why) });

describe('a link', () => {
  /** Links of every kind that lead out of the root, and some that stay inside. */
  async function aStoreWithLinks() {
    const made = await aLocalStore(folder);
    const { base, root, outside, store } = made;
    await putText(store, 'real/file', 'inside');
    const links = {
      'to-file': join(outside, 'secret.txt'),
      'to-folder': outside,
      'to-parent': base,
      'to-neighbour': '../outside',
      'to-nothing': join(outside, 'new'),
      'to-private': join(root, '.cellar'),
      'to-root': root,
      'inner-file': 'real/file',
      'inner-folder': 'real',
    };
    for (const [name, target] of Object.entries(links)) await symlink(target, join(root, name));
    return made;
  }
  const leaves = invalid('leaves the artifact root');

  test.each([
    'to-file',
    'to-folder/secret.txt',
    'to-parent/outside/secret.txt',
    'to-neighbour/secret.txt',
    'to-folder',
    'to-private/incoming',
  ])('that leaves the root is not read: %s', async (path) => {
    const { store } = await aStoreWithLinks();
    await expect(store.open(path)).rejects.toEqual(leaves);
    await expect(store.stat(path)).rejects.toEqual(leaves);
  });

  test.each(['to-folder', 'to-parent', 'to-neighbour', 'to-parent/outside', 'to-private'])(
    'that leaves the root is not listed: %s',
    async (path) => {
      const { store } = await aStoreWithLinks();
      await expect(store.list(path)).rejects.toEqual(leaves);
    },
  );

  test.each([
    'to-file',
    'to-nothing',
    'to-folder/new.txt',
    'to-folder/a/b/new.txt',
    'to-parent/outside/secret.txt',
    'to-neighbour/secret.txt',
    'to-private/incoming/x',
    'to-root/.cellar/x',
  ])('that leaves the root is not written through: %s', async (path) => {
    const { base, root, outside, store } = await aStoreWithLinks();
    for (const announcedBytes of [1, undefined])
      await expect(store.put(path, bytes('pwned'), { announcedBytes })).rejects.toMatchObject({ status: 400 });
    await expect(store.uploads.create(path, 1)).rejects.toMatchObject({ status: 400 });
    expect(await readdir(outside)).toEqual(['secret.txt']);
    expect(await readFile(join(outside, 'secret.txt'), 'utf8')).toBe('secret');
    expect(await readdir(base)).toEqual(['artifacts', 'outside']);
    expect(await leftovers(root)).toEqual([]);
  });

  it('to nothing is no folder to write below', async () => {
    const { outside, store } = await aStoreWithLinks();
    await expect(putText(store, 'to-nothing/x')).rejects.toMatchObject({ status: 400 });
    expect(await readdir(outside)).toEqual(['secret.txt']);
  });

  test.each([
    'to-folder/secret.txt',
    'to-parent/outside',
    'to-parent/artifacts',
    'to-neighbour/secret.txt',
    'to-root/.cellar',
    'to-private/incoming',
  ])('that leaves the root is not deleted through: %s', async (path) => {
    const { root, outside, store } = await aStoreWithLinks();
    await expect(store.delete(path)).rejects.toEqual(leaves);
    expect(await readFile(join(outside, 'secret.txt'), 'utf8')).toBe('secret');
    expect(await readText(store, 'real/file')).toBe('inside');
    expect((await stat(join(root, '.cellar/incoming'))).isDirectory()).toBe(true);
  });

  test.each(['to-file', 'to-folder', 'to-parent', 'to-root', 'to-nothing', 'to-private'])(
    'is deleted itself, not what it leads to: %s',
    async (path) => {
      const { root, outside, store } = await aStoreWithLinks();
      await store.delete(path);
      await expect(lstat(join(root, path))).rejects.toMatchObject({ code: 'ENOENT' });
      expect(await readFile(join(outside, 'secret.txt'), 'utf8')).toBe('secret');
      expect(await readText(store, 'real/file')).toBe('inside');
    },
  );

  it('in a folder goes with it, and what it leads to stays', async () => {
    const { root, outside, store } = await aStoreWithLinks();
    await putText(store, 'run/file');
    await symlink(outside, join(root, 'run/link'));
    await store.delete('run');
    expect(await readFile(join(outside, 'secret.txt'), 'utf8')).toBe('secret');
  });

  it('inside the root is followed', async () => {
    const { store } = await aStoreWithLinks();
    expect(await readText(store, 'inner-file')).toBe('inside');
    expect(await readText(store, 'inner-folder/file')).toBe('inside');
    await putText(store, 'inner-folder/new', 'too');
    expect(await readText(store, 'real/new')).toBe('too');
  });

  it('that leaves the root is not shown in a listing', async () => {
    const { store } = await aStoreWithLinks();
    expect(await store.list('')).toEqual([
      { name: 'inner-file', isDirectory: false, size: 6 },
      { name: 'inner-folder', isDirectory: true, size: 0 },
      { name: 'real', isDirectory: true, size: 0 },
      { name: 'to-root', isDirectory: true, size: 0 },
    ]);
    expect((await store.list('to-root')).map((entry) => entry.name)).not.toContain('.cellar');
  });

  it('may be the root itself', async () => {
    const { base, root } = await aLocalStore(folder);
    await symlink(root, join(base, 'alias'));
    const store = await localArtifactStore({ root: join(base, 'alias') });
    await putText(store, 'a', 'through');
    expect(await readFile(join(root, 'a'), 'utf8')).toBe('through');
  });
});

describe('the private folder', () => {
  test.each(['.cellar', '.cellar/incoming', '.cellar/uploads/x', '.CELLAR/incoming'])(
    'is out of reach: %s',
    async (path) => {
      const { root, store } = await aLocalStore(folder);
      const reserved = invalid('reserved');
      await expect(putText(store, path)).rejects.toEqual(reserved);
      await expect(store.open(path)).rejects.toEqual(reserved);
      await expect(store.stat(path)).rejects.toEqual(reserved);
      await expect(store.list(path)).rejects.toEqual(reserved);
      await expect(store.delete(path)).rejects.toEqual(reserved);
      expect(await readdir(join(root, '.cellar'))).toEqual(['incoming', 'uploads']);
    },
  );

  it('does not show, and takes no name away deeper down', async () => {
    const { store } = await aLocalStore(folder);
    expect(await store.list('')).toEqual([]);
    await putText(store, '1/.cellar/x');
    expect(await readText(store, '1/.cellar/x')).toBe('x');
  });
});
