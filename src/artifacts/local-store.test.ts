import { mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { PassThrough, Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { describe, expect, it, test } from 'vitest';
import { aLocalStore, bytes, leftovers, putText, readText } from '../../test/support/local-store.ts';
import { withThrowawayFolder } from '../../test/support/unprivileged.ts';
import { localArtifactStore } from './local-store.ts';

const folder = withThrowawayFolder();

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
    const { root, store } = await aLocalStore(folder);
    expect(await store.put('1/run/artifacts/model/MLmodel', bytes('flavors', ': {}'))).toEqual({ size: 11 });
    expect(await readText(store, '1/run/artifacts/model/MLmodel')).toBe('flavors: {}');
    expect(await readFile(join(root, '1/run/artifacts/model/MLmodel'), 'utf8')).toBe('flavors: {}');
  });

  it('keeps an empty file', async () => {
    const { store } = await aLocalStore(folder);
    await store.put('empty.txt', bytes());
    expect(await readText(store, 'empty.txt')).toBe('');
    expect(await store.stat('empty.txt')).toMatchObject({ size: 0 });
  });

  it('keeps many batches in order', async () => {
    const { store } = await aLocalStore(folder);
    const chunks = Array.from({ length: 100 }, (_, i) => Buffer.alloc(65_537, i));
    await store.put('large.bin', Readable.from(chunks));
    expect(Buffer.concat(chunks).equals(await buffer((await store.open('large.bin')).read()))).toBe(true);
  });

  test.each(['日本/🍷.txt', 'e\u0301', '\u00e9', 'a+b c;d%.txt', '__proto__', 'n'.repeat(255)])(
    'keeps the name %s',
    async (name) => {
      const { store } = await aLocalStore(folder);
      await putText(store, name, name);
      expect(await readText(store, name)).toBe(name);
    },
  );

  it('tells names apart that only look the same', async () => {
    const { store } = await aLocalStore(folder);
    await putText(store, '\u00e9', 'one');
    await putText(store, 'e\u0301', 'two');
    expect(await readText(store, '\u00e9')).toBe('one');
    expect((await store.list('')).map((entry) => entry.name)).toEqual(['e\u0301', '\u00e9']);
  });

  it('replaces a file, and a reader of the old one reads on', async () => {
    const { store } = await aLocalStore(folder);
    await putText(store, 'a', 'old');
    const old = await store.open('a');
    await putText(store, 'a', 'new');
    expect((await buffer(old.read())).toString()).toBe('old');
    expect(await readText(store, 'a')).toBe('new');
    expect((await store.stat('a')).etag).not.toBe(old.etag);
  });

  it('lets one of many writers of a name win whole', async () => {
    const { root, store } = await aLocalStore(folder);
    const texts = Array.from({ length: 20 }, (_, i) => String(i).repeat(50_000));
    await Promise.all(texts.map((text) => putText(store, 'same/name', text)));
    expect(texts).toContain(await readText(store, 'same/name'));
    expect(await leftovers(root)).toEqual([]);
  });

  it('is private to the server', async () => {
    const { root, store } = await aLocalStore(folder);
    await putText(store, 'a/b');
    expect((await stat(join(root, 'a/b'))).mode & 0o777).toBe(0o600);
    expect((await stat(join(root, '.cellar/incoming'))).mode & 0o777).toBe(0o700);
  });

  it('refuses a name that a folder has, and a place below a file', async () => {
    const { root, store } = await aLocalStore(folder);
    await putText(store, 'dir/file');
    await expect(putText(store, 'dir')).rejects.toEqual(invalid('taken by a folder'));
    await expect(putText(store, 'dir/file/below')).rejects.toEqual(invalid('below an existing file'));
    await expect(putText(store, 'dir/file/far/below')).rejects.toEqual(invalid('below an existing file'));
    await expect(store.put('dir', bytes('x'), { announcedBytes: 1 })).rejects.toEqual(invalid('taken by a folder'));
    expect(await leftovers(root)).toEqual([]);
    expect(await readText(store, 'dir/file')).toBe('x');
  });

  it('refuses a large file for a bad place before it is read', async () => {
    const { store } = await aLocalStore(folder);
    await putText(store, 'dir/file');
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
    const { root, store } = await aLocalStore(folder);
    await putText(store, 'kept', 'before');
    const failure = expect.objectContaining({ status, code, message: expect.stringContaining(why) });
    await expect(store.put('new/file', failing(errno))).rejects.toEqual(failure);
    await expect(store.put('kept', failing(errno))).rejects.toEqual(failure);
    expect(await leftovers(root)).toEqual([]);
    expect((await store.list('')).map((entry) => entry.name)).toEqual(['kept']);
    expect(await readText(store, 'kept')).toBe('before');
    await putText(store, 'kept', 'after');
    expect(await readText(store, 'kept')).toBe('after');
  });

  it('is invisible while it runs', async () => {
    const { root, store } = await aLocalStore(folder);
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
    const { root, store } = await aLocalStore(folder);
    const source = new PassThrough();
    source.write('12345');
    await expect(store.put('a', source, { maxBytes: 4 })).rejects.toMatchObject({ status: 413 });
    expect(source.destroyed).toBe(false);
    expect(await leftovers(root)).toEqual([]);
    expect(await store.list('')).toEqual([]);
  });

  it('in a crash is cleared away at the next start', async () => {
    const { root } = await aLocalStore(folder);
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
    const { store } = await aLocalStore(folder);
    await putText(store, 'a', '0123456789');
    expect(await readText(store, 'a', range)).toBe(expected);
  });

  it('tells what is missing from what is a folder', async () => {
    const { store } = await aLocalStore(folder);
    await putText(store, 'dir/file');
    for (const look of [store.open, store.stat]) {
      await expect(look('nope')).rejects.toEqual(missing);
      await expect(look('dir/nope')).rejects.toEqual(missing);
      await expect(look('dir/file/below')).rejects.toEqual(missing);
      await expect(look('dir')).rejects.toEqual(invalid('is a folder'));
    }
  });

  it('may be given up', async () => {
    const { store } = await aLocalStore(folder);
    await putText(store, 'a');
    await (await store.open('a')).close();
  });
});

