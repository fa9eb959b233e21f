import type { Page } from 'playwright-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { type TestServer, withServer } from '../support/app.ts';
import { expectAccessible, expectEveryLook, seeText, withBrowser } from '../support/browser.ts';

const browser = withBrowser();

describe('a server without runs', () => {
  const server = withServer('sqlite');

  it('shows the lines that log a first one', async () => {
    const visitor = await browser.open(server.url);
    const { page } = visitor;
    const lines = await page.getByRole('figure', { name: 'Python that logs a first run' }).textContent();
    expect(lines).toContain('import mlflow');
    expect(lines).toContain(`mlflow.set_tracking_uri("${server.url}")`);
    expect(lines).toContain('mlflow.log_metric(');
    await page.getByRole('link', { name: 'Default' }).waitFor();
    await expectEveryLook(visitor, 'first');
  });
});

describe('a server with runs', () => {
  const server = withServer('sqlite');
  let wine: Wine;
  beforeAll(async () => {
    wine = await logWine(server);
  });

  const pages = [
    { name: 'home', path: () => '/', shows: ['Latest runs', 'best forest', '/Users/me/', '0.9778', 'no runs'] },
    { name: 'experiments', path: () => '/experiments?q=WINE', shows: ['WineClassifier', 'forests of wine'] },
    {
      name: 'experiment',
      path: () => `/experiments/${wine.experimentId}`,
      shows: ['n_estimator', 'max_features', 'Accuracy', '0.97777', '0.97778', 'Wineforest', 'Failed', '3 runs'],
    },
    { name: 'run', path: () => `/runs/${wine.runId}`, shows: ['best forest', 'max_features', '0.5', 'F1', 'Models'] },
    { name: 'nowhere', path: () => '/models/wine/nowhere', shows: ['There is no page at /models/wine/nowhere'] },
  ];
  it.each(pages)('shows $name in every look', async ({ name, path, shows }) => {
    const visitor = await browser.open(server.url + path());
    for (const words of shows) await seeText(visitor.page, words);
    await expectEveryLook(visitor, name);
  });

  it('walks from the overview to a file of a run by keyboard alone', async () => {
    const { page, complaints } = await browser.open(server.url, { acceptDownloads: true });
    await page.keyboard.press('Tab');
    expect(await focused(page)).toBe('Skip to content');
    await page.keyboard.press('Enter');
    await tabTo(page, 'WineClassifier');
    expect(await page.evaluate('getComputedStyle(document.activeElement).outlineStyle')).toBe('solid');
    await page.keyboard.press('Enter');
    await page.getByRole('region', { name: 'Runs', exact: true }).waitFor();
    await tabTo(page, wine.day);
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { level: 1, name: 'best forest' }).waitFor();
    await tabTo(page, 'Artifacts');
    await page.keyboard.press('Enter');
    await tabTo(page, 'notes');
    await page.keyboard.press('Enter');
    await tabTo(page, 'readme.txt');
    await page.keyboard.press('Enter');
    await page.getByText('a note').waitFor();
    expect(new URL(page.url()).searchParams.get('path')).toBe('notes/readme.txt');
    await tabTo(page, 'Download');
    const [download] = await Promise.all([page.waitForEvent('download'), page.keyboard.press('Enter')]);
    const chunks = await (await download.createReadStream()).toArray();
    expect(Buffer.concat(chunks).toString()).toBe('a note');
    expect(complaints).toEqual([]);
  });

  it('shows how to load the model of a run', async () => {
    const { page } = await browser.open(`${server.url}/runs/${wine.runId}?tab=models`);
    const code = page.getByRole('figure', { name: 'Python that loads the model forest' }).locator('code');
    expect((await code.textContent())?.split('\n')).toEqual([
      'import mlflow',
      `mlflow.set_tracking_uri("${server.url}")`,
      `model = mlflow.pyfunc.load_model("models:/${wine.modelId}")`,
    ]);
  });

  it("asks MLflow's query and sorts, and Back returns to what was shown", async () => {
    const { page } = await browser.open(`${server.url}/experiments/${wine.experimentId}`);
    const names = async () =>
      (await page.locator('tbody tr td:nth-child(2)').allInnerTexts()).map((name) => name.trim());
    await expect.poll(names).toEqual(['best forest', 'middle forest', 'worst forest']);
    await page.getByRole('button', { name: 'Accuracy' }).click();
    await page.getByRole('button', { name: 'Accuracy' }).click();
    await page.locator('[aria-sort=ascending]').waitFor();
    await expect.poll(names).toEqual(['worst forest', 'middle forest', 'best forest']);
    const query = page.getByRole('combobox', { name: 'Query runs' });
    await query.fill('metrics.Accuracy > 0.9');
    await query.press('Enter');
    await expect.poll(names).toEqual(['middle forest', 'best forest']);
    await page.goBack();
    await expect.poll(names).toEqual(['worst forest', 'middle forest', 'best forest']);
    expect(await query.inputValue()).toBe('');
  });

  it('marks where a query cannot be read, and what was expected there', async () => {
    const { page } = await browser.open(`${server.url}/experiments/${wine.experimentId}?q=metrics.F1+%3E%3E+1`);
    const refusal = await server.post('runs/search', {
      experiment_ids: [wine.experimentId],
      filter: 'metrics.F1 >> 1',
      max_results: 1,
    });
    expect(refusal.status).toBe(400);
    await page.getByRole('alert').waitFor();
    expect(await page.getByRole('alert').count()).toBe(1);
    const words = await page.getByRole('alert').locator('p').textContent();
    expect(String(refusal.body['message'])).toContain(words);
    expect(await page.getByRole('alert').locator('mark').textContent()).toMatch(/^>/);
    const box = page.getByRole('combobox', { name: 'Query runs' });
    expect(await box.getAttribute('aria-invalid')).toBe('true');
    await expectAccessible(page);
    await page.getByRole('button', { name: 'Clear' }).click();
    await page.getByText('3 runs').waitFor();
  });

  it("says in the server's words that a run does not exist", async () => {
    const { page } = await browser.open(`${server.url}/runs/${'0'.repeat(32)}`);
    await page.getByRole('alert').waitFor();
    await seeText(page, 'RESOURCE_DOES_NOT_EXIST');
  });

  it("follows the links that MLflow's clients print", async () => {
    const { page } = await browser.open(`${server.url}/#/experiments/${wine.experimentId}/runs/${wine.runId}`);
    await page.getByRole('heading', { level: 1, name: 'best forest' }).waitFor();
    expect(new URL(page.url()).pathname).toBe(`/runs/${wine.runId}`);
    await expect.poll(() => page.title()).toBe('best forest · Cellar');
  });

  it('keeps the chosen colours', async () => {
    const { page, complaints } = await browser.open(server.url, { colorScheme: 'light' });
    const paper = () => page.evaluate('getComputedStyle(document.documentElement).backgroundColor');
    const light = await paper();
    await page.getByRole('button', { name: /^Colours: system/ }).click();
    await page.getByRole('button', { name: /^Colours: light/ }).click();
    const dark = await paper();
    expect(dark).not.toBe(light);
    await page.reload({ waitUntil: 'networkidle' });
    expect(await paper()).toBe(dark);
    await page.getByRole('button', { name: /^Colours: dark/ }).click();
    expect(await paper()).toBe(light);
    expect(complaints).toEqual([]);
  });
});

