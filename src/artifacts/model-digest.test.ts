import { createHash } from 'node:crypto';
import { expect, it } from 'vitest';
import { aLocalStore, putText } from '../../test/support/local-store.ts';
import { withThrowawayFolder } from '../../test/support/unprivileged.ts';
import { modelDigest } from './model-digest.ts';

const folder = withThrowawayFolder();
const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');

it('hashes the paths, sizes and contents of all files below a folder', async () => {
  const { store } = await aLocalStore(folder);
  await putText(store, '1/models/m-1/artifacts/MLmodel', 'flavors');
  await putText(store, '1/models/m-1/artifacts/data/model.pkl', 'weights');
  await putText(store, '1/models/m-2/artifacts/MLmodel', 'another');
  const lines = `MLmodel\x007\x00${sha256('flavors')}\ndata/model.pkl\x007\x00${sha256('weights')}\n`;
  expect(await modelDigest(store, '1/models/m-1/artifacts')).toEqual({ digest: sha256(lines), bytes: 14, files: 2 });
});

it('changes with a byte, a name, a file more or less', async () => {
  const { store } = await aLocalStore(folder);
  const digests = new Set<string>();
  const look = async () => digests.add((await modelDigest(store, 'm')).digest);
  await putText(store, 'm/a', 'one');
  await look();
  await putText(store, 'm/a', 'two');
  await look();
  await putText(store, 'm/b', 'two');
  await look();
  await store.delete('m/a');
  await look();
  expect(digests.size).toBe(4);
});

it('is the same wherever the folder lies', async () => {
  const { store } = await aLocalStore(folder);
  for (const path of ['x/MLmodel', 'deep/er/x/MLmodel']) await putText(store, path, 'same');
  expect(await modelDigest(store, 'x')).toEqual(await modelDigest(store, 'deep/er/x'));
});

it('counts no files where there are none', async () => {
  const { store } = await aLocalStore(folder);
  expect(await modelDigest(store, 'nowhere')).toMatchObject({ bytes: 0, files: 0 });
});
