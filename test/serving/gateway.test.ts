import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Json } from '../support/app.ts';
import { championOf, type SampleModels, sampleModels, wineColumns, wineRows } from './models.ts';
import { type ServingServer, startServing } from './server.ts';

let models: SampleModels;
let server: ServingServer;

beforeAll(async () => {
  models = await sampleModels();
  server = await startServing(models, { startLimits: { warmMs: 5000 } });
});

afterAll(() => server?.close());

async function serve(name: string, changes: Parameters<typeof championOf>[2] = {}) {
  const champion = await championOf(models, name, changes);
  server.champions.decide(champion);
  await server.serving.settled();
  return champion;
}

const split = (data: readonly (readonly unknown[])[] = wineRows) => ({
  dataframe_split: { columns: wineColumns, data },
});

async function ask(path: string, body?: unknown, headers: Record<string, string> = {}) {
  const init: RequestInit =
    body === undefined
      ? {}
      : {
          method: 'POST',
          headers: { 'content-type': 'application/json', ...headers },
          body: typeof body === 'string' ? body : JSON.stringify(body),
        };
  const response = await fetch(`${server.url}/serve/prod/wine${path}`, init);
  const text = await response.text();
  const isJson = response.headers.get('content-type')?.startsWith('application/json') === true;
  return {
    status: response.status,
    headers: response.headers,
    text,
    body: isJson && text.startsWith('{') ? JSON.parse(text) : {},
  };
}

test('a slot without a champion is not found', async () => {
  expect(await ask('/invocations', split())).toMatchObject({
    status: 404,
    body: { error_code: 'RESOURCE_DOES_NOT_EXIST', message: expect.stringContaining('/serve/prod/wine') },
  });
});

describe.each(['python', 'onnx'] as const)('the wine forest on %s', (runtime) => {
  let decisionId: string;

  beforeAll(async () => {
    ({ decisionId } = await serve('wine-100', { serve: { replicas: 1, runtime }, version: 7 }));
  });

  test('is live in that runtime, after it has predicted what was recorded of it', async () => {
    const { live } = server.serving.slot('prod', 'wine');
    expect(live?.deployment.model).toMatchObject({
      runtime,
      checked: '45 rows of its holdout predicted as recorded',
    });
  });

  test('answers every form of a request with the same predictions', async () => {
    const records = wineRows.map((row) => Object.fromEntries(row.map((cell, i) => [wineColumns[i], cell])));
    const inputs = Object.fromEntries(wineColumns.map((name, i) => [name, wineRows.map((row) => row[i])]));
    for (const body of [split(), { dataframe_records: records }, { instances: records }, { inputs }])
      expect((await ask('/invocations', body)).body).toEqual({ predictions: [0, 1, 2] });
    const csv = [wineColumns, ...wineRows].map((row) => row.join(',')).join('\n');
    expect((await ask('', csv, { 'content-type': 'text/csv' })).body).toEqual({ predictions: [0, 1, 2] });
  });

  test('says in headers who has answered', async () => {
    const { headers } = await ask('/invocations', split());
    expect(headers.get('x-cellar-registered-model')).toBe('wine-100');
    expect(headers.get('x-cellar-model-version')).toBe('7');
    expect(headers.get('x-cellar-code-version')).toBe('1.0');
    expect(headers.get('x-cellar-decision')).toBe(decisionId);
    expect(headers.get('x-cellar-prediction-id')).toMatch(/^[0-9a-f-]{36}$/);
  });

  test('predicts a missing value as its original does', async () => {
    const row = wineRows[0]!.with(0, null as never);
    expect((await ask('/invocations', split([row]))).body).toEqual({ predictions: [0] });
  });

  test('names column, row, found and expected of a cell that does not fit', async () => {
    expect(await ask('/invocations', split([wineRows[0]!, wineRows[1]!.with(3, 'much' as never)]))).toMatchObject({
      status: 400,
      body: { message: `Column 'Alcalinity of ash', row 1: expected double, found the string "much".` },
    });
  });

  test('speaks the Open Inference Protocol', async () => {
    const data = wineRows.flat();
    const inputs = [{ name: 'x', datatype: 'FP64', shape: [3, 13], data }];
    const answer = await ask('/v2/models/wine/versions/7/infer', { id: 'a', inputs });
    expect(answer.body).toEqual({
      model_name: 'wine',
      model_version: '7',
      id: 'a',
      outputs: [{ name: 'predictions', datatype: 'INT64', shape: [3], data: [0, 1, 2] }],
    });
    expect((await ask('/v2/models/wine')).body).toMatchObject({
      name: 'wine',
      versions: ['7'],
      inputs: expect.arrayContaining([{ name: 'Hue', datatype: 'FP64', shape: [-1] }]),
    });
    expect((await ask('/v2/models/wine/ready')).body).toEqual({ name: 'wine', ready: true });
    expect((await ask('/v2/health/ready')).body).toEqual({ ready: true });
    expect(await ask('/v2/models/beer/infer', { inputs })).toMatchObject({
      status: 404,
      body: { error: "There is no model 'beer' here, only 'wine'." },
    });
  });

  test('is pinged and tells the version of MLflow that saved it', async () => {
    expect(await ask('/ping')).toMatchObject({ status: 200, text: '\n' });
    expect(await ask('/health')).toMatchObject({ status: 200 });
    expect((await ask('/version')).text).toMatch(/^\d+\.\d+\.\d+$/);
  });
});

