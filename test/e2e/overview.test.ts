import { beforeAll, describe, expect, it } from 'vitest';
import { createClient } from '../../src/client/index.ts';
import { withServer } from '../support/app.ts';
import { expectEveryLook, seeText, withBrowser } from '../support/browser.ts';
import { aService, type TestService, withoutPython } from '../support/environments.ts';

const browser = withBrowser();

describe('a server whose environments have champions', () => {
  const server = withServer('sqlite', withoutPython);
  let wine: TestService;
  let championRun = '';
  let otherRun = '';

  beforeAll(async () => {
    wine = await aService(server);
    await wine.log({ code: '1.0', accuracy: 0.5 });
    championRun = (await wine.log({ code: '2.0', accuracy: 0.75 })).runId;
    await wine.apply();
    expect([await wine.champion('int'), await wine.champion('prod')]).toEqual(['AImodel 2', 'AImodel 1']);
    otherRun = (await wine.log({ code: '3.0', accuracy: 1 })).runId;
  });

  it('shows on the overview what serves where, since when and how good it is, in every look', async () => {
    const visitor = await browser.open(server.url);
    const slots = visitor.page.getByRole('list', { name: `Environments of ${wine.service}` }).getByRole('listitem');
    await expect.poll(() => slots.allInnerTexts()).toHaveLength(2);
    const [int = '', prod = ''] = await slots.allInnerTexts();
    expect(int.split(/\s+/).join(' ')).toMatch(/^int .*v2 code 2\.0 accuracy 0\.75 since just now/i);
    expect(prod.split(/\s+/).join(' ')).toMatch(/^prod .*v1 code 1\.0 accuracy 0\.5 since just now/i);
    await expectEveryLook(visitor, 'overview');
  });

  it('marks the champions among the runs, the models and the versions', async () => {
    const client = createClient({ trackingUri: server.url });
    const { experimentId, runName } = await client.getRun(championRun);
    const { page, complaints } = await browser.open(`${server.url}/experiments/${experimentId}`);
    const row = (name: string) => page.getByRole('row', { name: new RegExp(`\\b${name}\\b`) });
    await row(runName).getByTitle(`Champion of ${wine.service} on INT`).waitFor();
    const other = await client.getRun(otherRun);
    expect(
      await row(other.runName)
        .getByTitle(/^Champion/)
        .count(),
    ).toBe(0);

    await page.getByRole('link', { name: 'Models', exact: true }).click();
    await page
      .getByRole('row', { name: /AImodel/ })
      .getByTitle(`Champion of ${wine.service} on PROD`)
      .waitFor();
    await page.getByRole('link', { name: wine.model('AImodel'), exact: true }).click();
    await page.getByRole('row', { name: /^v2/ }).getByTitle(`Champion of ${wine.service} on INT`).waitFor();
    await page.getByRole('link', { name: 'v1', exact: true }).click();
    await page.getByRole('heading', { level: 1 }).getByTitle(`Champion of ${wine.service} on PROD`).waitFor();

    await page.keyboard.press('Control+k');
    await page.getByRole('combobox', { name: /^Search/ }).fill(wine.service);
    await page
      .getByRole('option', { name: new RegExp(`${wine.service} on PROD:.* Decision`) })
      .first()
      .click();
    await page.waitForURL(/\/decisions\/d-/);
    expect(complaints).toEqual([]);
  });
});

