import { lstat, mkdir, readdir, readFile, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { PassThrough, Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { describe, expect, it, test } from 'vitest';
import { withThrowawayFolder } from '../../test/support/unprivileged.ts';
import type { ArtifactStore, ByteRange } from './artifact-store.ts';
import { localArtifactStore } from './local-store.ts';

const folder = withThrowawayFolder();

/** A store on a folder of its own, with a neighbour `outside` that holds a secret. */
async function aStore() {
  const base = join(folder.path, crypto.randomUUID());
  const root = join(base, 'artifacts');
  const outside = join(base, 'outside');
  await mkdir(outside, { recursive: true });
  await writeFile(join(outside, 'secret.txt'), 'secret');
  return { base, root, outside, store: await localArtifactStore({ root }) };
}

const bytes = (...chunks: (string | Buffer)[]) => Readable.from(chunks.map((chunk) => Buffer.from(chunk)));
const put = (store: ArtifactStore, path: string, text = 'x') => store.put(path, bytes(text));
async function read(store: ArtifactStore, path: string, range?: ByteRange): Promise<string> {
  return (await buffer((await store.open(path)).read(range))).toString();
}
const leftovers = (root: string) => readdir(join(root, '.cellar', 'incoming'));
const invalid = (why: string) =>
  expect.objectContaining({ code: 'INVALID_PARAMETER_VALUE', status: 400, message: expect.stringContaining(why) });
const missing = expect.objectContaining({ code: 'RESOURCE_DOES_NOT_EXIST' });
const failing = (code: string) =>
  Readable.from(
    (async function* () {
      yield Buffer.from('some bytes');
      throw Object.assign(new Error(code), { code });
    })(),
  );

describe('storing a file', () => {
  it('makes the folders above it and gives it back', async () => {
    const { root, store } = await aStore();
    expect(await store.put('1/run/artifacts/model/MLmodel', bytes('flavors', ': {}'))).toEqual({ size: 11 });
    expect(await read(store, '1/run/artifacts/model/MLmodel')).toBe('flavors: {}');
    expect(await readFile(join(root, '1/run/artifacts/model/MLmodel'), 'utf8')).toBe('flavors: {}');
  });

  it('keeps an empty file', async () => {
    const { store } = await aStore();
    await store.put('empty.txt', bytes());
    expect(await read(store, 'empty.txt')).toBe('');
    expect(await store.stat('empty.txt')).toMatchObject({ size: 0 });
  });

  it('keeps many batches in order', async () => {
    const { store } = await aStore();
    const chunks = Array.from({ length: 100 }, (_, i) => Buffer.alloc(65_537, i));
    await store.put('large.bin', Readable.from(chunks));
    expect(Buffer.concat(chunks).equals(await buffer((await store.open('large.bin')).read()))).toBe(true);
  });

  test.each(['日本/🍷.txt', 'e\u0301', '\u00e9', 'a+b c;d%.txt', '__proto__', 'n'.repeat(255)])(
    'keeps the name %s',
    async (name) => {
      const { store } = await aStore();
      await put(store, name, name);
      expect(await read(store, name)).toBe(name);
    },
  );

  it('tells names apart that only look the same', async () => {
    const { store } = await aStore();
    await put(store, '\u00e9', 'one');
    await put(store, 'e\u0301', 'two');
    expect(await read(store, '\u00e9')).toBe('one');
    expect((await store.list('')).map((entry) => entry.name)).toEqual(['e\u0301', '\u00e9']);
  });

  it('replaces a file, and a reader of the old one reads on', async () => {
    const { store } = await aStore();
    await put(store, 'a', 'old');
    const old = await store.open('a');
    await put(store, 'a', 'new');
    expect((await buffer(old.read())).toString()).toBe('old');
    expect(await read(store, 'a')).toBe('new');
    expect((await store.stat('a')).etag).not.toBe(old.etag);
  });

  it('lets one of many writers of a name win whole', async () => {
    const { root, store } = await aStore();
    const texts = Array.from({ length: 20 }, (_, i) => String(i).repeat(50_000));
    await Promise.all(texts.map((text) => put(store, 'same/name', text)));
    expect(texts).toContain(await read(store, 'same/name'));
    expect(await leftovers(root)).toEqual([]);
  });

  it('is private to the server', async () => {
    const { root, store } = await aStore();
    await put(store, 'a/b');
    expect((await stat(join(root, 'a/b'))).mode & 0o777).toBe(0o600);
    expect((await stat(join(root, '.cellar/incoming'))).mode & 0o777).toBe(0o700);
  });

  it('refuses a name that a folder has, and a place below a file', async () => {
    const { root, store } = await aStore();
    await put(store, 'dir/file');
    await expect(put(store, 'dir')).rejects.toEqual(invalid('taken by a folder'));
    await expect(put(store, 'dir/file/below')).rejects.toEqual(invalid('below an existing file'));
    await expect(put(store, 'dir/file/far/below')).rejects.toEqual(invalid('below an existing file'));
    await expect(store.put('dir', bytes('x'), { announcedBytes: 1 })).rejects.toEqual(invalid('taken by a folder'));
    expect(await leftovers(root)).toEqual([]);
    expect(await read(store, 'dir/file')).toBe('x');
  });

  it('refuses a large file for a bad place before it is read', async () => {
    const { store } = await aStore();
    await put(store, 'dir/file');
    const source = new PassThrough();
    await expect(store.put('dir', source, { announcedBytes: 1e9 })).rejects.toEqual(invalid('taken by a folder'));
  });
});

describe('an upload that fails', () => {
  it.each([
    ['ECONNRESET', 400, 'BAD_REQUEST', 'broke off'],
    ['ERR_STREAM_PREMATURE_CLOSE', 400, 'BAD_REQUEST', 'broke off'],
    ['ENOSPC', 507, 'INTERNAL_ERROR', 'no space left'],
    ['EDQUOT', 507, 'INTERNAL_ERROR', 'no space left'],
    ['EFBIG', 413, 'INVALID_PARAMETER_VALUE', 'larger than'],
    ['EMFILE', 503, 'TEMPORARILY_UNAVAILABLE', 'too many files'],
  ])('with %s leaves nothing, and the store goes on', async (errno, status, code, why) => {
    const { root, store } = await aStore();
    await put(store, 'kept', 'before');
    const failure = expect.objectContaining({ status, code, message: expect.stringContaining(why) });
    await expect(store.put('new/file', failing(errno))).rejects.toEqual(failure);
    await expect(store.put('kept', failing(errno))).rejects.toEqual(failure);
    expect(await leftovers(root)).toEqual([]);
    expect((await store.list('')).map((entry) => entry.name)).toEqual(['kept']);
    expect(await read(store, 'kept')).toBe('before');
    await put(store, 'kept', 'after');
    expect(await read(store, 'kept')).toBe('after');
  });

  it('is invisible while it runs', async () => {
    const { root, store } = await aStore();
    const source = new PassThrough();
    const stored = store.put('dir/slow', source);
    source.write(Buffer.alloc(3_000_000));
    await expect.poll(() => leftovers(root)).toHaveLength(1);
    expect(await store.list('')).toEqual([]);
    await expect(store.open('dir/slow')).rejects.toEqual(missing);
    source.destroy();
    await expect(stored).rejects.toMatchObject({ code: 'BAD_REQUEST' });
    expect(await leftovers(root)).toEqual([]);
  });

  it('beyond the limit is refused, and the source stays open for an answer', async () => {
    const { root, store } = await aStore();
    const source = new PassThrough();
    source.write('12345');
    await expect(store.put('a', source, { maxBytes: 4 })).rejects.toMatchObject({ status: 413 });
    expect(source.destroyed).toBe(false);
    expect(await leftovers(root)).toEqual([]);
    expect(await store.list('')).toEqual([]);
  });

  it('in a crash is cleared away at the next start', async () => {
    const { root } = await aStore();
    await writeFile(join(root, '.cellar/incoming/left'), 'half');
    await localArtifactStore({ root });
    expect(await leftovers(root)).toEqual([]);
  });
});

describe('reading', () => {
  test.each([
    [{ start: 0, end: 9 }, '0123456789'],
    [{ start: 3, end: 5 }, '345'],
    [{ start: 9, end: 9 }, '9'],
  ])('the range %j', async (range, expected) => {
    const { store } = await aStore();
    await put(store, 'a', '0123456789');
    expect(await read(store, 'a', range)).toBe(expected);
  });

  it('tells what is missing from what is a folder', async () => {
    const { store } = await aStore();
    await put(store, 'dir/file');
    for (const look of [store.open, store.stat]) {
      await expect(look('nope')).rejects.toEqual(missing);
      await expect(look('dir/nope')).rejects.toEqual(missing);
      await expect(look('dir/file/below')).rejects.toEqual(missing);
      await expect(look('dir')).rejects.toEqual(invalid('is a folder'));
    }
  });

  it('may be given up', async () => {
    const { store } = await aStore();
    await put(store, 'a');
    await (await store.open('a')).close();
  });
});

describe('listing', () => {
  it('shows names, kinds and sizes in the order of bytes', async () => {
    const { store } = await aStore();
    for (const name of ['b', 'a', 'B', '\ue000', '🍷', 'dir/x', 'é']) await put(store, name, name);
    expect(await store.list('')).toEqual([
      { name: 'B', isDirectory: false, size: 1 },
      { name: 'a', isDirectory: false, size: 1 },
      { name: 'b', isDirectory: false, size: 1 },
      { name: 'dir', isDirectory: true, size: 0 },
      { name: 'é', isDirectory: false, size: 2 },
      { name: '\ue000', isDirectory: false, size: 3 },
      { name: '🍷', isDirectory: false, size: 4 },
    ]);
  });

  it('is empty for a file and for what is missing', async () => {
    const { store } = await aStore();
    await put(store, 'dir/file');
    for (const path of ['dir/file', 'nope', 'dir/nope/x', 'dir/file/below']) expect(await store.list(path)).toEqual([]);
  });

  it('shows a hundred and more', async () => {
    const { root, store } = await aStore();
    await mkdir(join(root, 'many'));
    for (let i = 0; i < 150; i++) await writeFile(join(root, 'many', `f${String(i).padStart(3, '0')}`), '');
    const names = (await store.list('many')).map((entry) => entry.name);
    expect(names).toHaveLength(150);
    expect(names).toEqual([...names].sort());
  });
});

describe('deleting', () => {
  it('takes a file or a whole folder, and nothing beside it', async () => {
    const { root, store } = await aStore();
    for (const path of ['1/run/a', '1/run/sub/b', '1/other/c', '1/running']) await put(store, path);
    await store.delete('1/run');
    await store.delete('1/running');
    expect((await store.list('1')).map((entry) => entry.name)).toEqual(['other']);
    expect(await leftovers(root)).toEqual([]);
  });

  test.each(['nope', 'nope/x', 'file/below'])('does not mind that %s is absent', async (path) => {
    const { store } = await aStore();
    await put(store, 'file');
    await expect(store.delete(path)).resolves.toBeUndefined();
    expect(await read(store, 'file')).toBe('x');
  });

  it('never takes the root', async () => {
    const { store } = await aStore();
    await put(store, 'kept');
    await expect(store.delete('')).rejects.toEqual(invalid('root itself cannot be deleted'));
    expect(await read(store, 'kept')).toBe('x');
  });
});

describe('a link', () => {
  /** Links of every kind that lead out of the root, and some that stay inside. */
  async function aStoreWithLinks() {
    const made = await aStore();
    const { base, root, outside, store } = made;
    await put(store, 'real/file', 'inside');
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
    await expect(put(store, 'to-nothing/x')).rejects.toMatchObject({ status: 400 });
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
    expect(await read(store, 'real/file')).toBe('inside');
    expect((await stat(join(root, '.cellar/incoming'))).isDirectory()).toBe(true);
  });

  test.each(['to-file', 'to-folder', 'to-parent', 'to-root', 'to-nothing', 'to-private'])(
    'is deleted itself, not what it leads to: %s',
    async (path) => {
      const { root, outside, store } = await aStoreWithLinks();
      await store.delete(path);
      await expect(lstat(join(root, path))).rejects.toMatchObject({ code: 'ENOENT' });
      expect(await readFile(join(outside, 'secret.txt'), 'utf8')).toBe('secret');
      expect(await read(store, 'real/file')).toBe('inside');
    },
  );

  it('in a folder goes with it, and what it leads to stays', async () => {
    const { root, outside, store } = await aStoreWithLinks();
    await put(store, 'run/file');
    await symlink(outside, join(root, 'run/link'));
    await store.delete('run');
    expect(await readFile(join(outside, 'secret.txt'), 'utf8')).toBe('secret');
  });

  it('inside the root is followed', async () => {
    const { store } = await aStoreWithLinks();
    expect(await read(store, 'inner-file')).toBe('inside');
    expect(await read(store, 'inner-folder/file')).toBe('inside');
    await put(store, 'inner-folder/new', 'too');
    expect(await read(store, 'real/new')).toBe('too');
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
    const { base, root } = await aStore();
    await symlink(root, join(base, 'alias'));
    const store = await localArtifactStore({ root: join(base, 'alias') });
    await put(store, 'a', 'through');
    expect(await readFile(join(root, 'a'), 'utf8')).toBe('through');
  });
});

describe('the private folder', () => {
  test.each(['.cellar', '.cellar/incoming', '.cellar/uploads/x', '.CELLAR/incoming'])(
    'is out of reach: %s',
    async (path) => {
      const { root, store } = await aStore();
      const reserved = invalid('reserved');
      await expect(put(store, path)).rejects.toEqual(reserved);
      await expect(store.open(path)).rejects.toEqual(reserved);
      await expect(store.stat(path)).rejects.toEqual(reserved);
      await expect(store.list(path)).rejects.toEqual(reserved);
      await expect(store.delete(path)).rejects.toEqual(reserved);
      expect(await readdir(join(root, '.cellar'))).toEqual(['incoming', 'uploads']);
    },
  );

  it('does not show, and takes no name away deeper down', async () => {
    const { store } = await aStore();
    expect(await store.list('')).toEqual([]);
    await put(store, '1/.cellar/x');
    expect(await read(store, '1/.cellar/x')).toBe('x');
  });
});
