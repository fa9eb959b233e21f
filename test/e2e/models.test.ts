import { beforeAll, describe, expect, it } from 'vitest';
import { createClient } from '../../src/client/index.ts';
import { withServer } from '../support/app.ts';
import { expectEveryLook, seeText, withBrowser } from '../support/browser.ts';

const browser = withBrowser();

describe('the pages of registered models', () => {
  const server = withServer('sqlite');
  let experimentId = '';

  beforeAll(async () => {
    const client = createClient({ trackingUri: server.url });
    experimentId = await client.createExperiment('wine');
    await client.createRegisteredModel('AImodel', { description: 'Classifies wine.' });
    for (const [i, accuracy] of [0.7333, 0.9333, 0.9778].entries()) {
      const { runId } = await client.createRun(experimentId, { runName: `forest ${i + 1}` });
      await client.logBatch(runId, { metrics: [{ key: 'Accuracy', value: accuracy, timestamp: 1, step: 0 }] });
      const { modelId } = await client.createLoggedModel(experimentId, { name: 'forest', sourceRunId: runId });
      await client.finalizeLoggedModel(modelId, 'READY');
      await client.logOutputs(runId, [{ modelId, step: 0 }]);
      if (i === 2) break;
      await client.createModelVersion('AImodel', `models:/${modelId}`, {
        runId,
        modelId,
        tags: { code_version: `1.${i}` },
      });
    }
  });

  const pages = [
    { name: 'the list', path: '/models', shows: ['AImodel', 'v2', 'code 1.1', 'Classifies wine.'] },
    { name: 'a model', path: '/models/AImodel', shows: ['Accuracy over versions', '0.9333', 'forest 2', '2 versions'] },
    {
      name: 'a version',
      path: '/models/AImodel/versions/1',
      shows: ['1.0', 'forest 1', '0.7333', 'models:/AImodel/1'],
    },
  ];
  it.each(pages)('show $name in every look', async ({ name, path, shows }) => {
    const visitor = await browser.open(server.url + path);
    for (const words of shows) await seeText(visitor.page, words);
    await expectEveryLook(visitor, `models-${name.replaceAll(' ', '-')}`);
  });

  it('register the model of a run, put it into Production and name it', async () => {
    const { page, complaints } = await browser.open(`${server.url}/experiments/${experimentId}`);
    await page.getByRole('checkbox', { name: 'Select forest 3' }).check();
    await page.getByRole('button', { name: 'Register model' }).click();
    await page.getByRole('combobox', { name: 'Registered model' }).fill('AImodel');
    await page.getByRole('button', { name: 'Register', exact: true }).click();
    await page.getByRole('heading', { level: 1, name: 'AImodel version 3' }).waitFor();

    await page.getByRole('button', { name: 'Change stage' }).click();
    await page.getByRole('combobox', { name: 'Stage' }).selectOption('Production');
    await page.getByRole('dialog').getByRole('button', { name: 'Change stage' }).click();
    await page.getByRole('heading', { level: 1, name: 'AImodel version 3 Production' }).waitFor();

    await page.getByRole('button', { name: 'Set alias' }).click();
    await page.getByRole('textbox', { name: 'Name' }).fill('no spaces!');
    await page.getByRole('dialog').getByRole('button', { name: 'Set', exact: true }).click();
    await page.getByRole('dialog').getByRole('alert').waitFor();
    await page.getByRole('textbox', { name: 'Name' }).fill('champion');
    await page.getByRole('dialog').getByRole('button', { name: 'Set', exact: true }).click();
    await page.getByRole('button', { name: 'Remove the alias champion' }).waitFor();
    const client = createClient({ trackingUri: server.url });
    expect((await client.getModelVersionByAlias('AImodel', 'champion')).version).toBe('3');
    expect(complaints.filter((words) => !words.includes('400'))).toEqual([]);
  });

  it("rename and delete a model, with the server's refusal in place", async () => {
    const client = createClient({ trackingUri: server.url });
    await client.createRegisteredModel('short lived');
    const { page } = await browser.open(`${server.url}/models/short%20lived`);
    await page.getByRole('button', { name: 'Rename' }).click();
    await page.getByRole('textbox', { name: 'Name' }).fill('AImodel');
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByRole('dialog').getByText('RESOURCE_ALREADY_EXISTS').waitFor();
    await page.getByRole('textbox', { name: 'Name' }).fill('renamed');
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByRole('heading', { level: 1, name: 'renamed' }).waitFor();
    await page.getByRole('button', { name: 'Delete' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click();
    await page.getByRole('heading', { level: 1, name: 'Models' }).waitFor();
    await expect.poll(() => page.getByRole('link', { name: 'renamed' }).count()).toBe(0);
  });
});
