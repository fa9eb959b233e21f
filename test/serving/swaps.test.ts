import { afterAll, beforeAll, expect, test } from 'vitest';
import { type SampleModels, sampleModels } from './models.ts';
import { type ServingServer, startServing } from './server.ts';
import { swapUnderLoad } from './swaps.ts';

let models: SampleModels;
let server: ServingServer;

beforeAll(async () => {
  models = await sampleModels();
  server = await startServing(models);
});

afterAll(() => server?.close());

test.each([
  ['onnx', 20],
  ['python', 5],
] as const)(
  'on %s, %i swaps under the load of 64 connections lose no request and blame none on another version',
  async (runtime, swaps) => {
    const outcome = await swapUnderLoad(server, models, { runtime, swaps, connections: 64 });
    expect(outcome).toMatchObject({ failed: [], misattributed: [] });
    expect(outcome.versionsSeen).toBeGreaterThan(swaps / 2);
    expect(outcome.answers).toBeGreaterThan(64);
  },
);
