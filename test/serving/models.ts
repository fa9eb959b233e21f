import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, renameSync, rmSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { pythonEnvironment } from '../../scripts/python-env.mjs';
import { localArtifactStore } from '../../src/artifacts/local-store.ts';
import { modelDigest } from '../../src/artifacts/model-digest.ts';
import type { Champion } from '../../src/serving/champions.ts';

const here = path.dirname(fileURLToPath(import.meta.url));
const root = path.dirname(path.dirname(here));

/** Models in a folder that is also the root of an artifact store, and the Python that made them. */
export interface SampleModels {
  readonly python: string;
  readonly folder: string;
}

/** Makes the models of `models.py` once, in the cache folder. */
export async function sampleModels(): Promise<SampleModels> {
  const python = await pythonEnvironment(path.join(here, 'requirements.txt'));
  const script = path.join(here, 'models.py');
  const hash = createHash('sha256').update(python);
  for (const file of [script, path.join(root, 'python/tests/sample_models.py')]) hash.update(readFileSync(file));
  const folder = path.join(root, '.cache', 'serving', hash.digest('hex').slice(0, 16));
  if (!existsSync(folder)) {
    const part = `${folder}.${process.pid}`;
    await promisify(execFile)(python, [script, part], { env: { ...process.env, PYTHONDONTWRITEBYTECODE: '1' } });
    if (existsSync(folder)) rmSync(part, { recursive: true });
    else renameSync(part, folder);
  }
  return { python, folder };
}

const holdouts: Readonly<Record<string, { file: string; target: string; task: string }>> = {
  'wine-1': { file: 'wine', target: 'class', task: 'classification' },
  'wine-2': { file: 'wine', target: 'class', task: 'classification' },
  'wine-100': { file: 'wine', target: 'class', task: 'classification' },
  scaled: { file: 'wine-names', target: 'class', task: 'classification' },
  unsigned: { file: 'wine', target: 'class', task: 'classification' },
  regression: { file: 'proline', target: 'Proline', task: 'regression' },
};

let decisions = 0;

/** One of the models as the champion of the service `wine` on `prod`, by a decision of its own. */
export async function championOf(
  { folder }: SampleModels,
  name: string,
  changes: Partial<Champion> = {},
): Promise<Champion> {
  const { digest } = await modelDigest(await localArtifactStore({ root: folder }), name);
  const holdout = holdouts[name];
  decisions++;
  return {
    slotNo: 1,
    service: 'wine',
    environment: 'prod',
    decisionId: `decision-${decisions}`,
    versionNo: decisions,
    registeredModel: name,
    version: decisions,
    codeVersion: '1.0',
    runId: null,
    modelId: null,
    artifactDigest: digest,
    storageLocation: `mlflow-artifacts:/${name}`,
    serve: { replicas: 1, runtime: 'python' },
    holdout:
      holdout === undefined
        ? null
        : { path: path.join(folder, `${holdout.file}.parquet`), target: holdout.target, task: holdout.task },
    predictionsPath: holdout === undefined ? null : path.join(folder, `${name}.parquet`),
    ...changes,
  };
}

/** The rows of the wine holdout, as a caller would send them. */
export const wineColumns = [
  'Alcohol',
  'Malic acid',
  'Ash',
  'Alcalinity of ash',
  'Magnesium',
  'Total phenols',
  'Flavanoids',
  'Nonflavanoid phenols',
  'Proanthocyanins',
  'Color intensity',
  'Hue',
  'OD280/OD315 of diluted wines',
  'Proline',
] as const;

export const wineRows: readonly (readonly number[])[] = [
  [14.23, 1.71, 2.43, 15.6, 127, 2.8, 3.06, 0.28, 2.29, 5.64, 1.04, 3.92, 1065],
  [12.37, 0.94, 1.36, 10.6, 88, 1.98, 0.57, 0.28, 0.42, 1.95, 1.05, 1.82, 520],
  [12.86, 1.35, 2.32, 18, 122, 1.51, 1.25, 0.21, 0.94, 4.1, 0.76, 1.29, 630],
];
