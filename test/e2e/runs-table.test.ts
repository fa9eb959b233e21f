import type { Page } from 'playwright-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { createClient } from '../../src/client/index.ts';
import { withServer } from '../support/app.ts';
import { expectAccessible, expectEveryLook, withBrowser } from '../support/browser.ts';

const browser = withBrowser();

const started = Date.UTC(2026, 4, 17, 12);
const sweeps = 3;
const trials = 40;
const singles = 1_200;

describe('the runs table of an experiment with 1,323 runs', () => {
  const server = withServer('sqlite');
  let url = '';
  let experimentId = '';

  beforeAll(async () => {
    const client = createClient({ trackingUri: server.url });
    experimentId = await client.createExperiment('sweeps');
    url = `${server.url}/experiments/${experimentId}`;
    const log = async (runName: string, minute: number, lr: string, loss: number, parent?: string) => {
      const tags = parent === undefined ? {} : { 'mlflow.parentRunId': parent };
      const startTime = started - minute * 60_000;
      const { runId } = await client.createRun(experimentId, { runName, startTime, tags });
      await client.logBatch(runId, {
        params: [{ key: 'lr', value: lr }],
        metrics: [{ key: 'loss', value: loss, timestamp: startTime, step: 0 }],
      });
      return runId;
    };
    for (let sweep = 0; sweep < sweeps; sweep++) {
      const parent = await log(`sweep ${sweep}`, sweep, 'swept', 1);
      await client.logInputs(parent, {
        datasets: [{ name: 'wine', digest: `d1gest${sweep}`, sourceType: 'local', source: '{}', context: 'training' }],
      });
      await Promise.all(
        Array.from({ length: trials }, (_, i) => log(`trial ${sweep}.${i}`, 100 + i, '0.1', i / 10, parent)),
      );
    }
    for (let i = 0; i < singles; i += 50)
      await Promise.all(
        Array.from({ length: 50 }, (_, j) =>
          log(`single ${i + j}`, 1000 + i + j, (i + j) % 2 === 0 ? '0.01' : '0.001', 2),
        ),
      );
  }, 240_000);

  it('is accessible in every look, with runs picked', async () => {
    const visitor = await browser.open(url);
    const { page } = visitor;
    await page.getByText('1,203 runs, 120 more nested in them').waitFor();
    await page.getByRole('checkbox', { name: 'Select sweep 0' }).check();
    await page.getByText('1 run selected').waitFor();
    await expectEveryLook(visitor, 'runs-table');
  });

  it('draws what is in sight and fetches the rest on the way', async () => {
    const { page, complaints } = await browser.open(url);
    await page.getByText('sweep 0', { exact: true }).waitFor();
    expect(await page.locator('tbody tr').count()).toBeLessThan(100);
    await scrollTo(page, 1);
    await page.getByText('single 1199', { exact: true }).waitFor();
    await scrollTo(page, 0.5);
    await page.getByText('single 600', { exact: true }).waitFor();
    expect(await page.locator('tbody tr').count()).toBeLessThan(100);
    expect(complaints).toEqual([]);
  });

  it('needs less than 300 kB of JavaScript, and none that draws charts', async () => {
    const { page } = await browser.open('about:blank');
    const scripts = new Map<string, number>();
    page.on('response', (response) => {
      const { pathname } = new URL(response.url());
      if (pathname.endsWith('.js')) scripts.set(pathname, Number(response.headers()['content-length']));
    });
    await page.goto(url, { waitUntil: 'networkidle' });
    await page.getByText('sweep 0', { exact: true }).waitFor();
    const bytes = [...scripts.values()].reduce((sum, size) => sum + size, 0);
    expect(bytes).toBeGreaterThan(50_000);
    expect(bytes).toBeLessThan(300_000);
    expect([...scripts.keys()].filter((path) => /chart-canvas|uplot/i.test(path))).toEqual([]);
  });

  it('unfolds the runs that are nested in a run, and Back leads to the same table', async () => {
    const { page } = await browser.open(url);
    await page
      .getByRole('row', { name: /sweep 1/ })
      .getByRole('button', { expanded: false })
      .click();
    await page.getByText('trial 1.0', { exact: true }).waitFor();
    await page
      .getByRole('row', { name: /trial 1\.0 / })
      .getByRole('link')
      .first()
      .click();
    await page.getByRole('heading', { level: 1, name: 'trial 1.0' }).waitFor();
    await page.goBack();
    await page.getByText('trial 1.0', { exact: true }).waitFor();
  });

  it('completes names, operators and values of a query', async () => {
    const { page } = await browser.open(url);
    const box = page.getByRole('combobox', { name: 'Query runs' });
    await box.click();
    await box.pressSequentially('lr');
    await page.getByRole('option', { name: 'params.lr' }).waitFor();
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Enter');
    await expect.poll(() => box.inputValue()).toBe('params.lr ');
    await box.pressSequentially('= ');
    await page.getByRole('option', { name: "'0.001'" }).waitFor();
    await box.pressSequentially(
      "'0.001' AND (run_name = 'single 1' OR run_name = 'single 3' OR run_name = 'single 2')",
    );
    await box.press('Enter');
    await page.getByText('2 runs', { exact: true }).waitFor();
    expect(new URL(page.url()).searchParams.get('q')).toContain("params.lr = '0.001'");
  });

  it('groups all runs by a param, with the mean and spread of each metric', async () => {
    const { page, complaints } = await browser.open(url);
    await page.getByRole('button', { name: 'Group by' }).click();
    await page.getByRole('region', { name: 'Group by' }).getByRole('button', { name: 'lr' }).click();
    const group = page.getByRole('row', { name: /^0\.1 / });
    // The 120 trials lose from 0 to 3.9: mean 1.95, deviation 1.159.
    await expect.poll(() => group.textContent()).toBe('0.11201.95 ± 1.2');
    await page.getByRole('row', { name: /^0\.01 / }).waitFor();
    await expectAccessible(page);
    await group.getByRole('link').click();
    await page.getByText('120 runs', { exact: true }).waitFor();
    expect(complaints).toEqual([]);
  });

  it('shows the columns that were chosen, in the address, too', async () => {
    const { page } = await browser.open(url);
    await page.getByRole('button', { name: 'Columns' }).click();
    await page.getByRole('searchbox', { name: 'Find a column' }).fill('los');
    await page.getByRole('checkbox', { name: 'loss' }).uncheck();
    await expect.poll(() => page.getByRole('columnheader', { name: 'loss' }).count()).toBe(0);
    await page.getByRole('searchbox', { name: 'Find a column' }).fill('win');
    await page.getByRole('checkbox', { name: 'wine' }).check();
    await page.reload();
    await page.getByRole('columnheader', { name: 'lr' }).waitFor();
    await page
      .getByRole('row', { name: /sweep 0/ })
      .getByText('d1gest0 (training)')
      .waitFor();
    expect(await page.getByRole('columnheader', { name: 'loss' }).count()).toBe(0);
  });

  it('tags, deletes and restores the runs that are picked', async () => {
    const { page, complaints } = await browser.open(`${url}?q=${encodeURIComponent("params.lr = 'swept'")}`);
    await page.getByText('3 runs', { exact: true }).waitFor();
    await page.getByRole('checkbox', { name: 'Select sweep 0' }).check();
    await page.getByRole('checkbox', { name: 'Select sweep 2' }).check();
    const bar = page.getByRole('region', { name: 'Selected runs' });
    expect(await bar.getByRole('link', { name: 'Compare' }).getAttribute('href')).toMatch(/^\/compare\?runs=/);
    await bar.getByRole('button', { name: 'Tag' }).click();
    await page.getByRole('textbox', { name: 'Tag' }).fill('kept');
    await page.getByRole('textbox', { name: 'Value' }).fill('yes');
    await page.getByRole('button', { name: 'Set tag' }).click();
    await page.getByRole('columnheader', { name: 'kept' }).waitFor();

    await page.getByRole('checkbox', { name: 'Select sweep 0' }).check();
    await bar.getByRole('button', { name: 'Delete' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click();
    await page.getByText('2 runs', { exact: true }).waitFor();

    await page.getByRole('button', { name: 'View' }).click();
    await page.getByRole('checkbox', { name: 'Deleted runs' }).check();
    await page.getByText('1 run', { exact: true }).waitFor();
    await page.getByRole('checkbox', { name: 'Select all runs' }).check();
    await bar.getByRole('button', { name: 'Restore' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Restore' }).click();
    await page.getByText('No run answers this query').waitFor();
    expect(complaints).toEqual([]);
  });

  it('downloads the runs that are picked as CSV', async () => {
    const { page } = await browser.open(url, { acceptDownloads: true });
    await page.getByRole('checkbox', { name: 'Select sweep 0' }).check();
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('region', { name: 'Selected runs' }).getByRole('link', { name: 'CSV' }).click(),
    ]);
    const text = Buffer.concat(await (await download.createReadStream()).toArray()).toString();
    expect(text.trim().split(/\r?\n/)).toHaveLength(2);
    expect(text).toContain('sweep 0');
  });

  it('renews itself while it is live, and stands still when it is paused', async () => {
    const { page } = await browser.open(`${url}?q=${encodeURIComponent("run_name LIKE 'late%'")}`);
    await page.getByText('No run answers this query').waitFor();
    const client = createClient({ trackingUri: server.url });
    const { runId } = await client.createRun(experimentId, { runName: 'late 1', startTime: started });
    await page.getByText('late 1', { exact: true }).waitFor();
    await page.getByRole('button', { name: 'Live' }).click();
    await page.getByRole('button', { name: 'Paused' }).waitFor();
    expect(new URL(page.url()).searchParams.get('live')).toBe('off');
    await client.deleteRun(runId);
  });
});

/** Scrolls the table to a part of its height. */
const scrollTo = (page: Page, part: number) =>
  page
    .getByRole('region', { name: 'Runs', exact: true })
    .and(page.locator('section:has(> table)'))
    .evaluate((table, at) => table.scrollTo(0, table.scrollHeight * at), part);