test('a model that refuses missing values refuses them on ONNX in the same words', async () => {
  const row = [wineRows[0]!.with(0, null as never)];
  const answers: string[] = [];
  for (const runtime of ['python', 'onnx'] as const) {
    await serve('scaled', { serve: { replicas: 1, runtime } });
    expect((await ask('/invocations', split())).body).toEqual({ predictions: ['Barolo', 'Grignolino', 'Barbera'] });
    const { status, body } = await ask('/invocations', split(row));
    expect(status).toBe(400);
    answers.push(body.message);
  }
  expect(answers[0]).toContain('Input X contains NaN');
  expect(answers[1]).toBe(answers[0]);
});

test('a regression is compiled, and its numbers equal the original within the tolerance', async () => {
  await serve('regression', { serve: { replicas: 1, runtime: 'python' } });
  const { predictions: original } = (await ask('/invocations', split())).body;
  await serve('regression', { serve: { replicas: 1, runtime: 'auto' } });
  expect(server.serving.slot('prod', 'wine').live?.deployment.model).toMatchObject({
    runtime: 'onnx',
    reason: expect.stringMatching(/^compiled to ONNX .* it predicts all 45 rows of the holdout within/),
  });
  const { predictions } = (await ask('/invocations', split())).body;
  predictions.forEach((each: number, i: number) => {
    expect(Math.abs(each - original[i]) / Math.abs(original[i])).toBeLessThan(1e-5);
  });
});

test('a model without a signature takes the columns that it was trained on, by name or in their order', async () => {
  await serve('unsigned');
  expect((await ask('/invocations', split())).body).toEqual({ predictions: [0, 1, 2] });
  expect((await ask('/invocations', { inputs: wineRows })).body).toEqual({ predictions: [0, 1, 2] });
});

test("a model of tensors is read for by MLflow's own code, and auto says why it stays on Python", async () => {
  await serve('tensor', { serve: { replicas: 1, runtime: 'auto' } });
  expect((await ask('/invocations', { inputs: wineRows })).body).toEqual({ predictions: [0, 1, 2] });
  expect(server.serving.slot('prod', 'wine').live?.deployment.model).toMatchObject({
    runtime: 'python',
    reason: 'the signature has an input of type tensor',
  });
  expect((await ask('/invocations', { inputs: 'much' })).status).toBe(400);
});

