import { mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { aSource, codeOf, withRegistry } from '../../test/support/registry.ts';
import { onEveryEngine } from '../../test/support/stores.ts';
import { realLocalPaths } from './local-source.ts';
import { defaultAllowedSources } from './source.ts';

let folder = '';
const at = (...names: string[]) => path.join(folder, ...names);
const allowed = () => ({ ...defaultAllowedSources, localRoots: [at('runs')] });

beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'cellar-local-'));
  mkdirSync(at('runs/1/artifacts/model'), { recursive: true });
  mkdirSync(at('outside/artifacts'), { recursive: true });
  symlinkSync(at('outside'), at('runs/1/artifacts/link'));
  symlinkSync(at('outside'), at('runs/linked'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('real paths of a local source', () => {
  it('follow links, so that a link out of the folder shows', async () => {
    const paths = await realLocalPaths(at('runs/1/artifacts/link'), at('runs/1/artifacts'), allowed());
    expect(paths?.source.endsWith('/outside')).toBe(true);
  });

  it('are unknown for what does not exist and for folders beyond the allowed roots', async () => {
    expect(await realLocalPaths(at('runs/1/artifacts/none'), at('runs/1/artifacts'), allowed())).toBeUndefined();
    expect(await realLocalPaths(at('outside/artifacts'), at('outside/artifacts'), allowed())).toBeUndefined();
    expect(await realLocalPaths(at('runs/linked/artifacts'), at('runs/linked/artifacts'), allowed())).toBeUndefined();
    expect(await realLocalPaths(at('runs/1/artifacts'), 'mlflow-artifacts:/1', allowed())).toBeUndefined();
    expect(await realLocalPaths(at('runs/1/artifacts'), undefined, allowed())).toBeUndefined();
  });
});

onEveryEngine((engine) => {
  const registry = withRegistry(engine);

  it('registers from a local folder only inside the run, and only where the operator allows it', async () => {
    await registry.registeredModels.create({ name: 'local', description: undefined, tags: [] });
    await registry.aRun({ runId: 'r1', artifactUri: at('runs/1/artifacts') });
    await registry.aRun({ runId: 'r2', artifactUri: 'mlflow-artifacts:/1/r2/artifacts' });
    const { modelVersions } = registry.allowing(allowed());
    const create = (source: string, runId: string | undefined, service = modelVersions) =>
      codeOf(service.create({ ...aSource, name: 'local', source, runId }));
    expect(await create(at('runs/1/artifacts/model'), 'r1')).toBe('none');
    expect(await create(`file://${at('runs/1/artifacts/model')}`, 'r1')).toBe('none');
    expect(await modelVersions.downloadUri('local', '2')).toBe(`file://${at('runs/1/artifacts/model')}`);
    for (const [source, runId] of [
      [at('runs/1/artifacts/link'), 'r1'],
      [at('outside'), 'r1'],
      [at('runs/1'), 'r1'],
      [at('runs/1/artifacts/none'), 'r1'],
      [at('runs/1/artifacts/model'), 'r2'],
      [at('runs/1/artifacts/model'), undefined],
      [`${at('runs/1/artifacts')}/../../../outside`, 'r1'],
    ] as const)
      expect(await create(source, runId)).toBe('INVALID_PARAMETER_VALUE');
    expect(await create(at('runs/1/artifacts/model'), 'r1', registry.modelVersions)).toBe('INVALID_PARAMETER_VALUE');
  });
});
