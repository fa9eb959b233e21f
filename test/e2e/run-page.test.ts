import { execFileSync } from 'node:child_process';
import type { Download, Page } from 'playwright-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { withServer } from '../support/app.ts';
import { expectAccessible, expectEveryLook, seeText, withBrowser } from '../support/browser.ts';
import { type LoggedRuns, logRuns } from './data/runs.ts';

const browser = withBrowser();
const server = withServer('sqlite');
let logged: LoggedRuns;
beforeAll(async () => {
  logged = await logRuns(server.url, { points: 1_000_000, nested: 500 });
}, 900_000);

describe('a run', () => {
  const pages = [
    { name: 'overview', path: () => `/runs/${logged.wines[2]}`, shows: ['0.977819', 'n_estimator', 'training', '133'] },
    {
      name: 'metrics',
      path: () => `/runs/${logged.long}?tab=metrics&smooth=0.9`,
      shows: ['2,500 of 1,000,000 points drawn', 'smoothed by 0.9', '1 value is not drawn: NaN or infinite'],
    },
    {
      name: 'artifacts',
      path: () => `/runs/${logged.long}?tab=artifacts&path=rows.csv`,
      shows: ['plots', 'Barolo, 2016', 'The first 500 rows are shown.'],
    },
    {
      name: 'models',
      path: () => `/runs/${logged.wines[2]}?tab=models`,
      shows: ['load_model("models:/m-', 'flavanoids', 'double', 'Input example', 'sklearn'],
    },
    {
      name: 'nested',
      path: () => `/runs/${logged.sweep}?tab=nested`,
      shows: ['trial 499', 'learning_rate', '100 runs so far', 'Compare the first 100 runs'],
    },
  ];
  it.each(pages)('shows its $name on a desk and a telephone, light and dark', async ({ name, path, shows }) => {
    const visitor = await browser.open(server.url + path());
    for (const words of shows) await seeText(visitor.page, words);
    await expectEveryLook(visitor, `run-${name}`);
  });
});

describe('the curves of a run', () => {
  it('keep everything that is chosen in the address, and Back undoes it', async () => {
    const { page, complaints } = await browser.open(`${server.url}/runs/${logged.long}?tab=metrics`);
    await seeText(page, '2,500 of 1,000,000 points drawn');
    await page.getByLabel('x axis').selectOption('Relative time');
    await page.getByLabel('Logarithmic y').check();
    await page.getByRole('button', { name: 'Metrics: 4 of 4' }).click();
    await page.getByRole('checkbox', { name: 'val/loss' }).uncheck();
    await page.keyboard.press('Escape');
    await page.getByLabel('In one chart').check();
    await page.getByRole('heading', { name: 'grad norm, loss, val/accuracy' }).waitFor();
    expect(Object.fromEntries(new URL(page.url()).searchParams)).toEqual({
      tab: 'metrics',
      axis: 'relative',
      log: 'y',
      metrics: 'grad%20norm,loss,val%2Faccuracy',
      chart: 'one',
    });
    await page.reload();
    await page.getByRole('heading', { name: 'grad norm, loss, val/accuracy' }).waitFor();
    await page.goBack();
    await page.goBack();
    await page.getByRole('button', { name: 'Metrics: 4 of 4' }).waitFor();
    expect(await page.getByLabel('Logarithmic y').isChecked()).toBe(true);
    expect(complaints).toEqual([]);
  });

  it('show every point of a part that is small enough', async () => {
    const { page } = await browser.open(`${server.url}/runs/${logged.long}?tab=metrics&metrics=loss&range=1000~2000`);
    await seeText(page, '1,001 points');
    await page.getByRole('button', { name: 'Show all of x' }).click();
    await seeText(page, '2,500 of 1,000,000 points drawn');
  });

  it('are read by the keyboard', async () => {
    const { page } = await browser.open(`${server.url}/runs/${logged.long}?tab=metrics&metrics=val%252Floss`);
    const chart = page.getByRole('slider', { name: 'Read val/loss' });
    await chart.focus();
    for (let i = 0; i < 60; i++) await page.keyboard.press('ArrowLeft');
    await expect.poll(() => chart.getAttribute('aria-valuetext')).toBe('Step 0: val/loss 2.1');
  });

  it('of a run that goes on grow, until they are paused', async () => {
    const made = await server.post('runs/create', { experiment_id: '0', run_name: 'going on', start_time: Date.now() });
    const runId = String(made.body['run']['info']['run_id']);
    const log = (step: number) =>
      server.post('runs/log-metric', { run_id: runId, key: 'loss', value: 1, timestamp: Date.now(), step });
    for (const step of [0, 1]) await log(step);
    const { page } = await browser.open(`${server.url}/runs/${runId}?tab=metrics`);
    await seeText(page, '2 points.');
    await log(2);
    await seeText(page, '3 points.');
    await page.getByRole('button', { name: 'Pause' }).click();
    expect(new URL(page.url()).searchParams.get('live')).toBe('off');
    await page.getByRole('button', { name: 'Go on live' }).waitFor();
  });
});