describe('a champion that cannot be served is quarantined with the reason, and the old one answers on', () => {
  beforeAll(() => serve('wine-1'));

  const recorded = () => ({
    holdout: { path: `${models.folder}/wine.parquet`, target: 'class', task: 'classification' },
    predictionsPath: `${models.folder}/wine-1.parquet`,
  });

  test.each([
    ['does not load', 'broken', () => ({}), 'The model does not load: UnpicklingError'],
    ['answers NaN', 'nan', recorded, 'with NaN or nothing'],
    ['hangs', 'forever', recorded, 'did not answer within 5000 ms'],
    ['predicts otherwise than recorded', 'wine-2', recorded, 'otherwise than when it was evaluated'],
    ['has other files than those evaluated', 'wine-2', () => ({ artifactDigest: '0'.repeat(64) }), 'their digest is'],
    [
      'has no files',
      'wine-2',
      () => ({ storageLocation: 'mlflow-artifacts:/none', artifactDigest: 'a'.repeat(64) }),
      'no files at',
    ],
    [
      'is wanted on ONNX, and cannot be',
      'tensor',
      () => ({ serve: { replicas: 1, runtime: 'onnx' as const } }),
      'The service asks for ONNX, and the signature has an input of type tensor.',
    ],
  ])('when it %s', async (_, name, changes, reason) => {
    const before = server.champions.quarantined.length;
    await serve(name, changes());
    expect(server.champions.quarantined.slice(before)).toEqual([
      { champion: expect.objectContaining({ registeredModel: name }), reason: expect.stringContaining(reason) },
    ]);
    const { status, headers } = await ask('/invocations', split());
    expect([status, headers.get('x-cellar-registered-model')]).toEqual([200, 'wine-1']);
    const { body } = await deployments('/prod/wine');
    expect(body.history.find((each: { status: string }) => each.status === 'failed')).toMatchObject({
      registeredModel: name,
      reason: expect.stringContaining(reason),
    });
  });
});

async function deployments(path: string, method = 'GET') {
  const init: RequestInit =
    method === 'GET' ? {} : { method, headers: { 'content-type': 'application/json' }, body: '{}' };
  const response = await fetch(`${server.url}/api/v1/deployments${path}`, init);
  return { status: response.status, body: (await response.json()) as Json };
}

describe('what is served is seen', () => {
  test('in a list, with runtime, reason and workers', async () => {
    await serve('wine-1', { serve: { replicas: 2, runtime: 'python' } });
    const { body } = await deployments('');
    expect(body.deployments).toEqual([
      expect.objectContaining({
        environment: 'prod',
        service: 'wine',
        path: '/serve/prod/wine',
        problem: null,
        live: expect.objectContaining({
          registeredModel: 'wine-1',
          runtime: 'python',
          runtimeReason: 'the service asks for Python',
          replicas: 2,
          workers: 2,
        }),
      }),
    ]);
  });

  test('in what its workers printed, and in the metrics', async () => {
    await ask('/invocations', split());
    expect((await deployments('/prod/wine/logs')).body.lines.join('\n')).toContain('starting wine-1 version');
    const metrics = await (await fetch(`${server.url}/metrics`)).text();
    expect(metrics).toMatch(
      /cellar_serving_requests_total\{environment="prod",service="wine",registered_model="wine-1",version="\d+",status="200"\} \d/,
    );
    expect(metrics).toMatch(/cellar_serving_worker_memory_bytes\{[^}]*wine-1[^}]*\} [1-9]\d{7}/);
  });

  test('and its workers are replaced one after the other on request', async () => {
    const pids = async () =>
      (await Promise.all(Array.from({ length: 4 }, () => ask('/invocations', split())))).map(({ status }) => status);
    const answers = pids();
    expect((await deployments('/prod/wine/restart', 'POST')).body.live).toMatchObject({ workers: 2, restarts: 0 });
    expect(await answers).toEqual([200, 200, 200, 200]);
    expect((await deployments('/prod/beer/restart', 'POST')).status).toBe(404);
  });
});