describe('the list of experiments', () => {
  const server = withServer('sqlite');
  beforeAll(async () => {
    const client = createClient({ trackingUri: server.url });
    for (const name of ['/team/wine/forest', '/team/wine/vector', '/team/sherry', 'port'])
      await client.createExperiment(name);
    const { experimentId } = (await client.getExperimentByName('/team/wine/vector'))!;
    await client.createRun(experimentId, { startTime: Date.UTC(2026, 4, 17) });
    await client.createRun(experimentId, { startTime: Date.UTC(2026, 4, 18) });
  });

  it('folds by slash, counts the runs, and keeps what is folded in the address', async () => {
    const visitor = await browser.open(`${server.url}/experiments`);
    const { page } = visitor;
    const names = () => page.locator('tbody th').allTextContents();
    const all = ['/team/3', 'wine/2', 'vector', 'forest', 'sherry', 'Default', 'port'];
    await expect.poll(names).toEqual(all);
    expect(await page.getByRole('row', { name: /^\/team\// }).textContent()).toMatch(/^\/team\/32/);
    await expectEveryLook(visitor, 'experiments-folded');
    await page.getByRole('button', { name: 'wine/ 2' }).click();
    await page.reload();
    await expect.poll(names).toEqual(['/team/3', 'wine/2', 'sherry', 'Default', 'port']);
    await page.getByRole('button', { name: 'Name' }).click();
    await page.getByRole('button', { name: 'Name' }).click();
    await expect.poll(names).toEqual(['/team/3', 'sherry', 'wine/2', 'Default', 'port']);
  });

  it("creates, renames, describes, deletes and restores one, with the server's refusal in place", async () => {
    const { page } = await browser.open(`${server.url}/experiments`);
    await page.getByRole('button', { name: 'New experiment' }).click();
    await page.getByRole('textbox', { name: 'Name' }).fill('port');
    await page.getByRole('button', { name: 'Create' }).click();
    await page.getByRole('dialog').getByText('RESOURCE_ALREADY_EXISTS').waitFor();
    await page.getByRole('textbox', { name: 'Name' }).fill('madeira');
    await page.getByRole('button', { name: 'Create' }).click();
    await page.getByRole('heading', { level: 1, name: 'madeira' }).waitFor();

    await page.getByRole('button', { name: 'Rename' }).click();
    await page.getByRole('textbox', { name: 'Name' }).fill('/team/madeira');
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByRole('heading', { level: 1, name: '/team/madeira' }).waitFor();
    await page.getByRole('button', { name: 'Describe' }).click();
    await page.getByRole('textbox', { name: 'Description' }).fill('Fortified.');
    await page.getByRole('button', { name: 'Save' }).click();
    await seeText(page, 'Fortified.');

    await page.getByRole('button', { name: 'Delete', exact: true }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click();
    await page.getByRole('heading', { level: 1, name: 'Experiments' }).waitFor();
    await expect.poll(() => page.getByRole('link', { name: 'madeira' }).count()).toBe(0);
    await page.getByRole('button', { name: 'Show deleted' }).click();
    await page.getByRole('button', { name: 'Restore /team/madeira' }).click();
    await page.getByText('No experiment was deleted').waitFor();
    await page.getByRole('button', { name: 'Show experiments' }).click();
    await page.getByRole('link', { name: 'madeira' }).waitFor();
  });

  it('is searched with the keyboard, like everything that has a name or an id', async () => {
    const client = createClient({ trackingUri: server.url });
    const { experimentId } = (await client.getExperimentByName('port'))!;
    const { runId } = await client.createRun(experimentId, { runName: 'tawny', startTime: Date.UTC(2026, 4, 17) });
    await client.createRegisteredModel('taster');
    await client.createModelVersion('taster', `runs:/${runId}/model`, { runId });
    const visitor = await browser.open(server.url);
    const { page } = visitor;
    const find = async (text: string, title: RegExp | string) => {
      await page.keyboard.press('Control+k');
      await page.getByRole('combobox', { name: /^Search/ }).fill(text);
      const hit = page.getByRole('option', { name: title });
      await hit.waitFor();
      return hit;
    };
    await find('TAST', /^taster/);
    await expectEveryLook(visitor, 'search');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { level: 1, name: 'taster' }).waitFor();
    await (await find('taster 1', 'taster version 1')).click();
    await page.getByRole('heading', { level: 1, name: 'taster version 1' }).waitFor();
    await find(runId.slice(0, 6), /^tawny/);
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { level: 1, name: 'tawny' }).waitFor();
    await find('sherry', /^\/team\/sherry/);
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { level: 1, name: '/team/sherry' }).waitFor();
    await page.keyboard.press('Control+k');
    await page.getByRole('combobox', { name: /^Search/ }).fill('nothing of this name');
    await page.getByText('Nothing has “nothing of this name” in its name').waitFor();
    await page.keyboard.press('Escape');
    await expect.poll(() => page.getByRole('dialog').count()).toBe(0);
  });
});
