import type { Page } from 'playwright-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { withServer } from '../support/app.ts';
import { expectEveryLook, seeText, withBrowser } from '../support/browser.ts';
import { type LoggedRuns, logRuns } from './data/runs.ts';

const browser = withBrowser();
const server = withServer('sqlite');
let logged: LoggedRuns;
/** Ids of some of the runs nested in the sweep. */
let trials: readonly string[];
beforeAll(async () => {
  logged = await logRuns(server.url, { points: 1000, nested: 40 });
  const found = await server.post('runs/search', {
    experiment_ids: [logged.training],
    filter: `tags.mlflow.parentRunId = '${logged.sweep}'`,
  });
  trials = found.body['runs'].map((run: { info: { run_id: string } }) => run.info.run_id);
}, 600_000);

const address = (runs: readonly string[], query: Record<string, string> = {}) =>
  `${server.url}/compare?${new URLSearchParams({ runs: runs.join(','), ...query })}`;
const query = (page: Page) => new URL(page.url()).searchParams;

describe('runs side by side', () => {
  const pages = [
    {
      name: 'table',
      path: () => address([...logged.wines, logged.long]),
      shows: ['Not comparable as they stand', 'n_estimator', '0.97778best', 'wine@'],
    },
    {
      name: 'parallel',
      path: () => address(trials, { tab: 'parallel' }),
      shows: ['learning_rate', 'entropy', '0.001'],
    },
    { name: 'scatter', path: () => address(trials, { tab: 'scatter' }), shows: ['criterion', 'accuracy', '0.8'] },
    {
      name: 'curves',
      path: () => address([logged.long, logged.wines[0] ?? ''], { tab: 'curves' }),
      shows: ['val/loss', '50 points', 'a long training'],
    },
    { name: 'nothing', path: () => `${server.url}/compare`, shows: ['No run is chosen', 'Add a run'] },
  ];
  it.each(pages)('stand in a $name on a desk and a telephone, light and dark', async ({ name, path, shows }) => {
    const visitor = await browser.open(path());
    for (const words of shows) await seeText(visitor.page, words);
    await expectEveryLook(visitor, `compare-${name}`);
  });

  it('show only what differs, or everything', async () => {
    const { page } = await browser.open(address(logged.wines));
    const table = page.getByRole('region', { name: 'Comparison' });
    await table.getByText('max_features').waitFor();
    expect(await table.getByText('bootstrap').count()).toBe(0);
    expect(await page.getByText('Not comparable').count()).toBe(0);
    await page.getByLabel('Differences only').uncheck();
    await table.getByText('bootstrap').waitFor();
    await page.getByLabel('Runs as rows').check();
    await table.getByRole('columnheader', { name: 'bootstrap' }).waitFor();
    expect(query(page).get('all')).toBe('yes');
    await page.goBack();
    await page.goBack();
    await expect.poll(() => table.getByText('bootstrap').count()).toBe(0);
  });

  it('are added by their name and removed again', async () => {
    const { page } = await browser.open(address(logged.wines.slice(0, 1)));
    await page.getByRole('button', { name: 'Add a run' }).click();
    await page.getByLabel('Name or id').fill('a long');
    await page.getByRole('button', { name: 'a long training' }).click();
    await page.getByRole('heading', { name: 'Compare 2 runs' }).waitFor();
    expect(query(page).get('runs')).toBe(`${logged.wines[0]},${logged.long}`);
    await page.getByRole('button', { name: 'Remove forest of 1, 0.1' }).click();
    await page.getByRole('heading', { name: 'Compare 1 runs' }).waitFor();
    expect(query(page).get('runs')).toBe(logged.long);
  });
});

describe('parallel coordinates', () => {
  const axes = (page: Page) => page.getByRole('group', { name: /^Axis / });
  const namesOf = (page: Page) => axes(page).allInnerTexts();

  it('are marked with the mouse, and the marked runs kept', async () => {
    const { page, complaints } = await browser.open(address(trials, { tab: 'parallel' }));
    const axis = page.locator('[data-axis="metrics.accuracy"]');
    await axis.waitFor();
    const box = (await axis.boundingBox())!;
    await page.mouse.move(box.x + box.width / 2, box.y + 4);
    await page.mouse.down();
    await page.mouse.move(box.x + box.width / 2, box.y + box.height / 3, { steps: 4 });
    await page.mouse.up();
    const says = await page.getByText(/\d+ of 40 runs are marked/).textContent();
    const marked = Number(/^\d+/.exec(says ?? '')?.[0]);
    expect(marked).toBeGreaterThan(0);
    expect(marked).toBeLessThan(40);
    expect(query(page).get('marks')).toMatch(/^metrics\.accuracy,0\.\d+,1\.000$/);
    await page.getByRole('button', { name: 'Keep only these' }).click();
    await page.getByRole('heading', { name: `Compare ${marked} runs` }).waitFor();
    await page.goBack();
    await page.getByRole('heading', { name: 'Compare 40 runs' }).waitFor();
    await page.getByRole('button', { name: 'Clear the marks' }).click();
    await expect.poll(() => query(page).has('marks')).toBe(false);
    expect(complaints).toEqual([]);
  });

  it('change their order by the mouse and by the keyboard', async () => {
    const { page } = await browser.open(address(trials, { tab: 'parallel' }));
    await expect.poll(() => namesOf(page)).toEqual(['criterion', 'depth', 'learning_rate', 'accuracy']);
    await axes(page).nth(2).dragTo(axes(page).nth(0));
    await expect.poll(() => namesOf(page)).toEqual(['learning_rate', 'criterion', 'depth', 'accuracy']);
    await page.getByRole('button', { name: 'criterion' }).press('Enter');
    await page.getByRole('button', { name: 'Move right' }).press('Enter');
    await page.keyboard.press('Escape');
    await expect.poll(() => namesOf(page)).toEqual(['learning_rate', 'depth', 'criterion', 'accuracy']);
    await page.getByRole('button', { name: 'learning_rate' }).click();
    expect(await page.getByLabel('Logarithmic').isChecked()).toBe(true);
    await page.getByLabel('Logarithmic').uncheck();
    expect(query(page).get('logs')).toBe(',');
  });

  it('lead to a run by its line', async () => {
    const { page } = await browser.open(address(trials, { tab: 'parallel' }));
    const line = page.getByRole('link', { name: /^trial 39: criterion gini, depth 6, / });
    await line.focus();
    await seeText(page, 'depth 6');
    await line.press('Enter');
    await page.getByRole('heading', { level: 1, name: 'trial 39' }).waitFor();
  });
});

it('draws runs by two of their values, each a link to its run', async () => {
  const { page } = await browser.open(address(trials, { tab: 'scatter' }));
  await page.getByLabel('x', { exact: true }).selectOption('learning_rate');
  await page.getByRole('link', { name: /^trial 39: learning_rate 0\.0019/ }).press('Enter');
  await page.getByRole('heading', { level: 1, name: 'trial 39' }).waitFor();
  await page.goBack();
  await page.getByRole('link', { name: /^trial 39: learning_rate/ }).waitFor();
  expect(query(page).get('x')).toBe('params.learning_rate');
});
