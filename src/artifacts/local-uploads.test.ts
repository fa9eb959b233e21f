import { mkdir, readdir, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { PassThrough, Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { describe, expect, it, test } from 'vitest';
import { withThrowawayFolder } from '../../test/support/unprivileged.ts';
import type { ArtifactStore } from './artifact-store.ts';
import { localArtifactStore } from './local-store.ts';

const folder = withThrowawayFolder();

async function aStore() {
  const root = join(folder.path, crypto.randomUUID());
  return { root, store: await localArtifactStore({ root }) };
}

const bytes = (content: string) => Readable.from([Buffer.from(content)]);
const send = (store: ArtifactStore, id: string, number: number, content: string) =>
  store.uploads.put(id, number, bytes(content), Buffer.byteLength(content));

/** Sends parts in the given order and completes with what came back. */
async function upload(store: ArtifactStore, path: string, parts: string[], order = parts.map((_, i) => i + 1)) {
  const id = await store.uploads.create(path, parts.length);
  const sent = [];
  for (const number of order) sent.push({ number, etag: (await send(store, id, number, parts[number - 1]!)).etag });
  await store.uploads.complete(id, path, sent);
  return id;
}
const read = async (store: ArtifactStore, path: string) => text((await store.open(path)).read());
const openUploads = (root: string) => readdir(join(root, '.cellar/uploads'));
const invalid = (why: string) =>
  expect.objectContaining({ code: 'INVALID_PARAMETER_VALUE', message: expect.stringContaining(why) });
const unknown = expect.objectContaining({
  code: 'RESOURCE_DOES_NOT_EXIST',
  message: expect.stringContaining('No upload'),
});

describe('a file in parts', () => {
  test.each([[[1, 2, 3]], [[3, 2, 1]], [[2, 3, 1]], [[3, 1, 2]]])(
    'is put together whatever the order: %j',
    async (order) => {
      const { root, store } = await aStore();
      await upload(store, 'run/model.bin', ['aaaa', 'bbbb', 'cc'], order);
      expect(await read(store, 'run/model.bin')).toBe('aaaabbbbcc');
      expect(await openUploads(root)).toEqual([]);
    },
  );

  it('may be a single part, or an empty one', async () => {
    const { store } = await aStore();
    await upload(store, 'one', ['only']);
    await upload(store, 'none', ['']);
    expect(await read(store, 'one')).toBe('only');
    expect(await read(store, 'none')).toBe('');
  });

  it('may have a last part that is longer than the others', async () => {
    const { store } = await aStore();
    await upload(store, 'a', ['aa', 'bb', 'cccccc']);
    expect(await read(store, 'a')).toBe('aabbcccccc');
  });

  it('takes parts at the same time', async () => {
    const { store } = await aStore();
    const parts = Array.from({ length: 20 }, (_, i) => String.fromCharCode(97 + i).repeat(70_000));
    const id = await store.uploads.create('a', parts.length);
    const sent = await Promise.all(
      parts.map(async (part, i) => ({ number: i + 1, etag: (await send(store, id, i + 1, part)).etag })),
    );
    await store.uploads.complete(id, 'a', sent.reverse());
    expect(await read(store, 'a')).toBe(parts.join(''));
  });

  it('is invisible until it is complete', async () => {
    const { store } = await aStore();
    const id = await store.uploads.create('dir/a', 1);
    const { etag } = await send(store, id, 1, 'x');
    expect(await store.list('')).toEqual([]);
    await store.uploads.complete(id, 'dir/a', [{ number: 1, etag }]);
    expect(await store.list('dir')).toEqual([{ name: 'a', isDirectory: false, size: 1 }]);
  });

  it('goes on after a restart', async () => {
    const { root, store } = await aStore();
    const id = await store.uploads.create('a', 3);
    const last = await send(store, id, 3, 'c');
    const first = await send(store, id, 1, 'aa');
    const restarted = await localArtifactStore({ root });
    await expect(send(restarted, id, 2, 'too long')).rejects.toEqual(invalid('every part but the last must have 2'));
    const second = await send(restarted, id, 2, 'bb');
    const parts = [first, second, last].map(({ etag }, i) => ({ number: i + 1, etag }));
    await restarted.uploads.complete(id, 'a', parts);
    expect(await read(restarted, 'a')).toBe('aabbc');
  });

  it('replaces a part that is sent again, shorter or longer', async () => {
    const { store } = await aStore();
    const id = await store.uploads.create('a', 2);
    const early = await send(store, id, 2, 'a last part before the size is known');
    const one = await send(store, id, 1, 'aa');
    const long = await send(store, id, 2, 'much too long');
    const two = await send(store, id, 2, 'b');
    for (const { etag } of [early, long])
      await expect(
        store.uploads.complete(id, 'a', [
          { number: 1, etag: one.etag },
          { number: 2, etag },
        ]),
      ).rejects.toEqual(invalid('ETag of its last upload'));
    await store.uploads.complete(id, 'a', [
      { number: 1, etag: one.etag },
      { number: 2, etag: two.etag },
    ]);
    expect(await read(store, 'a')).toBe('aab');
  });

  it('can be completed twice, and at the same time', async () => {
    const { store } = await aStore();
    const id = await store.uploads.create('a', 1);
    const parts = [{ number: 1, etag: (await send(store, id, 1, 'x')).etag }];
    await Promise.all([store.uploads.complete(id, 'a', parts), store.uploads.complete(id, 'a', parts)]);
    await store.uploads.complete(id, 'a', parts);
    expect(await read(store, 'a')).toBe('x');
  });
});

describe('refused', () => {
  test.each([0, -1, 10_001])('are %d parts', async (count) => {
    const { store } = await aStore();
    await expect(store.uploads.create('a', count)).rejects.toEqual(invalid('num_parts'));
  });

  test.each([0, 3, 1.5, Number.NaN, -1])('is part number %d of 2', async (number) => {
    const { store } = await aStore();
    const id = await store.uploads.create('a', 2);
    await expect(send(store, id, number, 'x')).rejects.toEqual(invalid('not one of the 2 parts'));
  });

  test.each(['', 'x', '../../outside', '..', '/etc', '0'.repeat(31), `${'0'.repeat(31)}G`, '0'.repeat(32)])(
    'is the upload id %j',
    async (id) => {
      const { store } = await aStore();
      await expect(send(store, id, 1, 'x')).rejects.toEqual(unknown);
      await expect(store.uploads.complete(id, 'a', [])).rejects.toEqual(unknown);
      await expect(store.uploads.abort(id, 'a')).resolves.toBeUndefined();
    },
  );

  it('is completing with a missing, foreign, doubled or invented part', async () => {
    const { store } = await aStore();
    const id = await store.uploads.create('a', 2);
    const one = { number: 1, etag: (await send(store, id, 1, 'xx')).etag };
    await expect(store.uploads.complete(id, 'a', [one])).rejects.toEqual(invalid('Part 2 of 2 has not been uploaded'));
    const two = { number: 2, etag: (await send(store, id, 2, 'y')).etag };
    await expect(store.uploads.complete(id, 'a', [one])).rejects.toEqual(invalid('Part 2 of 2 must be listed'));
    await expect(store.uploads.complete(id, 'a', [one, { number: 2, etag: '' }])).rejects.toEqual(
      invalid('must be listed'),
    );
    await expect(store.uploads.complete(id, 'a', [one, two, two])).rejects.toEqual(
      invalid('has 2 parts, 3 were listed'),
    );
    await expect(store.uploads.complete(id, 'b', [one, two])).rejects.toEqual(invalid('created for another path'));
    await expect(store.uploads.abort(id, 'b')).rejects.toEqual(invalid('created for another path'));
    await store.uploads.complete(id, 'a', [one, two]);
    expect(await read(store, 'a')).toBe('xxy');
  });

  it('is a part that breaks off, and the attempt before it no longer counts', async () => {
    const { store } = await aStore();
    const id = await store.uploads.create('a', 1);
    const { etag } = await send(store, id, 1, 'whole');
    await expect(store.uploads.put(id, 1, bytes('half'), 5)).rejects.toEqual(invalid('ended after 4 of 5 bytes'));
    await expect(store.uploads.complete(id, 'a', [{ number: 1, etag }])).rejects.toEqual(
      invalid('has not been uploaded'),
    );
  });

  it('is a path that a folder has', async () => {
    const { store } = await aStore();
    await store.put('dir/x', bytes('x'));
    await expect(store.uploads.create('dir', 1)).rejects.toEqual(invalid('taken by a folder'));
  });
});

describe('an upload that is not completed', () => {
  it('is forgotten when aborted, while parts arrive too', async () => {
    const { root, store } = await aStore();
    const id = await store.uploads.create('a', 2);
    await send(store, id, 1, 'x');
    const source = new PassThrough();
    const late = store.uploads.put(id, 2, source, 1);
    await store.uploads.abort(id, 'a');
    source.end('y');
    await expect(late).rejects.toEqual(unknown);
    expect(await openUploads(root)).toEqual([]);
    await expect(send(store, id, 1, 'x')).rejects.toEqual(unknown);
  });

  it('lives through a restart while it is fresh, and is removed a day later', async () => {
    const { root, store } = await aStore();
    const id = await store.uploads.create('a', 1);
    await localArtifactStore({ root });
    expect(await openUploads(root)).toEqual([id]);
    const tomorrow = Date.now() + 25 * 3600 * 1000;
    await localArtifactStore({ root, now: () => tomorrow });
    expect(await openUploads(root)).toEqual([]);
  });

  it('counts towards a limit', async () => {
    const { root, store } = await aStore();
    for (let i = 0; i < 1000; i++) await mkdir(join(root, '.cellar/uploads', String(i)));
    await expect(store.uploads.create('a', 1)).rejects.toMatchObject({ status: 429 });
    const yesterday = new Date(Date.now() - 25 * 3600 * 1000);
    await utimes(join(root, '.cellar/uploads/0'), yesterday, yesterday);
    await expect(store.uploads.create('a', 1)).resolves.toMatch(/^[0-9a-f]{32}$/);
  });
});
