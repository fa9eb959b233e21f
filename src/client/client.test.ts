import { randomUUID } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { withServer } from '../../test/support/app.ts';
import { onEveryEngine } from '../../test/support/stores.ts';
import { createClient } from './cellar-client.ts';
import { fluentApi } from './fluent.ts';

/** Names any MLflow server, to see that it and Cellar answer this client alike. */
const another = process.env['CELLAR_TEST_TRACKING_URI'];
if (another === undefined) onEveryEngine((engine) => theClientOn(withServer(engine)));
else describe(`on ${another}`, () => theClientOn({ url: another }));

function theClientOn(server: { readonly url: string }): void {
  const connect = () => createClient({ trackingUri: server.url, maxRetries: 0 });
  const aName = (what: string) => `${what} ${randomUUID().slice(0, 8)}`;
  const aRun = async () => {
    const client = connect();
    const experimentId = await client.createExperiment(aName('experiment'));
    return { client, experimentId, run: await client.createRun(experimentId, { runName: 'first', tags: { lot: 7 } }) };
  };
  const fluent = () =>
    fluentApi({
      connect,
      assignment: () => ({ experimentName: undefined, experimentId: undefined, runId: undefined }),
      origin: () => ({ user: 'me', sourceName: 'train.ts' }),
      clock: Date.now,
      atExit: () => undefined,
    });

  test('an experiment lives and dies', async () => {
    const client = connect();
    const name = aName('experiment');
    expect(await client.getExperimentByName(name)).toBeUndefined();
    const experimentId = await client.createExperiment(name, { tags: { team: 'wine' } });
    await expect(client.createExperiment(name)).rejects.toMatchObject({ code: 'RESOURCE_ALREADY_EXISTS', status: 400 });
    await client.setExperimentTag(experimentId, 'grape', 'Nebbiolo');
    await client.renameExperiment(experimentId, `${name}!`);
    expect(await client.getOrCreateExperiment(`${name}!`)).toMatchObject({
      experimentId,
      lifecycleStage: 'active',
      tags: new Map([
        ['team', 'wine'],
        ['grape', 'Nebbiolo'],
      ]),
    });
    await client.deleteExperimentTag(experimentId, 'team');
    await client.deleteExperiment(experimentId);
    await expect(client.getOrCreateExperiment(`${name}!`)).rejects.toMatchObject({ code: 'INVALID_STATE' });
    const deleted = client.searchExperiments({ filter: `name = '${name}!'`, viewType: 'DELETED_ONLY' });
    expect((await deleted.all()).map((found) => found.experimentId)).toEqual([experimentId]);
    await client.restoreExperiment(experimentId);
    expect((await client.getExperiment(experimentId)).tags).toEqual(new Map([['grape', 'Nebbiolo']]));
  });

  test('a run keeps what is logged to it', async () => {
    const { client, experimentId, run } = await aRun();
    expect(run).toMatchObject({ runName: 'first', experimentId, status: 'RUNNING', lifecycleStage: 'active' });
    await client.logMetric(run.runId, 'loss', Number.NaN, { step: 1, timestamp: 10 });
    await client.logMetric(run.runId, 'loss', 0.5, { step: 2, timestamp: 20 });
    await client.logParam(run.runId, 'depth', '3');
    await client.setTag(run.runId, 'gone', 'soon');
    await client.deleteTag(run.runId, 'gone');
    await client.logBatch(run.runId, {
      metrics: [{ key: 'f1', value: 1, timestamp: 30, step: -1 }],
      params: [{ key: 'width', value: '4' }],
      tags: [{ key: 'grape', value: 'Barbera' }],
    });
    await client.logInputs(run.runId, {
      datasets: [{ name: 'wine', digest: 'abc', sourceType: 'local', source: '{}', context: 'training' }],
    });
    await client.setTerminated(run.runId, 'FINISHED', { endTime: 99 });

    const kept = await client.getRun(run.runId);
    expect(kept).toMatchObject({ status: 'FINISHED', endTime: 99 });
    expect(kept.metrics).toEqual(
      new Map([
        ['loss', { key: 'loss', value: 0.5, timestamp: 20, step: 2 }],
        ['f1', { key: 'f1', value: 1, timestamp: 30, step: -1 }],
      ]),
    );
    expect(kept.params).toEqual(
      new Map([
        ['depth', '3'],
        ['width', '4'],
      ]),
    );
    expect(kept.tags.get('lot')).toBe('7');
    expect(kept.tags.has('gone')).toBe(false);
    expect(kept.datasets).toMatchObject([{ name: 'wine', digest: 'abc', context: 'training' }]);
    const history = await client.getMetricHistory(run.runId, 'loss', { pageSize: 1 }).all();
    expect(history.map(({ step, value }) => [step, value])).toEqual([
      [1, Number.NaN],
      [2, 0.5],
    ]);
    const thinned = await client.getMetricHistoryInterval([run.runId], 'loss', { maxPoints: 1 });
    expect(thinned.points).toMatchObject([{ runId: run.runId, step: 2 }]);
    expect(thinned.counts).toEqual(new Map([[run.runId, 2]]));
    expect(await client.summarizeMetrics(run.runId)).toContainEqual({
      key: 'loss',
      points: 2,
      last: { value: 0.5, step: 2 },
      lowest: { value: 0.5, step: 2 },
      highest: { value: 0.5, step: 2 },
    });
  });

  test('a param is written once', async () => {
    const { client, run } = await aRun();
    await client.logParam(run.runId, 'depth', '3');
    await client.logParam(run.runId, 'depth', '3');
    await expect(client.logParam(run.runId, 'depth', '4')).rejects.toMatchObject({ code: 'INVALID_PARAMETER_VALUE' });
  });

  test('runs are found by MLflow’s filters, over pages', async () => {
    const { client, experimentId, run } = await aRun();
    for (const value of [1, 2, 3, 4]) {
      const { runId } = await client.createRun(experimentId);
      await client.logMetric(runId, 'score', value);
    }
    const found = client.searchRuns({
      experimentIds: [experimentId],
      filter: 'metrics.score > 1',
      orderBy: ['metrics.score DESC'],
      pageSize: 2,
    });
    const scores: (number | undefined)[] = [];
    for await (const each of found) scores.push(each.metrics.get('score')?.value);
    expect(scores).toEqual([4, 3, 2]);
    await client.deleteRun(run.runId);
    const deleted = await client.searchRuns({ experimentIds: [experimentId], viewType: 'DELETED_ONLY' }).all();
    expect(deleted.map(({ runId }) => runId)).toEqual([run.runId]);
    await client.restoreRun(run.runId);
    expect((await client.getRun(run.runId)).lifecycleStage).toBe('active');
    await expect(client.searchRuns({ experimentIds: [experimentId], filter: 'nonsense' }).all()).rejects.toMatchObject({
      code: 'INVALID_PARAMETER_VALUE',
      status: 400,
    });
  });

  test('artifacts go up and come down unchanged, whatever their names', async () => {
    const { client, run } = await aRun();
    const bytes = new Uint8Array(100_000).map((_, index) => index);
    await client.uploadArtifact({ runId: run.runId }, 'deep/a+b ü 100%.bin', new Blob([bytes]));
    await client.uploadArtifact(run, 'note.txt', 'hello');
    expect(await client.listArtifacts({ runId: run.runId })).toEqual([
      { path: 'deep', isDirectory: true, sizeBytes: 0 },
      { path: 'note.txt', isDirectory: false, sizeBytes: 5 },
    ]);
    expect(await client.listArtifacts({ runId: run.runId }, 'deep')).toEqual([
      { path: 'deep/a+b ü 100%.bin', isDirectory: false, sizeBytes: 100_000 },
    ]);
    const answer = await client.downloadArtifact({ runId: run.runId }, 'deep/a+b ü 100%.bin');
    expect(Buffer.compare(Buffer.from(await answer.arrayBuffer()), bytes)).toBe(0);
  });

  test('a model goes from a run into the registry and up to Production', async () => {
    const { withRun, setExperiment, registerModel } = fluent();
    const client = connect();
    const name = aName('model');
    await setExperiment(aName('experiment'));
    const logged = await withRun({ runName: 'train' }, (run) => {
      run.logParams(Object.fromEntries(Array.from({ length: 250 }, (_, index) => [`p${index}`, index])));
      return run.logModel({
        name: 'forest',
        modelType: 'tree',
        tags: { a: 'b' },
        files: { 'model.json': '{"trees":[]}' },
      });
    });
    expect(logged).toMatchObject({ name: 'forest', modelType: 'tree', status: 'READY', tags: new Map([['a', 'b']]) });
    expect(logged.params.size).toBe(250);
    expect(await (await client.downloadArtifact({ modelId: logged.modelId }, 'model.json')).text()).toBe(
      '{"trees":[]}',
    );
    const source = await client.getRun(logged.sourceRunId);
    expect(source.modelOutputs).toEqual([{ modelId: logged.modelId, step: 0 }]);
    const models = client.searchLoggedModels({ experimentIds: [logged.experimentId], filter: "name = 'forest'" });
    expect((await models.all()).map(({ modelId }) => modelId)).toEqual([logged.modelId]);

    const first = await registerModel(`models:/${logged.modelId}`, name);
    const second = await registerModel(`models:/${logged.modelId}`, name, {
      description: 'better',
      tags: { env: 'INT' },
    });
    expect([first.version, second.version]).toEqual(['1', '2']);
    expect(second).toMatchObject({ runId: logged.sourceRunId, description: 'better', tags: new Map([['env', 'INT']]) });
    expect(await client.getModelVersionDownloadUri(name, '2')).toBe(logged.artifactUri);

    await client.transitionModelVersionStage(name, '1', 'Production');
    const moved = await client.transitionModelVersionStage(name, '2', 'Production', { archiveExistingVersions: true });
    expect(moved.currentStage).toBe('Production');
    expect((await client.getModelVersion(name, '1')).currentStage).toBe('Archived');
    expect((await client.getLatestVersions(name, ['Production'])).map(({ version }) => version)).toEqual(['2']);

    await client.setRegisteredModelAlias(name, 'champion', '2');
    expect((await client.getModelVersionByAlias(name, 'champion')).version).toBe('2');
    expect((await client.getRegisteredModel(name)).aliases).toEqual(new Map([['champion', '2']]));
    await client.deleteRegisteredModelAlias(name, 'champion');
    await expect(client.getModelVersionByAlias(name, 'champion')).rejects.toMatchObject({
      code: 'INVALID_PARAMETER_VALUE',
    });
    const versions = client.searchModelVersions({
      filter: `name = '${name}'`,
      orderBy: ['version_number ASC'],
      pageSize: 1,
    });
    expect((await versions.all()).map(({ version }) => version)).toEqual(['1', '2']);

    await client.renameRegisteredModel(name, `${name}!`);
    const renamed = client.searchRegisteredModels({ filter: `name = '${name}!'` });
    expect((await renamed.all()).map((model) => model.name)).toEqual([`${name}!`]);
    await client.deleteModelVersion(`${name}!`, '1');
    await client.deleteRegisteredModel(`${name}!`);
    await expect(client.getRegisteredModel(`${name}!`)).rejects.toMatchObject({ code: 'RESOURCE_DOES_NOT_EXIST' });
  });

  test('a batch with one bad key keeps all the rest', async () => {
    const { startRun, setExperiment } = fluent();
    await setExperiment(aName('experiment'));
    const run = await startRun();
    for (let index = 0; index < 300; index += 1) run.logMetric(index === 123 ? '../bad' : `m${index}`, index);
    run.logParam('depth', 1);
    run.logParam('depth', 2);
    await expect(run.end()).rejects.toMatchObject({ code: 'INVALID_PARAMETER_VALUE' });
    const kept = await connect().getRun(run.runId);
    expect(kept.status).toBe('FINISHED');
    expect(kept.metrics.size).toBe(299);
    expect(kept.params).toEqual(new Map([['depth', '1']]));
  });
}