interface Wine {
  readonly experimentId: string;
  readonly manyId: string;
  readonly runId: string;
  readonly modelId: string;
  /** How the page writes the day of the best run. */
  readonly day: string;
}

/** The three wine runs with a model and files, an experiment of 104 runs, and one of none. */
async function logWine(server: TestServer): Promise<Wine> {
  const experimentId = await createExperiment(server, '/Users/me/WineClassifier');
  const started = Date.UTC(2026, 4, 17, 12);
  const forests = [
    { name: 'worst forest', accuracy: 0.7333, f1: 0.7309, trees: '1', features: '0.1', status: 'FAILED' },
    { name: 'middle forest', accuracy: 0.97777, f1: 0.9311, trees: '1', features: '0.5', status: 'RUNNING' },
    { name: 'best forest', accuracy: 0.97778, f1: 0.9778, trees: '100', features: '0.5', status: 'FINISHED' },
  ];
  let runId = '';
  for (const [i, forest] of forests.entries()) {
    runId = await createRun(server, experimentId, forest.name, started + i * 60_000);
    const metric = { timestamp: started, step: 0 };
    await must(
      server.post('runs/log-batch', {
        run_id: runId,
        metrics: [
          { key: 'Accuracy', value: forest.accuracy, ...metric },
          { key: 'F1', value: forest.f1, ...metric },
        ],
        params: [
          { key: 'n_estimator', value: forest.trees },
          { key: 'max_features', value: forest.features },
        ],
        tags: [{ key: 'model_name', value: 'Wineforest' }],
      }),
    );
    const end = forest.status === 'RUNNING' ? {} : { end_time: started + i * 60_000 + 3_400 };
    await must(server.post('runs/update', { run_id: runId, status: forest.status, ...end }));
  }
  const modelId = await logModel(server, experimentId, runId);
  await upload(server, `${experimentId}/${runId}/artifacts/notes/readme.txt`, 'a note');

  const manyId = await createExperiment(server, 'forests of wine');
  for (let i = 0; i < 104; i++) await createRun(server, manyId, `forest ${i}`, started - 86_400_000 - i * 1000);
  await createExperiment(server, 'an-experiment-with-a-name-that-does-not-end/'.repeat(4));
  return { experimentId, manyId, runId, modelId, day: '17 May 2026' };
}