describe('the artifacts of a run', () => {
  const open = async (path: string) =>
    browser.open(`${server.url}/runs/${logged.long}?${new URLSearchParams({ tab: 'artifacts', path })}`);

  it('are shown by their kind', async () => {
    const { page, complaints } = await open('config.yaml');
    await seeText(page, 'trees: 100');
    await expectAccessible(page);
    for (const [file, words] of [
      ['log.txt', 'epoch 2'],
      ['numbers.json', '"id": 12345678901234567890,'],
      ['model.bin', 'There is no preview of this kind of file.'],
      ['long.txt', 'The first 512.0 KiB of 996.1 KiB are shown.'],
    ] as const) {
      await page.getByRole('button', { name: file }).click();
      await seeText(page, words);
      expect(new URL(page.url()).searchParams.get('path')).toBe(file);
    }
    await seeText(page, 'one line of many');
    expect(complaints).toEqual([]);
  });

  it('that are not there are said to be missing', async () => {
    const { page, complaints } = await open('none.txt');
    await seeText(page, 'There is no file at none.txt.');
    await expectAccessible(page);
    expect(complaints).toEqual([]);
  });

  it('show Markdown as it is meant, pictures, and an HTML page in a frame that can do nothing', async () => {
    const { page, complaints } = await open('notes.md');
    await page.getByRole('heading', { name: 'Notes', exact: true }).waitFor();
    await page.getByRole('cell', { name: '2' }).waitFor();
    await page.getByRole('button', { name: 'Open plots' }).click();
    await page.getByRole('button', { name: /^points.svg/ }).click();
    const picture = page.getByRole('img', { name: 'plots/points.svg' });
    await expect.poll(() => picture.evaluate((image) => Reflect.get(image, 'naturalWidth'))).toBe(320);
    await page.getByRole('button', { name: /^report.html/ }).click();
    await page.frameLocator('iframe').getByRole('heading', { name: 'A report' }).waitFor();
    expect(await page.locator('iframe').getAttribute('sandbox')).toBe('');
    await page.getByRole('button', { name: 'Let its scripts run' }).click();
    await page.frameLocator('iframe').getByRole('heading', { name: 'A report' }).waitFor();
    expect(await page.locator('iframe').getAttribute('sandbox')).toBe('allow-scripts');
    await page.goBack();
    await picture.waitFor();
    expect(complaints).toEqual([]);
  });

  it('download one by one, and a folder whole', async () => {
    const { page } = await open('plots');
    const zip = await downloaded(page, 'Download as zip');
    expect(zip.suggestedFilename()).toBe('plots.zip');
    const listed = execFileSync('python3', ['-m', 'zipfile', '-l', await zip.path()], { encoding: 'utf8' });
    expect(listed).toContain('points.svg');
    await page.getByRole('button', { name: /^config.yaml/ }).click();
    expect((await downloaded(page, 'Download')).suggestedFilename()).toBe('config.yaml');
  });
});

