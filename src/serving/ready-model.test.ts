import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { pythonStandIn } from '../../test/support/python-stand-in.ts';
import type { Champion } from './champions.ts';
import type { Compilation } from './compilation.ts';
import { makeReady } from './ready-model.ts';
import { rowsOfLists } from './rows.ts';
import { openWorkerLog } from './worker-log.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'cellar-ready-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** A model of one column that answers its cells, and hangs on an infinite one. */
const reply = `
const plan = { file: 'model.onnx', title: 'one matrix', input: { kind: 'matrix', name: 'x', type: 'float64' } };
function reply({ op }, body) {
  if (op === 'load') return answer({});
  if (op === 'rows') {
    const rows = JSON.stringify({ columns: ['x', 'y'], data: [[1, 2]] });
    return answer({ total: 1, types: { x: 'double', y: 'double' } }, rows);
  }
  if (op === 'compile') return answer({ plans: [{ ...plan, output: { kind: 'values', name: 'y' } }] });
  const cell = body.readDoubleLE(0);
  if (cell === Infinity) return;
  const text = JSON.stringify([cell]);
  answer({ parts: [text.length], together: true }, text);
}
`;

const mlmodel = `
flavors: {python_function: {}}
signature: {inputs: '[{"name": "x", "type": "double"}]'}
`;

const champion: Champion = {
  slotNo: 1,
  service: 'wine',
  environment: 'prod',
  decisionId: 'first',
  versionNo: 1,
  registeredModel: 'wine',
  version: 1,
  codeVersion: null,
  runId: null,
  modelId: null,
  artifactDigest: '0'.repeat(64),
  storageLocation: 'mlflow-artifacts:/wine',
  serve: { replicas: 1, runtime: 'auto' },
  holdout: { path: 'holdout.parquet', target: 'y', task: 'regression' },
  predictionsPath: null,
};

test('a model that hangs while it is compared is served in Python, by a process that does not hang', async () => {
  const python = pythonStandIn(folder, reply);
  const modelFolder = path.join(folder, 'model');
  mkdirSync(modelFolder);
  writeFileSync(path.join(modelFolder, 'MLmodel'), mlmodel);
  const log = openWorkerLog(path.join(folder, 'slot.log'));
  const recorded: Compilation[] = [];
  const model = await makeReady({
    champion,
    folder: modelFolder,
    python,
    workFolder: path.join(folder, 'work'),
    compiledFolder: path.join(folder, 'onnx'),
    limits: { pythonMs: 20_000, loadMs: 20_000, warmMs: 200, compileMs: 20_000 },
    compilations: {
      find: () => Promise.resolve(undefined),
      record: (_digest, _holdout, compilation) => {
        recorded.push(compilation);
        return Promise.resolve();
      },
    },
    log,
    signal: new AbortController().signal,
  });
  const reason = 'The model did not answer within 200 ms while it was compared with its compiled form.';
  expect(model).toMatchObject({ runtime: 'python', reason });
  expect(recorded).toMatchObject([{ status: 'impossible', reason }]);
  const work = model.reader.readRows(rowsOfLists([[7]], ['x']), undefined);
  expect(await model.first.run([work])).toEqual(['[7]']);
  model.first.kill();
  await model.first.ended;
  log.close();
});