async function logModel(server: TestServer, experimentId: string, runId: string): Promise<string> {
  const made = await must(
    server.post('logged-models', { experiment_id: experimentId, name: 'forest', source_run_id: runId }),
  );
  const modelId = String(made['model']?.['info']?.['model_id']);
  await upload(server, `${experimentId}/models/${modelId}/artifacts/MLmodel`, 'flavors: {}');
  await must(server.call('PATCH', `logged-models/${modelId}`, { model_id: modelId, status: 'LOGGED_MODEL_READY' }));
  await must(server.post('runs/outputs', { run_id: runId, models: [{ model_id: modelId, step: 0 }] }));
  return modelId;
}

const createExperiment = async (server: TestServer, name: string) =>
  String((await must(server.post('experiments/create', { name })))['experiment_id']);

async function createRun(server: TestServer, experimentId: string, name: string, startTime: number): Promise<string> {
  const made = await must(
    server.post('runs/create', { experiment_id: experimentId, run_name: name, start_time: startTime }),
  );
  return String(made['run']?.['info']?.['run_id']);
}

async function must(answer: ReturnType<TestServer['post']>) {
  const { status, body } = await answer;
  expect(body['message']).toBeUndefined();
  expect(status).toBe(200);
  return body;
}

async function upload(server: TestServer, path: string, text: string): Promise<void> {
  const url = `${server.url}/api/2.0/mlflow-artifacts/artifacts/${path}`;
  const { status } = await fetch(url, { method: 'PUT', body: text });
  expect(status).toBe(200);
}

const focused = (page: Page) =>
  page.evaluate<string>('(document.activeElement.innerText || document.activeElement.ariaLabel || "").trim()');

/** Presses Tab until something that says `words` has the focus. */
async function tabTo(page: Page, words: string): Promise<void> {
  const passed: string[] = [];
  while (passed.length < 60) {
    await page.keyboard.press('Tab');
    const text = await focused(page);
    const isOne = await page.evaluate<boolean>('document.activeElement.matches("a, button, input")');
    if (isOne && text.includes(words)) return;
    passed.push(text);
  }
  throw new Error(`Tab never came to '${words}', only to: ${passed.join(' | ')}`);
}