async function downloaded(page: Page, link: string): Promise<Download> {
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('link', { name: link, exact: true }).click(),
  ]);
  return download;
}

describe('the tags of a run', () => {
  it('are added, changed and deleted, with the refusal of the server in place', async () => {
    const { page, complaints } = await browser.open(`${server.url}/runs/${logged.wines[0]}`);
    await page.getByRole('button', { name: 'Add a tag' }).click();
    await page.getByRole('textbox', { name: 'Name' }).fill('team//wine');
    await page.getByLabel('Value').fill('vintners');
    await page.getByRole('button', { name: 'Save' }).click();
    await page
      .getByRole('dialog')
      .getByRole('alert')
      .getByText(/as a path it means .team\/wine/)
      .waitFor();
    await page.getByRole('textbox', { name: 'Name' }).fill('team');
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByRole('button', { name: 'Edit team' }).click();
    const value = page.getByLabel('Value');
    await value.fill('x'.repeat(9000));
    expect(await value.evaluate((area) => Reflect.get(area, 'validationMessage'))).toBe(
      'This is 9,000 characters long: at most 8,000 are kept.',
    );
    await value.fill('coopers');
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    await page.getByRole('list', { name: 'Tags' }).getByText('coopers').waitFor();
    await page.getByRole('button', { name: 'Edit team' }).click();
    await page.getByRole('button', { name: 'Delete this tag' }).click();
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    await expect.poll(() => page.getByRole('button', { name: 'Edit team' }).count()).toBe(0);
    // The browser itself reports the refused request on the console.
    expect(complaints.filter((said) => !said.includes('400'))).toEqual([]);
  });
});

it('an experiment leads by mouse alone to a model in Production and the lines that load it', async () => {
  const { page, complaints } = await browser.open(server.url);
  const { name: experiment } = (await server.get('experiments/get', { experiment_id: logged.experiment })).body
    .experiment;
  await page.getByRole('navigation', { name: 'Rooms' }).getByRole('link', { name: 'Experiments' }).click();
  await page.getByRole('heading', { level: 1, name: 'Experiments' }).waitFor();
  await page.getByRole('link', { name: experiment }).click();

  const rows = page.getByRole('region', { name: 'Runs', exact: true }).getByRole('row');
  const forests = rows.filter({ has: page.getByText(/^forest of /) });
  // The cells of a row are asked for once its columns are known.
  const accuracies = async () =>
    (await forests.allTextContents()).map((text) => /0\.7333|0\.9333|0\.9778/.exec(text)?.[0]).sort();
  await expect.poll(accuracies).toEqual(['0.7333', '0.9333', '0.9778']);

  await forests
    .filter({ hasText: 'forest of 100' })
    .getByRole('link', { name: /\d{4}, \d\d:\d\d/ })
    .click();
  await page.getByRole('heading', { level: 1, name: 'forest of 100, 0.5' }).waitFor();
  await page.getByRole('link', { name: 'Artifacts' }).click();
  await page.getByRole('button', { name: 'model', exact: true }).click();
  await page.getByRole('figure', { name: 'Python that loads the model model' }).waitFor();
  await page.getByRole('button', { name: 'Register model' }).click();
  await page.getByRole('combobox', { name: 'Registered model' }).fill('winetest');
  await page.getByRole('button', { name: 'Register', exact: true }).click();

  await page.getByRole('heading', { level: 1, name: 'winetest version 1' }).waitFor();
  await page.getByRole('button', { name: 'Change stage' }).click();
  await page.getByRole('combobox', { name: 'Stage' }).selectOption('Production');
  await page.getByRole('dialog').getByRole('button', { name: 'Change stage' }).click();
  await page.getByRole('heading', { level: 1, name: 'winetest version 1 Production' }).waitFor();
  await expect
    .poll(() => page.getByRole('figure', { name: 'Python that loads the model winetest version 1' }).textContent())
    .toContain('mlflow.pyfunc.load_model("models:/winetest/1")');
  expect(complaints).toEqual([]);
});
