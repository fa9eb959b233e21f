import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Readable } from 'node:stream';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { artifactsService, localArtifactStore, modelDigest } from '../artifacts/service.ts';
import { type ModelFolders, modelFolders } from './model-folder.ts';

const uri = 'mlflow-artifacts:/1/models/m-1/artifacts';
let root: string;
let folders: ModelFolders;
let digest: string;

beforeEach(async () => {
  root = mkdtempSync(path.join(tmpdir(), 'cellar-folders-'));
  const store = await localArtifactStore({ root: path.join(root, 'artifacts') });
  for (let i = 0; i < 20; i++)
    await store.put(`1/models/m-1/artifacts/part-${i}`, Readable.from([Buffer.from(`part ${i}`)]));
  digest = (await modelDigest(store, '1/models/m-1/artifacts')).digest;
  folders = await modelFolders(artifactsService({ store }), path.join(root, 'copies'));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

test('environments that fetch the same model at once all get it whole', async () => {
  const fetched = await Promise.all(Array.from({ length: 5 }, () => folders.fetch(uri, digest)));
  expect(new Set(fetched)).toEqual(new Set([path.join(root, 'copies', digest)]));
});

test('what is fetched while other copies are thrown away stays', async () => {
  await folders.fetch(uri, digest);
  const thrown = folders.keepOnly(new Set());
  const fetched = await folders.fetch(uri, digest);
  await thrown;
  expect(await folders.fetch(uri, digest)).toBe(fetched);
  await folders.keepOnly(new Set([digest]));
  expect(await folders.fetch(uri, digest)).toBe(fetched);
});

test('files that are not those of the digest are a fault of the model', async () => {
  await expect(folders.fetch(uri, 'a'.repeat(64))).rejects.toThrow('are not those that were evaluated');
  await expect(folders.fetch('mlflow-artifacts:/1/none', digest)).rejects.toThrow('There are no files');
});
