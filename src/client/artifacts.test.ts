import { mkdir, mkdtemp, rm, symlink, truncate, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { withScriptedServer } from '../../test/support/scripted-server.ts';
import { uploadDirectory, uploadFile } from './artifact-files.ts';
import { artifactSegments, proxyPath } from './artifacts.ts';
import { createClient } from './cellar-client.ts';

const root = { artifactUri: 'mlflow-artifacts:/1/r1/artifacts' };
const proxied = '/api/2.0/mlflow-artifacts/artifacts/';

describe('a path', () => {
  test.each(['', '/etc/passwd', 'a//b', 'a/', '..', 'a/../b', './a', 'a/.'])('"%s" is refused', (path) => {
    expect(() => artifactSegments(path)).toThrow('must be relative');
  });

  test.each([
    ['mlflow-artifacts:/1/r/artifacts', 'x.json', '1/r/artifacts/x.json'],
    ['mlflow-artifacts:/1/r/artifacts', 'a+b ü/100%#?.txt', '1/r/artifacts/a%2Bb%20%C3%BC/100%25%23%3F.txt'],
    ['mlflow-artifacts:/', '...', '...'],
    ['mlflow-artifacts://server:5000/1', 'x', '1/x'],
  ])('in %s, %s is written to …/%s', (uri, path, written) => {
    expect(proxyPath(uri, artifactSegments(path), 'http://server:5000')).toBe(proxied + written);
  });

  test.each(['s3://bucket/1', 'file:///data/1', '/data/1', ''])('in "%s" nothing can be written', (uri) => {
    expect(() => proxyPath(uri, ['x'], 'http://server:5000')).toThrow('does not pass through');
  });

  test('on another server is refused, since that would get the credentials of this one', () => {
    expect(() => proxyPath('mlflow-artifacts://other:5000/1', ['x'], 'http://server:5000')).toThrow("'other:5000'");
  });
});

describe('an upload', () => {
  test('is sent whole again after the connection was cut', () =>
    withScriptedServer(
      (_asked, index) => (index === 0 ? 'hang up' : {}),
      async ({ url, asked }) => {
        const client = createClient({ trackingUri: url, delay: async () => undefined });
        await client.uploadArtifact(root, 'model/weights.json', new Blob(['[1,2]']));
        expect(asked.map(({ method, path }) => `${method} ${path}`)).toEqual([
          `PUT ${proxied}1/r1/artifacts/model/weights.json`,
          `PUT ${proxied}1/r1/artifacts/model/weights.json`,
        ]);
        expect(asked[1]?.text).toBe('[1,2]');
      },
    ));

  test.each([
    ['MLmodel', 'text/plain'],
    ['a/conda.yaml', 'text/plain'],
    ['x.json', 'application/json'],
    ['plot.PNG', 'image/png'],
    ['weights', 'application/octet-stream'],
  ])('of %s is %s', (path, type) =>
    withScriptedServer(
      () => ({}),
      async ({ url, asked }) => {
        await createClient({ trackingUri: url }).uploadArtifact(root, path, new TextEncoder().encode('{}'));
        expect(asked[0]?.headers['content-type']).toBe(type);
      },
    ),
  );

  test('finds out where a run keeps its files', () =>
    withScriptedServer(
      ({ method }) =>
        method === 'GET'
          ? { body: { run: { info: { run_id: 'r1', experiment_id: '1', artifact_uri: root.artifactUri } } } }
          : {},
      async ({ url, asked }) => {
        await createClient({ trackingUri: url }).uploadArtifact({ runId: 'r1' }, 'x.txt', 'hello');
        expect(asked[1]).toMatchObject({ path: `${proxied}1/r1/artifacts/x.txt`, text: 'hello' });
      },
    ));
});

describe('local files', () => {
  async function withFolder(work: (folder: string) => Promise<void>): Promise<void> {
    const folder = await mkdtemp(join(tmpdir(), 'cellar-client-'));
    try {
      await work(folder);
    } finally {
      await rm(folder, { recursive: true });
    }
  }

  test('a file keeps its name, in the folder that is asked for, and its length is told', () =>
    withFolder((folder) =>
      withScriptedServer(
        () => ({}),
        async ({ url, asked }) => {
          await writeFile(join(folder, 'a.txt'), 'hello');
          await uploadFile(createClient({ trackingUri: url }), root, join(folder, 'a.txt'), 'sub');
          expect(asked[0]).toMatchObject({ path: `${proxied}1/r1/artifacts/sub/a.txt`, text: 'hello' });
          expect(asked[0]?.headers['content-length']).toBe('5');
        },
      ),
    ));

  test('a directory is uploaded with what is in it, through links to files only', () =>
    withFolder((folder) =>
      withScriptedServer(
        () => ({}),
        async ({ url, asked }) => {
          await mkdir(join(folder, 'from/deep/empty'), { recursive: true });
          await writeFile(join(folder, 'from/deep/b.txt'), 'b');
          await writeFile(join(folder, 'from/a.txt'), 'a');
          await writeFile(join(folder, 'outside.txt'), 'outside');
          await symlink(join(folder, 'outside.txt'), join(folder, 'from/link.txt'));
          await symlink(folder, join(folder, 'from/circle'));
          await uploadDirectory(createClient({ trackingUri: url }), root, join(folder, 'from'), 'to');
          const uploaded = asked.map(({ path, text }) => [path.slice(`${proxied}1/r1/artifacts/`.length), text]);
          expect(uploaded.sort()).toEqual([
            ['to/a.txt', 'a'],
            ['to/deep/b.txt', 'b'],
            ['to/link.txt', 'outside'],
          ]);
        },
      ),
    ));

  test('a large file is never held in memory', () =>
    withFolder(async (folder) => {
      const sizeBytes = 256 * 1024 * 1024;
      const file = join(folder, 'large.bin');
      await writeFile(file, '');
      await truncate(file, sizeBytes);
      let received = 0;
      let heldBytes = 0;
      const server = createServer(async (request, response) => {
        for await (const chunk of request) {
          received += chunk.length;
          heldBytes = Math.max(heldBytes, process.memoryUsage().arrayBuffers);
        }
        response.end();
      });
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
      const { port } = server.address() as AddressInfo;
      await uploadFile(createClient({ trackingUri: `http://127.0.0.1:${port}` }), root, file);
      server.close();
      expect(received).toBe(sizeBytes);
      expect(heldBytes).toBeLessThan(sizeBytes / 2);
    }));

  test('a directory where a file is expected names the right verb', () =>
    withFolder(async (folder) => {
      const client = createClient({ trackingUri: 'http://127.0.0.1:1' });
      await expect(uploadFile(client, root, folder)).rejects.toThrow('use logArtifacts');
    }));
});