describe('listing', () => {
  it('shows names, kinds and sizes in the order of bytes', async () => {
    const { store } = await aLocalStore(folder);
    for (const name of ['b', 'a', 'B', '\ue000', '🍷', 'dir/x', 'é']) await putText(store, name, name);
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
    const { store } = await aLocalStore(folder);
    await putText(store, 'dir/file');
    for (const path of ['dir/file', 'nope', 'dir/nope/x', 'dir/file/below']) expect(await store.list(path)).toEqual([]);
  });

  it('shows a hundred and more', async () => {
    const { root, store } = await aLocalStore(folder);
    await mkdir(join(root, 'many'));
    for (let i = 0; i < 150; i++) await writeFile(join(root, 'many', `f${String(i).padStart(3, '0')}`), '');
    const names = (await store.list('many')).map((entry) => entry.name);
    expect(names).toHaveLength(150);
    expect(names).toEqual([...names].sort());
  });
});

describe('deleting', () => {
  it('takes a file or a whole folder, and nothing beside it', async () => {
    const { root, store } = await aLocalStore(folder);
    for (const path of ['1/run/a', '1/run/sub/b', '1/other/c', '1/running']) await putText(store, path);
    await store.delete('1/run');
    await store.delete('1/running');
    expect((await store.list('1')).map((entry) => entry.name)).toEqual(['other']);
    expect(await leftovers(root)).toEqual([]);
  });

  test.each(['nope', 'nope/x', 'file/below'])('does not mind that %s is absent', async (path) => {
    const { store } = await aLocalStore(folder);
    await putText(store, 'file');
    await expect(store.delete(path)).resolves.toBeUndefined();
    expect(await readText(store, 'file')).toBe('x');
  });

  it('never takes the root', async () => {
    const { store } = await aLocalStore(folder);
    await putText(store, 'kept');
    await expect(store.delete('')).rejects.toEqual(invalid('root itself cannot be deleted'));
    expect(await readText(store, 'kept')).toBe('x');
  });
});
