import { beforeAll, describe, expect, it } from 'vitest';
import { createClient } from '../../src/client/index.ts';
import { withServer } from '../support/app.ts';
import { expectEveryLook, seeText, withBrowser } from '../support/browser.ts';
import { withoutPython } from '../support/environments.ts';

const browser = withBrowser();

// The allowance names another model, so that nothing is selected and nobody governs AImodel.
const configuration = `apiVersion: cellar/v1
environments:
  int: { stage: Staging }
  prod: { stage: Production, after: int }
holdouts:
  rows: { target: class, task: classification }
services:
  wine:
    experiment: wine
    metric: { name: accuracy, goal: maximize }
    holdout: { int: rows@1, prod: rows@1 }
    allow: { int: { MLmodel: "*" }, prod: { MLmodel: "*" } }
`;

const modelFile = (modelId: string) => `flavors: { python_function: {} }
model_uuid: ${modelId}
saved_input_example_info: { artifact_path: input_example.json }
signature:
  inputs: '[{"type": "double", "name": "Alcohol", "required": true}]'
  outputs: '[{"type": "long", "required": true}]'
`;

describe('the pages of registered models', () => {
  const server = withServer('sqlite', withoutPython);
  let experimentId = '';

  beforeAll(async () => {
    const client = createClient({ trackingUri: server.url });
    experimentId = await client.createExperiment('wine');
    await client.createRegisteredModel('AImodel', { description: 'Classifies wine.' });
    for (const [i, accuracy] of [0.7333, 0.9333, 0.9778].entries()) {
      const { runId } = await client.createRun(experimentId, { runName: `forest ${i + 1}` });
      await client.logBatch(runId, { metrics: [{ key: 'Accuracy', value: accuracy, timestamp: 1, step: 0 }] });
      const { modelId } = await client.createLoggedModel(experimentId, { name: 'forest', sourceRunId: runId });
      await client.uploadArtifact({ modelId }, 'MLmodel', modelFile(modelId));
      await client.uploadArtifact({ modelId }, 'input_example.json', '{"columns": ["Alcohol"], "data": [[14.23]]}');
      await client.finalizeLoggedModel(modelId, 'READY');
      await client.logOutputs(runId, [{ modelId, step: 0 }]);
      if (i === 2) break;
      await client.createModelVersion('AImodel', `models:/${modelId}`, {
        runId,
        modelId,
        tags: { code_version: `1.${i}` },
      });
    }
    await client.putHoldout('rows', 'Alcohol,class\n14,a\n13,b\n', { target: 'class', format: 'csv' });
    for (const [i, accuracy] of [0.6123, 0.8456].entries())
      await client.postEvaluation({ name: 'AImodel', version: i + 1, holdout: 'rows@1', metrics: { accuracy } });
    await client.applyConfiguration({ yaml: configuration });
  });

  const pages = [
    {
      name: 'the list',
      path: '/models',
      shows: ['AImodel', 'v2', 'code 1.1', 'Classifies wine.', '0.8456 accuracy on rows@1 (wine INT, PROD)'],
    },
    {
      name: 'a model',
      path: '/models/AImodel',
      shows: [
        'Accuracy over versions',
        '0.9333',
        'forest 2',
        '2 versions',
        'accuracy on rows@1 over versions',
        'wine INT, PROD',
        '0.6123',
      ],
    },
    {
      name: 'a version',
      path: '/models/AImodel/versions/1',
      shows: [
        '1.0',
        'forest 1',
        '0.7333',
        'models:/AImodel/1',
        'Alcohol',
        '14.23',
        'Was evaluated on rows@1',
        'accuracy 0.6123',
        'Was registered',
      ],
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
